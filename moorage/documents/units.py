"""Durations, sizes and shares of processors as a stack file has them."""

from __future__ import annotations

import re
from fractions import Fraction

_PART = r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)"
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0,
            "h": 3600.0}  # fmt: skip
_SIZE = re.compile(r"(\d+\.?\d*|\.\d+) ?(?:b|([kmgtp])(?:i?b)?)?", re.IGNORECASE | re.ASCII)
_POWERS = ("", "k", "m", "g", "t", "p")
_KIBI = 1024


def in_seconds(value: str | float) -> float:
    """A number of seconds, or a duration such as ``1h30m``, ``1.5s`` or ``500ms``.

    Raises:
        ValueError: it is none.

    Source: docker/cli, cli/compose/loader, which reads it by Go's ``time.ParseDuration``.
    """
    if not isinstance(value, str):
        return float(value)
    if value != "0" and not re.fullmatch(f"(?:{_PART})+", value, re.ASCII):
        raise ValueError(f'"{value}" is not a duration such as 30s, 1h30m or 500ms')
    # whole nanoseconds, as Docker counts: 1.1 s and 1100 ms are the same
    return round(sum(float(number) * _SECONDS[unit]
                     for number, unit in re.findall(_PART, value, re.ASCII)), 9)  # fmt: skip


def in_bytes(value: str | int) -> int:
    """A number of bytes, or a size such as ``512m``, ``1.5g`` or ``2GiB``, by powers of 1024.

    Raises:
        ValueError: it is none.

    Source: docker/cli, cli/compose/loader, which reads it by docker/go-units' ``RAMInBytes``.
    """
    if not isinstance(value, str):
        return value
    found = _SIZE.fullmatch(value)
    if not found:
        raise ValueError(f'"{value}" is not a size such as 512m or 4g')
    return int(float(found[1]) * _KIBI ** _POWERS.index((found[2] or "").lower()))


def in_cpus(value: str | float) -> float:
    """A number of processors, such as ``0.5`` or ``1/2``.

    Raises:
        ValueError: it is none.

    Source: docker/cli, opts, ``ParseCPUs``.
    """
    try:
        return float(Fraction(value))
    except (ValueError, ZeroDivisionError):
        raise ValueError(f'"{value}" is not a number of processors such as 0.5') from None
