"""What the inventory asks of backups, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from moorage.steps.backup.generations import Rule
from moorage.values import Secret

LEFT_OUT = (
    *(f"/{name}/*" for name in ("cache", "tmp", "log", "elasticsearch", "generated-bundles")),
    "/lock",
    "/*.pid",
    "/.moorage*",
    "/lost+found",
)
"""Patterns of what no backup has: what Nexus makes anew, and what belongs to its process. The
directories themselves stay, empty (nexus-public 3.77.1, nexus-base-template; Sonatype's help,
"Prepare a Backup")."""


@dataclass(frozen=True)
class Target:
    """Where generations are kept, as the NFS host reaches it.

    Args:
        kind: a directory of the NFS host, one of another host by SSH, or a restic repository.
        login: the other host as SSH takes it; empty for the NFS host itself.
        folder: the directory, this stack's own; or the repository as restic takes it.
        key, port: of SSH, where they are not the usual ones.
        password: of the repository.
        told: all of it in the inventory's words.
    """

    kind: Literal["directory", "ssh", "restic"]
    login: str
    folder: str
    told: str
    key: str = ""
    port: int = 0
    password: Secret | None = None


@dataclass(frozen=True)
class BackupDesired:
    """What the inventory asks.

    Args:
        stack: its name; service: full name of the service that is Nexus.
        nfs, manager: inventory names of the hosts; nodes: of those that may run Nexus.
        home: folder of lock and journal on each of them.
        export: the directory with the data; uid: who owns it.
        target: where generations go.
        rule: how many of them stay.
        floor: bytes that stay free at the target.
        snapshot: whether a snapshot is taken where the file system has any.
        sample: how many files of the repositories are compared.
        inventory: SHA-256 of the inventory.
        version: the Nexus that it asks for.
        startup_seconds: how long Nexus may take from its start until it can be written to.
        package_proxy: HTTP proxy to fetch packages by; empty for none.
        elsewhere: what Nexus keeps in no file of the export, in words.
    """

    stack: str
    service: str
    nfs: str
    manager: str
    nodes: tuple[str, ...]
    home: str
    export: str
    uid: int
    target: Target
    rule: Rule
    floor: int
    snapshot: bool
    sample: int
    inventory: str
    version: str
    startup_seconds: float
    package_proxy: str = ""
    elsewhere: tuple[str, ...] = ()
