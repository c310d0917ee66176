"""Who runs this, on which machine: what a lock and a journal tell of a run."""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import os
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Identity:
    """Who runs this, from where.

    Args:
        who: account and machine, as ``alice@laptop``.
        origin: tells this machine, since its last start, from others of the same name.
    """

    who: str
    pid: int
    origin: str

    @classmethod
    def of_this_run(cls) -> Identity:
        return cls(f"{_account()}@{socket.gethostname()}", os.getpid(), origin())


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def origin() -> str:
    """Hash of what names this machine's present start and its process numbers (proc(5)).

    Empty where the system has no such thing: then nothing is known of another run's life.
    """
    boot = _text("/proc/sys/kernel/random/boot_id")
    if not boot:
        return ""
    told = [_text("/etc/machine-id"), boot]
    with contextlib.suppress(OSError):
        told.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""
