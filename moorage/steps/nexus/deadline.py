"""One time limit for everything that a step asks of a server."""

from __future__ import annotations

import time

from moorage.errors import Unreachable


class Deadline:
    """Runs from when it is made.

    Args:
        seconds: how long all may take together.
        key: the inventory's key that says so.
    """

    def __init__(self, seconds: float, key: str) -> None:
        self._seconds = seconds
        self._key = key
        self._end = time.monotonic() + seconds

    def left(self, most: float = float("inf")) -> float:
        """Seconds that are left, ``most`` at the most.

        Raises:
            Unreachable: none are.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise Unreachable(
                f"not done within {self._seconds:.0f} s",
                hint=f"run again to carry on, or give it longer: {self._key}",
            )
        return min(left, most)
