"""Values and numbers in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from moorage.change import Outcome


def count(number: int, word: str) -> str:
    """``1 change``, ``2 changes``."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def totals(outcomes: Sequence[Outcome]) -> str:
    """How many changes all steps have together, and what could not be told."""
    changed = [f"{one.step} {one.changes}" for one in outcomes if one.changes]
    unknown = [one.step for one in outcomes if one.unknown]
    failed = [one.step for one in outcomes if one.failure]
    number = sum(one.changes for one in outcomes)
    told = f"{count(number, 'change')} ({', '.join(changed)})" if changed else "no changes"
    told += f"; not known yet: {', '.join(unknown)}" if unknown else ""
    return told + (f"; could not be looked at: {', '.join(failed)}" if failed else "")


def shown(value: Any) -> str:
    """A field's value in words; ``absent`` for None."""
    if value is None:
        return "absent"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(str, value)) or "none"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
