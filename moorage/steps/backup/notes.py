"""What a backup's plan tells besides its changes."""

from __future__ import annotations

from collections.abc import Iterator

from moorage.steps.backup.desired import BackupDesired
from moorage.steps.backup.generations import human
from moorage.steps.backup.observe import Export
from moorage.steps.backup.target import TargetObserved


def notes(wanted: BackupDesired, export: Export, target: TargetObserved) -> Iterator[str]:
    """What is to be known of a backup although nothing is done about it."""
    size = "has more than could be counted in a minute" if export.size is None else (
        f"has {human(export.size)}")  # fmt: skip
    yield f"{wanted.export} {size}"
    if target.free is not None:
        yield (f"{wanted.target.told} has {human(target.free)} free, of which "
               f"{human(wanted.floor)} stay free in any case")  # fmt: skip
    proven = [one for one in target.generations if one.proven]
    if target.generations and not proven:
        yield "no backup was ever proven: add --verify"
    if wanted.elsewhere:
        yield (f"{' and '.join(wanted.elsewhere)} is not in {wanted.export}, so it is in no "
               "backup: back it up by its own means, of the same moment")  # fmt: skip
