"""What is asked of the data, and what is done to get there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Checksums = Literal["sample", "all"]


@dataclass(frozen=True)
class DataDesired:
    """Where the data are to be.

    Args:
        stack: its name; service: full name of the service that is Nexus.
        volume: name of the volume that mounts the export, with its driver options.
        export: the directory on the NFS host; mode: its permissions.
        home: the folder of the stack on each host.
        machines: inventory names of all that are in the Swarm.
        source: inventory name of the node to copy from, where that is not clear; else empty.
        checksums: ``all`` compares every file's content, ``sample`` that of all but the
            blobs, and of some of those.
        package_proxy: HTTP proxy to fetch rsync by; empty for none.
    """

    stack: str
    service: str
    volume: str
    options: Mapping[str, str]
    nocopy: bool
    export: str
    nfs: str
    uid: int
    mode: str
    home: str
    machines: tuple[str, ...]
    source: str = ""
    checksums: Checksums = "sample"
    package_proxy: str = ""

    @property
    def server(self) -> str:
        """The address that the volume is mounted from."""
        return self.options.get("o", "").partition("addr=")[2].partition(",")[0]

    def mark(self, place: str, node: str) -> str:
        """What the NFS host keeps while the export is being filled from a place."""
        return f"{place} on {node}"


@dataclass(frozen=True)
class Move:
    """Copy, stop, copy the rest, compare, switch.

    Args:
        host: inventory name of the node that has the data; manager: of the one worked through.
        place: the volume or directory in words; path: where it is on the node.
        volume: its name, empty for a directory.
        replicas: of the service as it was.
        former_update, former_tasks: what tells nothing of the update that is to come.
    """

    host: str
    manager: str
    place: str
    path: str
    volume: str
    replicas: int
    former_update: str
    former_tasks: frozenset[str]

    @property
    def summary(self) -> str:
        return f"move the data from {self.place}, with Nexus stopped for the last of it"
