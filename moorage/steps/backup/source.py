"""Where a generation is read from: the export itself, or a snapshot of it."""

from __future__ import annotations

from dataclasses import dataclass

from moorage.quoting import Script
from moorage.steps.backup.desired import BackupDesired
from moorage.steps.backup.observe import SNAPSHOT, Export, place_for

_TAKE = """
[ ! -e "$snapshot" ] || btrfs subvolume delete -- "$snapshot" >&2 || exit 1
btrfs subvolume snapshot -r -- "$export" "$snapshot" >&2 && sync
"""
_REMOVE = """
[ ! -e "$snapshot" ] || btrfs subvolume delete -- "$snapshot" >&2
"""


@dataclass(frozen=True)
class Source:
    """What is copied.

    Args:
        path: the directory that is read; live: the export itself.
        snapshot: whether ``path`` is a snapshot (btrfs-subvolume(8)), so that Nexus stands still
            for no longer than it takes to make one; nested: why there is none.
    """

    path: str
    live: str
    snapshot: bool
    nested: str = ""

    @classmethod
    def of(cls, export: Export, wanted: BackupDesired) -> Source:
        """The best there is."""
        if not (wanted.snapshot and export.subvolume):
            return cls(wanted.export, wanted.export, snapshot=False)
        if export.nested:
            return cls(wanted.export, wanted.export, snapshot=False, nested=export.nested)
        path = place_for(SNAPSHOT, wanted.export, alone=export.alone)
        return cls(path, wanted.export, snapshot=True)

    @property
    def kind(self) -> str:
        return "snapshot" if self.snapshot else "copied"

    @property
    def told(self) -> str:
        """It in words for a plan."""
        if self.snapshot:
            return "a btrfs snapshot while Nexus stands still"
        why = f"; no snapshot, which would leave out {self.nested}" if self.nested else ""
        return (
            f"a copy while Nexus runs; Nexus stopped, what has changed copied, Nexus started{why}"
        )

    def _values(self) -> dict[str, str]:
        return {"export": self.live, "snapshot": self.path}

    def take(self) -> Script:
        """Make the snapshot; one that was left behind is made anew."""
        return Script(f"take the snapshot {self.path}", _TAKE, self._values())

    def remove(self) -> Script:
        """Remove the snapshot, where it is there."""
        return Script(f"remove the snapshot {self.path}", _REMOVE, self._values())
