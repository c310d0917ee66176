"""Says what the lab is doing: plain lines, each with the seconds that the step took."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()


def say(text: str) -> None:
    """Print one line on standard error; threads do not mix their lines."""
    with _lock:
        print(text, file=sys.stderr, flush=True)


@contextmanager
def step(done: str, doing: str = "") -> Iterator[None]:
    """Time a block and print one line when it has ended well.

    Args:
        done: What is so when the block has ended, as in "guests booted".
        doing: What to print first, for blocks that take long; nothing when empty.
    """
    if doing:
        say(f"lab          {doing}")
    start = time.monotonic()
    yield
    say(f"lab {time.monotonic() - start:6.1f} s {done}")
