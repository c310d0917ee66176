"""Keys, known hosts and an ssh-config of the bench's own, in its scratch folder."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BenchError


@dataclass(frozen=True)
class Login:
    """How every side logs in: as root, by one key, with checked host keys.

    Args:
        key: the private key file.
        known_hosts: the one file of known host keys.
        ssh_config: names both; nothing of the operator's own is read.
    """

    key: Path
    host_key: Path
    known_hosts: Path
    ssh_config: Path


def make_login(folder: Path, places: Sequence[tuple[str, int]]) -> Login:
    """Make the keys and files.

    Args:
        folder: where they go.
        places: address and port of every host, by every way to it.
    """
    login = Login(
        *(folder / name for name in ("user_key", "host_key", "known_hosts", "ssh_config"))
    )
    for key in (login.key, login.host_key):
        _make_key(key)
    shutil.copy(f"{login.key}.pub", folder / "authorized_keys")
    kind, text = Path(f"{login.host_key}.pub").read_text().split()[:2]
    login.known_hosts.write_text(
        "".join(f"[{address}]:{port} {kind} {text}\n" for address, port in places)
    )
    login.ssh_config.write_text(
        f"Host *\n  User root\n  IdentityFile {login.key}\n  IdentitiesOnly yes\n"
        f"  UserKnownHostsFile {login.known_hosts}\n  GlobalKnownHostsFile /dev/null\n"
        "  StrictHostKeyChecking yes\n  BatchMode yes\n"
    )
    return login


def _make_key(path: Path) -> None:
    if shutil.which("ssh-keygen") is None:
        raise BenchError("there is no ssh-keygen: install openssh-client")
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(argv, check=True)
