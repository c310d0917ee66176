"""Sizes and moments in words."""

from __future__ import annotations

from datetime import datetime

from moorage.lock import clock_time

_UNIT = 1024
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def size(number: int | None) -> str:
    """Bytes by 1024, such as ``1.2 GiB``."""
    if number is None:
        return "size not known"
    value, unit = float(number), 0
    while value >= _UNIT and unit < len(_UNITS) - 1:
        value, unit = value / _UNIT, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{number} B"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, such as ``3 d ago``."""
    seconds = max((now - moment).total_seconds(), 0)
    for unit, word in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= unit:
            return f"{seconds // unit:.0f} {word} ago"
    return "just now"


def clock_of(moment: str) -> str:
    """A moment in ISO 8601 as this machine's clock shows it."""
    return clock_time(moment)
