"""The program that runs a guest, and what it needs besides on a processor newer than itself."""

from __future__ import annotations

import ctypes
from pathlib import Path

from ..cache import Cache
from ..process import run

KERNEL = "linux.uml"
_SOURCE = Path(__file__).with_name("whole_xstate.c")
_AT_MINSIGSTKSZ = 51
_KNOWN_FRAME_BYTES = 4096
"""A signal's frame holds all state of the processor: 3632 bytes with AVX-512, 11952 with AMX."""


def needs_library() -> bool:
    """Whether the processor has more state than the guests' kernel knows of (getauxval(3))."""
    return _signal_frame_bytes() > _KNOWN_FRAME_BYTES


def _signal_frame_bytes() -> int:
    return int(ctypes.CDLL(None).getauxval(_AT_MINSIGSTKSZ))


def library(cache: Cache) -> Path | None:
    """The library that lets the kernel run here, made where it is missing; None if needless.

    Raises:
        LabError: it could not be compiled.
    """
    if not needs_library():
        return None

    def build(out: Path) -> None:
        run(["cc", "-O2", "-Wall", "-shared", "-fPIC", "-o", out, _SOURCE, "-ldl"])

    return cache.make("whole_xstate.so", [_SOURCE], build)


def kernel_words(cache: Cache) -> list[str]:
    """The kernel as the beginning of a command line; its library has been made."""
    if not needs_library():
        return [KERNEL]
    return ["env", f"LD_PRELOAD={cache.path('whole_xstate.so', [_SOURCE])}", KERNEL]
