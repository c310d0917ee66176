"""The shell that changes the NFS host: small scripts, each whole or without effect."""

from __future__ import annotations

from moorage.quoting import Script

__all__ = ["START", "Script", "directory", "export", "own_all"]

START = Script(
    "start nfs-server, now and at boot",
    "systemctl enable nfs-server.service >&2 && systemctl start nfs-server.service",
)


def directory(path: str, uid: int, mode: str) -> Script:
    """Make the data directory, or give an existing one its owner and mode; files stay as is."""
    # with a fifth digit, since GNU chmod leaves a directory's setuid and setgid bits otherwise
    body = """
    mkdir -p -- "$path" && chown -- "$uid:$uid" "$path" && chmod -- "0$mode" "$path"
    """
    return Script(f"own {path} by {uid}:{uid}", body, {"path": path, "uid": uid, "mode": mode})


def own_all(path: str, uid: int) -> Script:
    """Give all files below the data directory its owner."""
    body = """
    others() { find "$path" -xdev -mindepth 1 ! \\( -uid "$uid" -gid "$uid" \\) "$@"; }
    # what goes away meanwhile is no failure: what counts is whether any is left
    others -exec chown -h -- "$uid:$uid" {} + || [ -z "$(others -print -quit 2>/dev/null)" ]
    """
    return Script(f"own all files below {path} by {uid}:{uid}", body, {"path": path, "uid": uid})


def export(file: str, text: str, path: str, clients: list[str]) -> Script:
    """Write the export file beside, rename it, make it live, and undo that where it is not.

    Another file's mistake shows in ``exportfs -ra`` too: what counts is that our own path is
    live for all clients afterwards (``exportfs -s``). Only then is the former file let go.
    """
    body = """
    folder=$(dirname -- "$file")
    new=$folder/.moorage.new
    old=$folder/.moorage.old
    mkdir -p -- "$folder" && rm -f -- "$old" "$new" || exit 1
    if [ -e "$file" ]; then cp -p -- "$file" "$old" || exit 1; fi
    printf %s "$text" >"$new" && chmod 0644 "$new" && sync -- "$new" || exit 1
    restore() {
      if [ -e "$old" ]; then mv -f -- "$old" "$file"; else rm -f -- "$file"; fi
      rm -f -- "$new"
      exportfs -ra
    }
    trap 'restore; exit 1' HUP INT TERM
    mv -f -- "$new" "$file"
    said=$(exportfs -ra 2>&1); code=$?
    live=$(exportfs -s | grep -F -- "$path ")
    printf '%s\\n' "$clients" | while IFS= read -r client; do
      printf '%s\\n' "$live" | grep -qF -- " $client(" || exit 1
    done
    if [ "$?" -ne 0 ]; then
      restore >&2
      echo "exportfs did not take the export; the former file is back: $said" >&2
      exit 1
    fi
    trap - HUP INT TERM
    rm -f -- "$old"
    [ "$code" -eq 0 ] && [ -z "$said" ] || echo "note: exportfs says of other files: $said"
    """
    variables = {"file": file, "text": text, "path": path, "clients": clients}
    return Script(f"export {path} to {len(clients)} clients by {file}", body, variables)
