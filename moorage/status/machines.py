"""What a look finds on machines and in the Swarm: plain data; None stands for what is not known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HostSeen:
    """One machine of the inventory.

    Args:
        role: nfs, manager, node or client.
        reached: whether it answered in time.
        reason: why it did not, or why not to the end.
        refused: whether it is there and does not let itself be looked at: key, login, sudo.
    """

    name: str
    role: str
    address: str
    reached: bool
    reason: str = ""
    refused: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Export:
    """The exported directory, as the NFS host tells.

    Args:
        active: whether the NFS service runs.
        exported: whether the kernel has the export.
        free_percent: as df(1) has it; inodes likewise, None where they are not counted.
    """

    host: str
    path: str
    active: bool | None = None
    exported: bool | None = None
    size_bytes: int | None = None
    free_bytes: int | None = None
    free_percent: int | None = None
    inodes: int | None = None
    inodes_free: int | None = None
    inodes_free_percent: int | None = None


@dataclass(frozen=True)
class Mount:
    """The NFS server as a node that may run Nexus sees it.

    Args:
        node: inventory name.
        server: address and port.
        reachable: whether it takes a connection.
        mounted: whether the export is mounted there now.
        hard: whether what touches it waits without end while the server is away.
        unreachable_since: ISO 8601, of the last sign of life; None where not known.
        stuck: programs of Nexus' container that wait in the kernel (state D).
    """

    node: str
    server: str
    reachable: bool | None = None
    mounted: bool = False
    hard: bool | None = None
    unreachable_since: str | None = None
    stuck: tuple[str, ...] = ()


@dataclass(frozen=True)
class NodeSeen:
    """A node as the managers list it.

    Args:
        name: inventory name, or the host's own where the inventory has none.
        state: ready, down, unknown or disconnected.
        availability: active, pause or drain.
        message: why, where the managers say.
        eligible: whether the inventory lets it run Nexus.
    """

    name: str
    hostname: str
    role: str
    state: str
    availability: str
    message: str = ""
    eligible: bool = False


@dataclass(frozen=True)
class ServiceSeen:
    """The service that is Nexus; None for numbers that a failed look does not tell."""

    name: str
    there: bool | None = None
    wanted: int | None = None
    running: int | None = None
    image: str | None = None
    update: str = ""
    update_message: str = ""


@dataclass(frozen=True)
class TaskSeen:
    """One task of the service, newest first.

    Args:
        node: inventory name; empty where none was found for it.
        since: in Docker's words, such as ``3 minutes ago``.
    """

    id: str
    node: str
    image: str
    state: str
    wanted: str
    since: str = ""
    error: str = ""
