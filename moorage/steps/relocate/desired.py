"""Where Nexus is to be, and what is handed over for that by those who know it, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from moorage.quoting import Script
from moorage.transport.base import Progress


@dataclass(frozen=True)
class Machine:
    """A host of the Swarm.

    Args:
        address: as the inventory has it, and as the export lets it in.
        hostname: as Swarm lists it.
    """

    address: str
    hostname: str


@dataclass(frozen=True)
class Scripts:
    """The shell of other steps that a move needs.

    Args:
        label: puts the label on a node, by node id and host name, or takes it off.
        let_in: writes the export file that lets in the new node alone, and makes it live.
        prove: mounts the export on the new node just as Nexus will; None where that needs an image
            that only a registry brings.
        wait: waits until the service runs and Nexus can be written to, from the start of the
            update and the tasks that were there before.
    """

    label: Callable[[str, str, bool], Script]
    let_in: Script
    prove: Script | None
    wait: Callable[[str, frozenset[str], Progress], None]


@dataclass(frozen=True)
class RelocateDesired:
    """Nexus on one node, and on no other.

    Args:
        to: inventory name of the node.
        fenced: names of hosts that the operator has made sure are switched off.
        swarm: all hosts of the Swarm that the inventory has, by name.
        service: full name of the service that is Nexus.
        label: key and value of the label that says where it may run.
        path: the export; file: where it is written down; text: what the file says at the end.
        closed: what it says meanwhile, letting nobody in.
        clients: who is let in at the end.
        listed: whether the inventory itself says who is let in.
        servers: by what name or address the volume's server is known.
        volume: name of the volume; options: what it is to be mounted by.
        grace_seconds: how long Nexus may take to end.
        home: folder of lock and journal on the manager; empty to read nothing there.
    """

    to: str
    fenced: tuple[str, ...]
    swarm: Mapping[str, Machine]
    service: str
    label: tuple[str, str]
    path: str
    file: str
    text: str
    closed: str
    clients: tuple[str, ...]
    listed: bool
    servers: tuple[str, ...]
    volume: str
    options: Mapping[str, str]
    grace_seconds: int
    scripts: Scripts
    home: str = ""

    @property
    def others(self) -> list[str]:
        """All hosts of the Swarm but the one that Nexus is to be on."""
        return [name for name in self.swarm if name != self.to]


@dataclass(frozen=True)
class AwaitStart:
    """Wait until Nexus runs on its new node."""

    service: str
    former_update: str
    former_tasks: frozenset[str]

    @property
    def summary(self) -> str:
        return f"wait until {self.service} runs and Nexus can be written to"
