"""The lock that keeps a second process off a data directory.

Nexus locks the first byte of ``/nexus-data/lock`` (NexusFileLock.java). It is a POSIX byte lock,
which an NFSv4 server holds for its clients: it keeps out a process on another host too, and it
ends with the process or, after a host died, with the server's lease.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class DataDirectoryInUse(Exception):
    """Another process holds the data directory; the text is the one that Nexus prints."""

    def __init__(self, data: Path) -> None:
        super().__init__(f"Nexus data directory already in use: {data}")


class DataDirectoryLock:
    """Holds a data directory until the process ends.

    Raises:
        DataDirectoryInUse: Another process holds it.
        OSError: It cannot be written, or its file system keeps no locks.

    The file stays open on purpose: closing any descriptor of it would give the lock up.
    """

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1)
        except (BlockingIOError, PermissionError) as error:
            os.close(self._descriptor)
            raise DataDirectoryInUse(data) from error

    def release(self) -> None:
        """Give the directory up."""
        os.close(self._descriptor)
