"""Permissions as Nexus (Apache Shiro) writes them: parts between colons, ``*`` for any."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

ALL = "nexus:*"


def implies(granted: str, wanted: str) -> bool:
    """Tell whether a granted permission holds a wanted one.

    A part may list values between commas. Parts that the granted one lacks count as ``*``.
    """
    pairs = zip_longest(granted.split(":"), wanted.split(":"))
    return all(_part(mine, theirs) for mine, theirs in pairs)


def any_implies(granted: Iterable[str], wanted: str) -> bool:
    """Tell whether one of the granted permissions holds a wanted one."""
    return any(implies(permission, wanted) for permission in granted)


def _part(granted: str | None, wanted: str | None) -> bool:
    if granted is None or granted == "*":
        return True
    if wanted is None:
        return False
    return set(wanted.split(",")) <= set(granted.split(","))
