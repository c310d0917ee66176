"""Bodies field by field: what differs, and what is sent so that nothing else changes.

A wanted body has the fields that Moorage manages and no other; None in it means that a field is
to be absent. Leaves are named by their dotted path; lists are leaves.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from moorage.change import Difference
from moorage.steps.nexus.api import Body
from moorage.values import Secret

_ANY_CASE = {"storage.writePolicy"}
"""Lower case in documents up to 3.86, upper case from 3.87 on."""


def flat(body: Body, prefix: str = "") -> dict[str, Any]:
    """A body's leaves by dotted path."""
    leaves: dict[str, Any] = {}
    for key, item in body.items():
        if isinstance(item, Mapping):
            leaves.update(flat(dict(item), f"{prefix}{key}."))
        else:
            leaves[f"{prefix}{key}"] = item
    return leaves


def at(body: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path; None where there is nothing."""
    found: Any = body
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def compared(
    wanted: Body, seen: Mapping[str, Any], *, sets: Collection[str] = ()
) -> tuple[Difference, ...]:
    """The managed fields that the server has otherwise.

    Args:
        sets: paths of lists whose order means nothing.

    A secret is never given out, so it never differs.
    """
    return tuple(
        Difference(path, _told(before), _told(after))
        for path, after in flat(wanted).items()
        if not isinstance(after, Secret) and not _same(path, before := at(seen, path), after, sets)
    )


def _same(path: str, before: Any, after: Any, sets: Collection[str]) -> bool:
    if path in sets:
        return set(before or ()) == set(after or ())
    if path in _ANY_CASE:
        return str(before).lower() == str(after).lower()
    if _never_set(before) and _never_set(after):
        return True
    return type(before) is type(after) and bool(before == after)


def _never_set(value: Any) -> bool:
    """What Nexus gives for what was never set differs by version: null, false or empty."""
    return value is None or value is False or value in ([], "")


def _told(value: Any) -> Any:
    """A value as a plan shows it."""
    if isinstance(value, Mapping):
        return value.get("username") or value.get("type") or "set"
    return value


def merged(wanted: Body, seen: Mapping[str, Any], *, answers: Collection[str] = ()) -> Body:
    """What to PUT: it replaces the whole, so what is not managed goes back as it was read.

    Args:
        answers: keys that only answers have.
    """
    whole = present({key: item for key, item in copy.deepcopy(dict(seen)).items()
                     if key not in answers})  # fmt: skip
    _lay_over(whole, wanted)
    return present(whole)


def present(body: Body) -> Body:
    """A body without its nulls: Nexus reads an absent field as none."""
    return {
        key: present(item) if isinstance(item, dict) else item
        for key, item in body.items()
        if item is not None
    }


def _lay_over(whole: Body, wanted: Body) -> None:
    for key, item in wanted.items():
        if isinstance(item, dict) and isinstance(whole.get(key), dict):
            _lay_over(whole[key], item)
        else:
            whole[key] = item


def given(**fields: Any) -> Body:
    """The fields that the inventory says something of."""
    return {key: value for key, value in fields.items() if value is not None}


def secrets_in(body: Body) -> Iterator[str]:
    """Paths of the secrets in a body."""
    return (path for path, value in flat(body).items() if isinstance(value, Secret))
