"""What a look at a site finds: plain data, in the shape that ``docs/status.schema.json`` tells.

None stands for what is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from moorage.status.machines import Export, HostSeen, Mount, NodeSeen, ServiceSeen, TaskSeen
from moorage.steps.pending_upgrade import UnderWay

Level = Literal["ok", "warning", "failure", "unknown"]
"""``failure`` and ``unknown`` are not healthy; a warning may hurt one day."""


@dataclass(frozen=True)
class Row:
    """One thing that was looked at, in words.

    Args:
        subject: what, in one word.
        message: what was found.
        hint: what to do; never empty unless all is well.
    """

    level: Level
    subject: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class NexusSeen:
    """Nexus by its public name.

    Args:
        writable: None where nobody could ask.
        phase: what was met, in words.
    """

    url: str
    writable: bool | None = None
    phase: str = ""
    version: str | None = None
    edition: str = ""


@dataclass(frozen=True)
class RepositorySeen:
    """A Docker repository; Nexus tells sizes from 3.94 on."""

    name: str
    type: str
    online: bool | None = None
    size_bytes: int | None = None


@dataclass(frozen=True)
class BlobStoreSeen:
    """Where repositories keep their files."""

    name: str
    blobs: int | None = None
    size_bytes: int | None = None
    available_bytes: int | None = None


@dataclass(frozen=True)
class CertificateSeen:
    """A certificate that a public name shows, or a CA of this machine.

    Args:
        ends: ISO 8601.
        days: whole days left; negative once it has ended.
        well: whether nothing is wrong with it.
    """

    name: str
    subject: str
    issuer: str
    ends: str
    days: int
    well: bool = True


@dataclass(frozen=True)
class BackupSeen:
    """A backup, or the proof of one.

    Args:
        at: when it was made or proven, ISO 8601.
    """

    name: str
    at: str
    bytes: int | None = None
    kind: str = ""
    where: str = ""


@dataclass(frozen=True)
class Backups:
    """What was recorded of backups on a manager; both None where there are none.

    Args:
        known: whether the record could be read at all.
    """

    known: bool = False
    last: BackupSeen | None = None
    proven: BackupSeen | None = None


@dataclass(frozen=True)
class LockSeen:
    """A host that is locked, by whom and for what."""

    host: str
    who: str
    since: str
    doing: str
    age_seconds: int
    stale: bool
    told: str


@dataclass(frozen=True)
class DriftStep:
    """One step's plan, counted.

    Args:
        changes: None where it cannot be known.
        reason: why not.
    """

    step: str
    changes: int | None
    reason: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything that was seen."""

    hosts: tuple[HostSeen, ...] = ()
    export: Export | None = None
    mounts: tuple[Mount, ...] = ()
    swarm: str = ""
    """Why the Swarm is not known; empty where it is."""
    nodes: tuple[NodeSeen, ...] = ()
    relocates: bool = True
    """Whether ``fab relocate`` may move Nexus, as the inventory is."""
    service: ServiceSeen | None = None
    tasks: tuple[TaskSeen, ...] = ()
    image_wanted: str | None = None
    nexus: NexusSeen | None = None
    repositories: tuple[RepositorySeen, ...] | None = None
    blob_stores: tuple[BlobStoreSeen, ...] | None = None
    repositories_unknown: str = ""
    """Why repositories are not known."""
    certificates: tuple[CertificateSeen, ...] = ()
    certificate_rows: tuple[Row, ...] = ()
    backups: Backups = field(default_factory=Backups)
    under_way: Mapping[str, UnderWay] = field(default_factory=dict)
    """What is not over, by the manager that it was begun through."""
    locks: tuple[LockSeen, ...] = ()
    drift: tuple[DriftStep, ...] = ()


@dataclass(frozen=True)
class Status:
    """A look at a site and what is to be made of it.

    Args:
        at: when it began, ISO 8601.
        seconds: how long it took.
        exit_code: by the table in the README.
    """

    site: str
    stack: str
    at: str
    seconds: float
    facts: Facts
    rows: tuple[Row, ...]
    exit_code: int

    @property
    def healthy(self) -> bool:
        return self.exit_code == 0

    @property
    def why(self) -> tuple[str, ...]:
        """What keeps it from being healthy."""
        return tuple(f"{row.subject}: {row.message}" for row in self.rows
                     if row.level in ("failure", "unknown"))  # fmt: skip
