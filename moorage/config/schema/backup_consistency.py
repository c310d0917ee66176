"""Contradictions between what an inventory says of backups and the rest of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moorage.config.schema.site import Site


def backup_contradictions(site: Site) -> Iterator[tuple[str, str]]:
    """All of them, each with the field it shows at and what would be right."""
    backup = site.backup
    if backup is None:
        return
    place, export = backup.place, site.storage.export
    if place.kind == "restic" and backup.password is None:
        yield "backup.password", "say by a reference what the repository's password is"
    local = place.kind == "directory" or place.path.startswith("/")
    if local and place.kind != "ssh" and _nested(place.path, export):
        yield "backup.to", f'"{place.path}" and the export {export} are not to lie in each other'


def _nested(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
