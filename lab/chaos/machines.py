"""What a chaos run does to the guests, and time as it sees it: played in tests."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol


class Machines(Protocol):
    """The part of the lab that a chaos run needs; each call raises LabError where it fails."""

    def run(self, host: str, script: str, *, check: bool = True, timeout: float = 300.0) -> str:
        """Run a shell script in a guest as root; what it printed."""

    def exec(self, argv: Sequence[str], *, timeout: float = 300.0) -> str:
        """Run a program inside the lab's network; what it printed."""

    def kill(self, host: str) -> None:
        """Switch a guest off."""

    def boot(self, host: str) -> None:
        """Switch a guest on and wait for it; one that runs is left alone."""

    def cut(self, host: str, other: str | None = None) -> None:
        """Cut a guest off at the lab's bridge, from everything or from another guest."""

    def mend(self, host: str) -> None:
        """Connect a guest to everything again at the lab's bridge."""

    def forget(self, host: str) -> None:
        """Give up the open connections to a guest."""


def in_short(failure: Exception) -> str:
    """The first line of a failure and its last one, where a script stands between them."""
    first, *more = str(failure).strip().splitlines() or [repr(failure)]
    return f"{first} ... {more[-1].strip()}" if more else first


class Clock:
    """Seconds since the run began."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Have the run begin now."""
        self._begun = time.monotonic()

    def now(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._begun

    def sleep(self, seconds: float) -> None:
        """Wait; not at all where nothing is left to wait for."""
        time.sleep(max(0.0, seconds))
