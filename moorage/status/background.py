"""Work in the background that nobody waits for past one moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from moorage.errors import MoorageError, Unreachable

Given = TypeVar("Given")


class Begun(Generic[Given]):
    """Something that was begun.

    Args:
        work: runs in a daemon thread: whatever hangs in it does not keep the program from ending,
            as a pool's threads would.
    """

    def __init__(self, work: Callable[[], Given]) -> None:
        self._future: Future[Given] = Future()
        threading.Thread(target=self._run, args=(work,), daemon=True).start()

    def _run(self, work: Callable[[], Given]) -> None:
        try:
            self._future.set_result(work())
        except BaseException as failure:  # noqa: BLE001  raised again where it is waited for
            self._future.set_exception(failure)

    def within(self, clock: Clock, why: str) -> Given | MoorageError:
        """What came of it, or an error that says ``why`` where nothing has in time.

        An answer that nobody foresaw is one thing that is not known: the others are shown all the
        same.
        """
        try:
            return self._future.result(timeout=clock.left())
        except MoorageError as failure:
            return failure
        except Exception as failure:  # noqa: BLE001  told, and whatever needs it counts as unknown
            if isinstance(failure, TimeoutError) and not self._future.done():
                return Unreachable(why, hint="look again; what hangs is named beside")
            return MoorageError(f"not understood: {type(failure).__name__}: {failure}",
                                hint="see what is said there by hand")  # fmt: skip


class Clock:
    """The moment until which all is waited for.

    Args:
        seconds: from now.
    """

    def __init__(self, seconds: float) -> None:
        self._begun = time.monotonic()
        self._end = self._begun + seconds

    def left(self, less: float = 0.0) -> float:
        """Seconds until then, less some for what is to come; none where it is past."""
        return max(self._end - time.monotonic() - less, 0.0)

    def gone(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._begun
