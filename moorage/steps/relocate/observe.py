"""Where Nexus is, who has its data, and who may: the NFS host, the manager, each node. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moorage.errors import MoorageError, Refused
from moorage.steps.exports import above, parse_exportfs
from moorage.steps.holders import HOLDERS, RESOLVE, holders, resolved
from moorage.steps.pending_upgrade import UNDER_WAY, UnderWay, under_way
from moorage.transport.base import Probe, Section, all_sections, sections
from moorage.transport.nexus_status import NexusStatus
from moorage.transport.parsing import parser

_SERVER_PARTS = {
    "file": 'cat -- "$file"',
    "exported": "exportfs -s",
    # stat's own %m takes a subvolume of btrfs for a mount point
    "mountpoint": 'findmnt -n -o TARGET -T "$path" | tail -n 1',
    "holders": HOLDERS,
    "names": RESOLVE,
}
_NODE_PARTS = {
    "id": "docker info --format '{{.Swarm.NodeID}}'",
    "containers": 'docker ps -q --filter "label=com.docker.swarm.service.name=$service"',
    "mounts": "awk '$3 ~ /^nfs/ { print $1, $2, $4 }' /proc/mounts",
    "names": RESOLVE,
    "volume": "docker volume inspect --format '{{json .Options}}' -- \"$volume\"",
}
_MANAGER_PARTS = {
    "nodes": "ids=$(docker node ls -q) || exit 1\ndocker node inspect $ids",
    "service": (
        'said=$(docker service inspect -- "$service" 2>&1)\n'
        'case "$?:$said" in\n'
        '  0:* | *"no such service"*) printf "%s\\n[]\\n" "$said" ;;\n'
        '  *) printf "%s\\n" "$said"; exit 1 ;;\n'
        "esac"
    ),
    "tasks": "docker service ps --no-trunc --format '{{.ID}}' -- \"$service\"",
}


@dataclass(frozen=True)
class ServerSeen:
    """The NFS host.

    Args:
        file: text of the export file; None where there is none.
        clients: who is let in now.
        above: exports by which the same files can be written too, with their clients.
        holders: IP addresses of those that have Nexus' data open.
        addresses: IP addresses by name of the machines that were asked for.
    """

    file: str | None
    clients: frozenset[str]
    above: Mapping[str, list[str]]
    holders: frozenset[str]
    addresses: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class NodeSeen:
    """A host of the Swarm.

    Args:
        id: its Swarm node id.
        containers: ids of running containers of the service.
        mounts: where the export is mounted.
        volume: options of the volume; None where there is none of its name.
    """

    id: str
    containers: tuple[str, ...] = ()
    mounts: tuple[str, ...] = ()
    volume: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Member:
    """A node as the managers list it."""

    hostname: str
    state: str
    availability: str
    labelled: bool


@dataclass(frozen=True)
class RelocateObserved:
    """Where Nexus is.

    Args:
        nodes: hosts that answer, by inventory name; silent: why the others do not.
        members: nodes by node id.
        replicas: tasks that the service is to have; None where it is not deployed.
        update: start of the service's last update; tasks: ids of its tasks, past ones included.
        nexus: what its name answers; None where the service is stopped.
        pending: what is not over.
    """

    server: ServerSeen
    nodes: Mapping[str, NodeSeen]
    silent: Mapping[str, MoorageError]
    members: Mapping[str, Member]
    replicas: int | None
    update: str = ""
    tasks: frozenset[str] = field(default_factory=frozenset)
    nexus: NexusStatus | None = None
    pending: UnderWay = field(default_factory=UnderWay)


def server_probe(path: str, file: str, names: Sequence[str]) -> Probe:
    """What is read on the NFS host; ``names`` are addresses that the inventory has."""
    values = {"path": path, "file": file, "names": tuple(names)}
    return Probe("read who has Nexus' data", _SERVER_PARTS, values)


def node_probe(service: str, volume: str, servers: Sequence[str]) -> Probe:
    """What is read on each host of the Swarm."""
    values = {"service": service, "volume": volume, "names": tuple(servers)}
    return Probe("look for Nexus", _NODE_PARTS, values)


def manager_probe(node: Probe, home: str = "") -> Probe:
    """What is read on the manager worked through, as a node and for the whole Swarm.

    Args:
        home: folder where it is noted what is not over; empty to ask for nothing of that.
    """
    parts = {**node.parts, **_MANAGER_PARTS, **(UNDER_WAY if home else {})}
    return Probe("read the Swarm", parts, {**node.variables, "home": home})


@parser("the NFS host")
def parse_server(output: str, path: str, host: str) -> ServerSeen:
    """The NFS host's part.

    Raises:
        Refused: only root is told what is exported.
        CommandFailed: the output is not that of a whole probe.
    """
    found = all_sections(output, _SERVER_PARTS, "read who has Nexus' data", host)
    if not found["exported"].ok:
        raise Refused(
            f"exportfs does not tell what is exported: {_last(found['exported'])}", host=host,
            hint="give the account sudo there (inv sudoers), and run fab nfs-setup first",
        )  # fmt: skip
    return ServerSeen(
        file=found["file"].text + "\n" if found["file"].ok else None,
        clients=frozenset(parse_exportfs(found["exported"].text, path)),
        above=above(found["exported"].text, path, found["mountpoint"].text.strip()),
        holders=holders(found["holders"].text),
        addresses=resolved(found["names"].text),
    )


@parser("the node's Docker")
def parse_node(output: str, path: str, servers: Sequence[str], host: str) -> NodeSeen:
    """A host's part.

    Raises:
        Refused: Docker does not answer there.
        CommandFailed: the output is not that of a whole probe.
    """
    found = all_sections(output, _NODE_PARTS, "look for Nexus", host)
    if not (found["id"].ok and found["containers"].ok):
        raise Refused(f"Docker does not answer: {_last(found['id'])}", host=host,
                      hint="start Docker there")  # fmt: skip
    known = {*servers, *(one for some in resolved(found["names"].text).values() for one in some)}
    volume = found["volume"].json() or {} if found["volume"].ok else None
    return NodeSeen(
        id=found["id"].text.strip(),
        containers=tuple(found["containers"].text.split()),
        mounts=tuple(_mounts(found["mounts"].text, path, known)),
        volume=volume,
    )


def _mounts(text: str, path: str, servers: set[str]) -> list[str]:
    """Where an export of one of the servers is mounted, from ``device point options`` lines."""
    found = []
    for line in text.splitlines():
        device, point, options = line.split(" ", 2)
        server, _, exported = device.rpartition(":/")
        told = [option.partition("=")[2] for option in options.split(",")
                if option.startswith("addr=")]  # fmt: skip
        ours = f"/{exported}" == path or f"/{exported}".startswith(f"{path}/")
        if ours and ({server.strip("[]"), *told} & servers):
            found.append(point)
    return found


@dataclass(frozen=True)
class SwarmSeen:
    """The Swarm-wide part; fields as in :class:`RelocateObserved`."""

    members: Mapping[str, Member]
    replicas: int | None
    update: str
    tasks: frozenset[str]
    pending: UnderWay


@parser("the Swarm")
def parse_manager(output: str, label: tuple[str, str], host: str) -> SwarmSeen:
    """The Swarm-wide part.

    Raises:
        Refused: the Swarm does not answer there.
        CommandFailed: the output is not that of a whole probe.
    """
    found = all_sections(output, _MANAGER_PARTS, "read the Swarm", host)
    for name in ("nodes", "service"):
        if not found[name].ok:
            raise Refused(
                f"the Swarm does not answer: {_last(found[name])}", host=host,
                hint="name a manager by -H; where the Swarm has no leader, bring back more than "
                "half of the managers",
            )  # fmt: skip
    services = found["service"].json() or []
    mode = services[0]["Spec"].get("Mode") or {} if services else {}
    return SwarmSeen(
        members={item["ID"]: _member(item, *label) for item in found["nodes"].json_list()},
        replicas=(mode.get("Replicated") or {}).get("Replicas", 1) if services else None,
        update=((services[0].get("UpdateStatus") or {}).get("StartedAt", "")) if services else "",
        tasks=frozenset(found["tasks"].text.split()) if found["tasks"].ok else frozenset(),
        pending=under_way(sections(output)),
    )


def _member(item: dict[str, Any], key: str, value: str) -> Member:
    spec = item["Spec"]
    return Member(
        hostname=item["Description"]["Hostname"],
        state=item["Status"]["State"],
        availability=spec["Availability"],
        labelled=(spec.get("Labels") or {}).get(key) == value,
    )


def _last(section: Section) -> str:
    return "".join(section.text.strip().splitlines()[-1:])
