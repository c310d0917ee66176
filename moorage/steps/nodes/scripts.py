"""The shell that changes a machine with Docker: small scripts, each whole or without effect."""

from __future__ import annotations

from dataclasses import dataclass

from moorage.quoting import Script
from moorage.steps import put
from moorage.steps.nodes.observe import CLIENT, DAEMON, HOSTS

_REMEMBER = f"""{put.SHELL}
remember "package $package"
"""
_PROOF = """
grep -qw -- "$filesystem" /proc/filesystems || modprobe -- "$module" ||
  { echo "the package is there, but the kernel has no $module" >&2; exit 1; }
"""


def install_client(
    home: str, distribution: str, kernel: tuple[str, str], proxy: str, *, prove: bool
) -> Script:
    """Install the NFS client.

    Args:
        kernel: the file system that volumes are of, and its module.
        proxy: HTTP proxy to fetch it by; empty for none.
        prove: fail where the kernel does not have its part.
    """
    filesystem, module = kernel
    return CLIENT.install(
        "install the NFS client", distribution, proxy=proxy,
        then=_REMEMBER + (_PROOF if prove else ""),
        home=home, filesystem=filesystem, module=module,
    )  # fmt: skip


def remove_client(home: str, distribution: str) -> Script:
    """Remove the NFS client, where nothing else needs the package."""
    return CLIENT.remove(
        "remove the NFS client", distribution,
        then=f'{put.SHELL}\nforget "package $package"', home=home,
    )  # fmt: skip


def certificate(home: str, path: str, text: str, digest: str) -> Script:
    """Write a CA beside and rename it; one that somebody else put there is kept aside.

    Args:
        digest: SHA-256 of the text.
    """
    body = f"""{put.SHELL}
    folder=$(dirname -- "$file")
    mkdir -p -- "$folder" || exit 1
    if [ -e "$file" ] && [ ! -e "$file.former" ] && ! grep -qF "ca $file " "$home/put" 2>/dev/null
    then cp -p -- "$file" "$file.former" || exit 1; fi
    printf %s "$text" >"$folder/.moorage.new" && chmod 0644 "$folder/.moorage.new" || exit 1
    remember "ca $file" "$digest" && mv -f -- "$folder/.moorage.new" "$file"
    """
    variables = {"home": home, "file": path, "text": text, "digest": digest}
    return Script(f"let Docker trust the CA by {path}", body, variables)


def remove_certificate(home: str, path: str, digest: str) -> Script:
    """Take a CA away that is still as it was written; one that it stood for comes back."""
    body = f"""{put.SHELL}
    [ "$(sha256sum <"$file" | cut -d ' ' -f 1)" = "$digest" ] || exit 1
    if [ -e "$file.former" ]; then mv -f -- "$file.former" "$file"; else rm -f -- "$file"; fi
    rmdir -- "$(dirname -- "$file")" 2>/dev/null
    forget "ca $file"
    """
    variables = {"home": home, "file": path, "digest": digest}
    return Script(f"take the CA out of {path}", body, variables)


def hosts_line(mark: str, line: str) -> Script:
    """Give /etc/hosts the one line that ends with a mark, or take it away.

    Args:
        line: empty to take it away.
    """
    body = """
    cp -p -- "$file" "$file.moorage" || exit 1
    awk -v mark="$mark" '
      length($0) < length(mark) || substr($0, length($0) - length(mark) + 1) != mark
    ' "$file" >"$file.moorage" || exit 1
    [ -z "$line" ] || printf '%s\\n' "$line" >>"$file.moorage" || exit 1
    sync -- "$file.moorage" && mv -f -- "$file.moorage" "$file"
    """
    summary = f"write our names into {HOSTS}" if line else f"take our names out of {HOSTS}"
    return Script(summary, body, {"file": HOSTS, "mark": mark, "line": line})


@dataclass(frozen=True)
class Configuration:
    """Texts of Docker's configuration.

    Args:
        before: as it was read; empty for no file.
        loaded: with which dockerd is told to read it again.
        after: what stays; empty for no file.
    """

    before: str
    loaded: str
    after: str


def daemon_json(home: str, texts: Configuration, mirror: str, gone: list[str]) -> Script:
    """Write Docker's configuration beside, check it, rename, reload and read back.

    What dockerd does not take is undone. A reload reads ``registry-mirrors`` anew and stops no
    container (docs.docker.com, "dockerd", "Configuration reload behavior"), but only where the key
    is in the file (moby, daemon/reload.go, reloadRegistryMirrors): so the last one is taken out by
    an empty list first. A key that is a flag of dockerd too would keep it from starting.

    Args:
        mirror: the entry that is to be there; empty for none.
        gone: those that are not to be there any more.
    """
    variables = {"home": home, "file": DAEMON, "before": texts.before, "loaded": texts.loaded,
                 "after": texts.after, "mirror": mirror, "gone": gone}  # fmt: skip
    summary = f"give Docker the mirror {mirror}" if mirror else f"take {gone[0]} from Docker"
    return Script(summary, put.SHELL + _DAEMON, variables)


_DAEMON = """
[ "$(cat -- "$file" 2>/dev/null)" = "$before" ] || { echo "$file has changed" >&2; exit 1; }
pid=$(cat /run/docker.pid /var/run/docker.pid 2>/dev/null | head -n 1)
if tr '\\0' '\\n' <"/proc/${pid:-self}/cmdline" | grep -q '^--registry-mirror'; then
  echo "dockerd is started with --registry-mirror: take the flag out of its unit first" >&2
  exit 1
fi
new=$file.moorage old=$file.moorage.former
mkdir -p -- "$(dirname -- "$file")" && rm -f -- "$new" "$old" || exit 1
if [ -e "$file" ]; then cp -p -- "$file" "$old" || exit 1; fi
write() {
  if [ -e "$old" ]; then cp -p -- "$old" "$new" || return 1; fi
  printf '%s\\n' "$1" >"$new" && sync -- "$new" && mv -f -- "$new" "$file"
}
put_back() {
  if [ -e "$old" ]; then mv -f -- "$old" "$file"; else rm -f -- "$file"; fi
  reload
  echo "the former $file is back; see: journalctl -u docker" >&2
  exit 1
}
reload() { systemctl reload docker.service 2>/dev/null || kill -HUP "$pid"; }
has() {
  printf '%s\\n' "$live" | grep -qxF -e "\\"$1\\"" -e "\\"$1/\\""
}
right() {
  live=$(timeout 20 docker info --format '{{json .RegistryConfig.Mirrors}}') || return 1
  live=$(printf %s "$live" | tr ',[]' '\\n\\n\\n')
  for one in $gone; do ! has "$one" || return 1; done
  [ -z "$mirror" ] || has "$mirror"
}
if dockerd --help 2>/dev/null | grep -q -e '--validate'; then
  (umask 077 && printf '%s\\n' "$loaded" >"$new") && dockerd --validate --config-file "$new" >&2
  valid=$?
  rm -f -- "$new"
  [ "$valid" -eq 0 ] || exit 1
fi
write "$loaded" || exit 1
reload
round=0
until right; do
  round=$((round + 1))
  [ "$round" -le 20 ] || { echo "dockerd did not take the mirror" >&2; put_back; }
  sleep 0.5
done
if [ -z "$after" ]; then rm -f -- "$file"
elif [ "$after" != "$loaded" ]; then write "$after" || put_back
fi
rm -f -- "$old"
for one in $gone; do forget "mirror $one"; done
[ -z "$mirror" ] || remember "mirror $mirror"
"""
