"""A status as lines for a person. Pure."""

from __future__ import annotations

from moorage.status.model import Row, Status

_SUBJECT = 13
_HEALTHY = "{stack} is healthy{warnings} ({seconds:.1f} s)"
_NOT = "{stack} is not healthy: {why} ({seconds:.1f} s)"
_MOST_WHY = 3
_LONGEST = 100


def last_line(status: Status) -> str:
    """Whether it is well, and why not."""
    if status.healthy:
        number = sum(row.level == "warning" for row in status.rows)
        warnings = f", {number} warning{'s' * (number != 1)}" if number else ""
        return _HEALTHY.format(stack=status.stack, warnings=warnings, seconds=status.seconds)
    why = list(status.why)
    more = f"; and {len(why) - _MOST_WHY} more" if len(why) > _MOST_WHY else ""
    told = "; ".join(_short(one) for one in why[:_MOST_WHY]) + more
    return _NOT.format(stack=status.stack, why=told, seconds=status.seconds)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def cells(rows: tuple[Row, ...]) -> list[tuple[str, str, str, str]]:
    """Level, subject, message and hint of each row; a subject is told once."""
    before, told = "", list[tuple[str, str, str, str]]()
    for row in rows:
        subject = "" if row.subject == before else row.subject
        before = row.subject
        told.append((row.level, f"{subject:{_SUBJECT}}", row.message, row.hint))
    return told
