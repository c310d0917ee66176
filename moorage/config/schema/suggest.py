"""The known name that a mistyped one is close to."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggestion(word: str, known: Iterable[str], *, tell_all: bool = True) -> str:
    """`` (did you mean …?)`` where a known word is close, else what there is."""
    names = list(known)
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f" (did you mean {close[0]}?)"
    return f": known are {', '.join(names)}" if names and tell_all else ""
