"""Runs what goes on beside the faults, each in a thread of its own, until it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence


class Loop:
    """One thing done again and again, and once at least.

    Args:
        name: What it is called in the report.
        once: Does it once.
        pause: Seconds between two times.
    """

    def __init__(self, name: str, once: Callable[[], None], pause: float) -> None:
        self.name = name
        self.failure = ""
        self._once = once
        self._pause = pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Do it no more; what was begun goes on to its end."""
        self._stop.set()

    def join(self, patience: float) -> None:
        """Wait until what was begun is over.

        Args:
            patience: Seconds; afterwards it counts as broken.
        """
        if self._thread.ident is not None:
            self._thread.join(patience)
        if self._thread.is_alive():
            self.failure = f"had not ended after {patience:.0f} s"

    def _run(self) -> None:
        while True:
            try:
                self._once()
            except Exception as failure:  # noqa: BLE001
                self.failure = f"{type(failure).__name__}: {failure}"
                return
            if self._stop.wait(self._pause):
                return


def all_ended(loops: Sequence[Loop], patience: float) -> None:
    """Stop several loops and wait for each.

    Args:
        loops: Which.
        patience: Seconds for each.
    """
    for loop in loops:
        loop.stop()
    for loop in loops:
        loop.join(patience)
