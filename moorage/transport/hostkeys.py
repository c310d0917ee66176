"""SSH host keys are checked: unknown ones refused with their fingerprint, changed ones always."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import paramiko

from moorage.errors import HostKeyRefused


def fingerprint(key: paramiko.PKey) -> str:
    """A key's SHA256 fingerprint as OpenSSH prints it."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


class UnknownHostKeyError(paramiko.SSHException):
    """The server showed a key that no known_hosts file has."""

    def __init__(self, hostname: str, key: paramiko.PKey) -> None:
        super().__init__(f"{hostname} has an unknown key")
        self.hostname = hostname
        self.key = key


class _Refuse(paramiko.MissingHostKeyPolicy):
    def missing_host_key(
        self,
        client: paramiko.SSHClient,  # noqa: ARG002
        hostname: str,
        key: paramiko.PKey,
    ) -> None:
        raise UnknownHostKeyError(hostname, key)


def refuse_unknown_keys(connection: Any, files: Sequence[Path]) -> list[Path]:
    """Let a Fabric connection, and each it goes through, accept only keys of these files.

    Fabric's own default accepts any key (fabric/fabric issue 2071).

    Returns:
        The files that are there, ssh-config's ``UserKnownHostsFile`` included.
    """
    named = str(connection.ssh_config.get("userknownhostsfile", "")).split()
    paths = dict.fromkeys((*files, *(Path(name).expanduser() for name in named)))
    known = [path for path in paths if path.is_file()]
    hop = connection
    while hop is not None and not isinstance(hop, str):
        hop.client.set_missing_host_key_policy(_Refuse())
        for path in known:
            _load(hop.client.get_host_keys(), path, _lookup_name(hop.host, hop.port))
        hop = hop.gateway or None
    return known


def _lookup_name(host: str, port: int) -> str:
    """How known_hosts writes a host; sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"."""
    return host if port == paramiko.config.SSH_PORT else f"[{host}]:{port}"


def _load(keys: paramiko.HostKeys, path: Path, name: str) -> None:
    """Add the keys that a file has for one host.

    paramiko's own ``load`` makes a key of every line and looks each up among those before it:
    seconds a host where the file has a thousand hashed names.
    """
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        names = line.split(None, 1)[:1]
        if not names or not any(_means(entry, name) for entry in names[0].split(",")):
            continue
        with contextlib.suppress(paramiko.SSHException, paramiko.hostkeys.InvalidHostKey):
            entry = paramiko.hostkeys.HostKeyEntry.from_line(line.strip(), number)
            # the first of a kind counts, as with paramiko's own
            if entry and entry.key and entry.key.get_name() not in (keys.lookup(name) or {}):
                keys.add(name, entry.key.get_name(), entry.key)


def _means(entry: str, name: str) -> bool:
    """Whether an entry of known_hosts is a name, in clear or hashed (ssh-keygen -H)."""
    if not entry.startswith("|1|"):
        return entry == name
    try:
        return paramiko.HostKeys.hash_host(name, entry) == entry
    except (ValueError, IndexError, AssertionError):
        return False


@contextlib.contextmanager
def reported_host_keys(host: str, known: Sequence[Path]) -> Iterator[None]:
    """Turn what paramiko says of host keys into one clear refusal.

    Raises:
        HostKeyRefused: the key is unknown, or another one is known.
    """
    try:
        yield
    except paramiko.BadHostKeyException as cause:
        raise HostKeyRefused(
            f"the host key of {cause.hostname} has changed: known is "
            f"{fingerprint(cause.expected_key)}{_place(cause, known)}, "
            f"received was {fingerprint(cause.key)}",
            host=host,
            hint="someone may be in between; if the host was made anew, take the old line out, "
            "then: fab doctor --trust-host-keys",
        ) from cause
    except UnknownHostKeyError as cause:
        looked = ", ".join(str(path) for path in known) or "no known_hosts file"
        raise HostKeyRefused(
            f"the host key of {cause.hostname} is unknown: {cause.key.get_name()} "
            f"{fingerprint(cause.key)} (looked in {looked})",
            host=host,
            hint="compare the fingerprint with the host's own (ssh-keygen -lf "
            "/etc/ssh/ssh_host_ed25519_key.pub), then: fab doctor --trust-host-keys",
        ) from cause


def _place(cause: paramiko.BadHostKeyException, known: Sequence[Path]) -> str:
    wanted = cause.expected_key.get_base64()
    for path in known:
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if wanted in line:
                return f" ({path}:{number})"
    return ""


def trust(path: Path, hostname: str, key: paramiko.PKey) -> None:
    """Add a host's key to a known_hosts file, which is made if need be."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = f"{hostname} {key.get_name()} {key.get_base64()}\n"
    with path.open("ab+") as file:
        before = file.tell()
        file.seek(max(before - 1, 0))
        # an editor may have left the last line without its end
        file.write((b"" if file.read() in {b"", b"\n"} else b"\n") + line.encode())
