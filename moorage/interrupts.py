"""Ctrl-C and its like: the first ends the run in order, the second at once."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

from moorage.exit_codes import ExitCode

_SAME_SECONDS = 0.05
_ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@contextlib.contextmanager
def orderly() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end the body as Ctrl-C does, and a second one end the process.

    A second signal while the first is still being seen to does not wait for anything.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    first: list[float] = []

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        # one press may come twice: from the terminal, and from the program around this one
        if first and now - first[0] > _SAME_SECONDS:
            os._exit(int(ExitCode.INTERRUPTED))
        if not first:
            first.append(now)
            raise KeyboardInterrupt

    former = {number: signal.signal(number, interrupt) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
