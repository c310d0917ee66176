"""Remembers what a running lab was booted from; written when it is up, so also that it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .artefacts import Artefacts
from .cache import fingerprint
from .topology import GUESTS, Guest

_HERE = Path(__file__).parent
_SOURCES = [_HERE / name for name in ("guest", "images", "ingress", "nexus_standin")]


class State:
    """The record of a lab that came up.

    Args:
        file: Where it is kept.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def record(self, artefacts: Artefacts) -> None:
        """Note that the lab is up and what its guests were booted from."""
        bases = {g.name: [str(base) for base in artefacts.bases(g.docker_disk)] for g in GUESTS}
        self._file.write_text(json.dumps({"sources": fingerprint(_SOURCES), "bases": bases}))

    def forget(self) -> None:
        """Note that the lab is not up."""
        self._file.unlink(missing_ok=True)

    def recorded(self) -> bool:
        """Whether the lab came up."""
        return self._file.exists()

    def is_current(self) -> bool:
        """Whether the lab's sources are still those that it was made from."""
        return bool(self._read()["sources"] == fingerprint(_SOURCES))

    def bases(self, guest: Guest) -> list[Path]:
        """Disks that a guest of the running lab was booted from."""
        return [Path(base) for base in self._read()["bases"][guest.name]]

    def _read(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._file.read_text())
        return found
