"""Log lines on standard output, each marked as the stand-in's."""

from __future__ import annotations

import sys
import time


def log(text: str, *, level: str = "INFO") -> None:
    """Write one line; several threads may do so at once."""
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    sys.stdout.write(f"{moment} {level} nexus-standin: {text}\n")
    sys.stdout.flush()


def warn(text: str) -> None:
    """Write one line that an operator should see."""
    log(text, level="WARN")
