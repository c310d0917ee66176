"""One place that knows how root's work is done as root and as a plain user."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

Words = list[str | Path]


def is_root() -> bool:
    """Whether this process is root on the machine."""
    return os.geteuid() == 0


def as_root(argv: Sequence[str | Path]) -> Words:
    """Words that run a program as root of a tree of files.

    A plain user becomes root of a user namespace with all his sub-ids (/etc/subuid), so that
    files of any owner can be unpacked and written into a disk image.
    """
    if is_root():
        return list(argv)
    return ["unshare", "--user", "--map-root-user", "--map-auto", "--", *argv]


def mmdebstrap_mode() -> str:
    """How mmdebstrap gets its root file system: really root, or by sub-ids."""
    return "root" if is_root() else "unshare"
