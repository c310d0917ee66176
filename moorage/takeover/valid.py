"""An inventory that was made from a running site, held against its own rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from moorage.config.schema.site import Site
from moorage.config.validate import site_from
from moorage.errors import InventoryError, Refused
from moorage.problem import Problem
from moorage.takeover.taken import Taken
from moorage.takeover.text import inventory_text

_MOST = 30
_NEEDED = {
    "schema", "hosts", "nexus", "registry", "storage", "ingress", "nexus.version", "nexus.domain",
    "registry.domain", "storage.export", "registry.repositories",
}  # fmt: skip
"""Keys without which there is no inventory."""


def valid(taken: Taken, path: Path, *, quietly: bool = False) -> Site:
    """The site; a value that the inventory's rules do not take is left out and named.

    Args:
        path: where the file is to be, for paths that are relative to it.
        quietly: look at what there would be, and leave ``taken`` as it is.

    Raises:
        Refused: it cannot be said at all.
    """
    whole = taken if not quietly else Taken(_copied(taken.data))
    for _ in range(_MOST):
        text = inventory_text(whole.data, {}, ())
        try:
            return site_from(path, text.encode())
        except InventoryError as failure:
            problem = failure.problems[0]
            if not _dropped(whole, problem):
                raise _untold(failure) from None
    raise Refused("the site is too far from what an inventory can say")


def _copied(value: Any) -> Any:
    return {key: _copied(item) for key, item in value.items()} if isinstance(value, dict) else value


def _dropped(taken: Taken, problem: Problem) -> bool:
    """Leave out the value that a problem is about."""
    part: Any = taken.data
    way: list[str] = []
    rest = problem.field
    while isinstance(part, dict) and rest:
        # names may have dots themselves
        key = next((key for key in sorted(part, key=len, reverse=True)
                    if rest == key or rest.startswith((f"{key}.", f"{key}["))), None)  # fmt: skip
        if key is None:
            break
        above, part = part, part[key]
        way.append(key)
        rest = rest[len(key) :].lstrip(".")
    if not way or ".".join(way) in _NEEDED or way[0] == "hosts":
        return False
    del above[way[-1]]
    taken.leave(f"{problem.field}: {problem.message}")
    return True


def _untold(failure: InventoryError) -> Refused:
    found = "; ".join(f"{problem.field}: {problem.message}" for problem in failure.problems)
    return Refused(
        f"the site cannot be written down as it is: {found}",
        hint="mend that at the site, or say it by a flag: fab --help import",
    )
