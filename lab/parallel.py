"""Does several things at once, and lets go of all of them when one fails or the user gives up."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from . import process

T = TypeVar("T")


@contextmanager
def threads() -> Iterator[ThreadPoolExecutor]:
    """Threads for a block; if it ends by an exception, the programs they run are ended too."""
    with ThreadPoolExecutor() as pool:
        try:
            yield pool
        except BaseException:
            with process.stopped():
                pool.shutdown(cancel_futures=True)
            raise


def wait(future: Future[T]) -> T:
    """Result of a future, waited for in short pieces, so that Ctrl-C is seen at once."""
    while not future.done():
        try:
            return future.result(timeout=0.5)
        except TimeoutError:
            continue
    return future.result()
