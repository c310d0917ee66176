"""Puts together the command line of a User-Mode Linux guest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .topology import GATEWAY, PREFIX_LENGTH, Guest, names

BAKE_MEMORY_MIB = 2048


@dataclass(frozen=True)
class Disks:
    """A guest's disks: prepared images, and where its own changes to them go.

    Attributes:
        bases: Read-only images, the root disk first, then the one for /var/lib/docker.
        changes: Copy-on-write file for each of them.
    """

    bases: tuple[Path, ...]
    changes: tuple[Path, ...]

    def words(self) -> list[str]:
        """Kernel parameters for these disks."""
        pairs = zip(self.changes, self.bases, strict=True)
        return [f"ubd{index}={change},{base}" for index, (change, base) in enumerate(pairs)]


def guest_words(
    kernel: Sequence[str], guest: Guest, disks: Disks, sockets: Path, share: Path
) -> list[str]:
    """Program and arguments that boot a guest of the running lab.

    Args:
        kernel: How it is started.
        guest: Whom to boot.
        disks: Its disks.
        sockets: Directory for the guest's management socket; a short path.
        share: The only directory of the host that the guest can mount (hostfs).
    """
    served = ",".join(f"{name}:{address}" for name, address in names().items())
    machine_id = hashlib.sha256(f"moorage lab {guest.name}".encode()).hexdigest()[:32]
    return [
        *kernel,
        f"umid=lab-{guest.name}",
        f"uml_dir={sockets}/",
        f"mem={guest.memory_mib}M",
        *disks.words(),
        *_ROOT,
        f"hostfs={share}",
        f"eth0=tuntap,{guest.tap},{guest.mac}",
        *_CONSOLE,
        "quiet",
        "loglevel=4",
        "fsck.mode=skip",
        "systemd.show_status=0",
        f"systemd.machine_id={machine_id}",
        f"lab.host={guest.name}",
        f"lab.address={guest.address}/{PREFIX_LENGTH}",
        f"lab.gateway={GATEWAY}",
        f"lab.names={served}",
        *(f"systemd.wants={unit}" for unit in guest.wants),
    ]


def bake_words(
    kernel: Sequence[str], root: Path, change: Path, docker: Path, sockets: Path, seed: Path
) -> list[str]:
    """Program and arguments that load image archives into a disk for /var/lib/docker.

    Args:
        kernel: How it is started.
        root: Root disk, left as it is.
        change: Copy-on-write file for it, of no use afterwards.
        docker: The disk to fill; written to directly.
        sockets: Directory for the management socket; a short path.
        seed: Directory with the archives.
    """
    return [
        *kernel,
        f"umid=bake-{docker.name[-12:]}",
        f"uml_dir={sockets}/",
        f"mem={BAKE_MEMORY_MIB}M",
        f"ubd0={change},{root}",
        f"ubd1={docker}",
        *_ROOT,
        f"hostfs={seed}",
        *_CONSOLE,
        "loglevel=3",
        "init=/usr/local/sbin/lab-bake",
    ]


_ROOT: Sequence[str] = ("root=/dev/ubda", "rw", "selinux=0", "apparmor=0")
_CONSOLE: Sequence[str] = ("con=null", "con0=null,fd:1")
