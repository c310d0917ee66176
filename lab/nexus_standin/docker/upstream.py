"""Whether a proxy's upstream can be reached, and what it is known to lack."""

from __future__ import annotations

import socket
import threading
import time
from urllib.parse import urlsplit

_CONNECT_SECONDS = 5
_REMEMBER_SECONDS = 5


class Upstream:
    """The remote registry of one proxy.

    Args:
        url: Its address.
        blocked: The operator forbids asking it.
        missing_seconds: How long something that it lacks is not asked for again.
    """

    def __init__(self, url: str, *, blocked: bool, missing_seconds: float) -> None:
        parts = urlsplit(url)
        self._place = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        self._blocked = blocked
        self._missing_seconds = missing_seconds
        self._lock = threading.Lock()
        self._checked = 0.0
        self._reachable = False
        self._missing: dict[str, float] = {}

    def reachable(self) -> bool:
        """Tell whether it takes a connection; the result is good for a few seconds."""
        if self._blocked:
            return False
        with self._lock:
            if time.monotonic() - self._checked > _REMEMBER_SECONDS or not self._checked:
                self._reachable = self._connects()
                self._checked = time.monotonic()
            return self._reachable

    def lacks(self, path: str) -> bool:
        """Tell whether it is known to lack something."""
        return self._missing.get(path, 0.0) > time.monotonic()

    def remember_missing(self, path: str) -> None:
        """Note that it lacks something."""
        self._missing[path] = time.monotonic() + self._missing_seconds

    def forget(self) -> None:
        """Ask again for what it lacked."""
        self._missing.clear()

    def _connects(self) -> bool:
        try:
            socket.create_connection(self._place, timeout=_CONNECT_SECONDS).close()
        except OSError:
            return False
        return True
