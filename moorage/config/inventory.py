"""Finds the inventory that is meant, and reads it into a site."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from moorage.config.paths import shown
from moorage.errors import Refused

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

FILE_NAME = "site.yml"
SCHEMA = "docs/site.schema.json"
"""What editors read, from the project's folder."""
VARIABLE = "MOORAGE_INVENTORY"
SHIPPED = ("example", "lab", "seed")
"""Inventories that come with the project; never chosen unless named."""


def load_site(choice: str | None, *, root: Path, environ: Mapping[str, str]) -> Site:
    """Read the inventory that is meant.

    Args:
        choice: a name under ``inventories``, a ``site.yml`` or its folder; None for the one of
            ``MOORAGE_INVENTORY``, else the only one that did not come with the project.
        root: the project's folder, which has ``inventories``.
        environ: the environment.

    Raises:
        Refused: no inventory, or not clear which.
        InventoryError: mistakes in it, all at once.
    """
    from moorage.config.validate import MOST_BYTES, site_from

    path = locate(choice, root=root, environ=environ)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Refused(f"{shown(path)} cannot be read: {reason}") from error
    return site_from(path, content)


def available(root: Path) -> list[str]:
    """Names of the inventories in the project's folder."""
    return sorted(path.parent.name for path in (root / "inventories").glob(f"*/{FILE_NAME}"))


def editor_line(path: Path, root: Path) -> str:
    """The comment by which editors find the schema of an inventory.

    Args:
        path: the inventory's file.
        root: the project's folder.
    """
    way = os.path.relpath(root.absolute() / SCHEMA, path.absolute().parent)
    return f"yaml-language-server: $schema={way}"


def locate(choice: str | None, *, root: Path, environ: Mapping[str, str]) -> Path:
    """The file of the inventory that is meant; arguments and errors as in :func:`load_site`."""
    if choice:
        return _named(choice, root, "--inventory")
    if environ.get(VARIABLE):
        return _named(environ[VARIABLE], root, VARIABLE)
    own = [name for name in available(root) if name not in SHIPPED]
    if len(own) == 1:
        return root / "inventories" / own[0] / FILE_NAME
    problem = "there is more than one inventory" if own else "there is no inventory of yours yet"
    hint = _how_to_choose(own) if own else (
        "make one with inv new-site prod, or copy inventories/example to inventories/prod, "
        f"or name one with --inventory or {VARIABLE}: {_listed(root)}"
    )  # fmt: skip
    raise Refused(f"{problem}: {', '.join(own)}" if own else problem, hint=hint)


def _named(choice: str, root: Path, origin: str) -> Path:
    by_name = root / "inventories" / choice / FILE_NAME
    name = "/" not in choice and choice not in (".", "..")
    if name and by_name.is_file():
        return by_name
    typed = Path(choice).expanduser()
    for path in (typed / FILE_NAME, typed):
        if path.is_file():
            return path
    if name and by_name.parent.is_dir():
        raise Refused(f"{shown(by_name.parent)} has no {FILE_NAME}", hint=_copy(choice))
    close = get_close_matches(choice, available(root), n=1)
    meant = f" (did you mean {close[0]}?)" if close else ""
    raise Refused(
        f'{origin}: there is no inventory "{choice}"{meant}',
        hint=f"a name, or the path of a {FILE_NAME}; there are: {_listed(root)}",
    )


def _how_to_choose(names: list[str]) -> str:
    return f"say which: --inventory {names[0]}, or {VARIABLE}={names[0]} in the environment"


def _copy(name: str) -> str:
    return f"cp inventories/example/{FILE_NAME} inventories/{name}/{FILE_NAME}, and edit it"


def _listed(root: Path) -> str:
    return ", ".join(available(root)) or "none"
