"""Times and sizes as Swarm has them, in the inventory's forms; pure."""

from __future__ import annotations

_MINUTE, _HOUR = 60, 3600
_UNITS = ((1024**3, "g"), (1024**2, "m"), (1024, "k"))


def duration(seconds: float) -> str | None:
    """Such as ``1h30m``; None where it is no whole number of seconds."""
    whole = int(seconds)
    if whole != seconds or whole < 0:
        return None
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    text = "".join(f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (left, "s"))
                   if count)  # fmt: skip
    return text or "0s"


def size(count: int) -> str | None:
    """Such as ``512m``, by 1024; None where no unit fits."""
    return next((f"{count // factor}{unit}" for factor, unit in _UNITS
                 if count and not count % factor), None)  # fmt: skip
