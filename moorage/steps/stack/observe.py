"""What the Swarm has: one script for the manager, one for each node that may run Nexus."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moorage.errors import Refused, Unreachable
from moorage.ingress import running
from moorage.ingress.running import Running
from moorage.steps.pending_upgrade import UNDER_WAY, UnderWay, under_way
from moorage.steps.stack.composed import Fields
from moorage.steps.stack.running import service_fields
from moorage.transport.base import Probe, Section, all_sections, sections
from moorage.transport.nexus_status import NexusStatus
from moorage.transport.parsing import parser

_VOLUME_SECONDS = 20
_TIMED_OUT = 124  # of timeout(1), coreutils
_SEEN = (
    '{{.Image}}|{{index .Config.Labels "com.docker.swarm.service.name"}}|'
    "{{range .Mounts}}{{.Name}},{{end}}"
)
# as few calls as can be: each starts Docker's client anew
_NODE_PARTS = {
    "swarm": "docker info --format '{{json .Swarm}}'",
    "image": "docker image inspect --format '{{.Id}}|{{json .Config.Labels}}' -- \"$image\"",
    # Docker looks at every mounted volume, and waits without end for an NFS server that is away
    "volumes": (
        f'docker() {{ timeout {_VOLUME_SECONDS} docker "$@"; }}\n'
        "names=$(docker volume ls -q) || exit\n"
        'own() { grep -e "^$stack-data-" -e "^${stack}_" -e "^$volume\\$"; }\n'
        'names=$(printf "%s\\n" "$names" | own)\n'
        '[ -n "$names" ] || { echo "[]"; exit; }\n'
        "docker volume inspect $names"
    ),
    "containers": (
        f"ids=$(docker ps -q) || exit 1\n[ -z \"$ids\" ] || docker inspect --format '{_SEEN}' $ids"
    ),
}
_MANAGER_PARTS = {
    **_NODE_PARTS,
    "nodes": "ids=$(docker node ls -q) || exit 1\ndocker node inspect $ids",
    "networks": "docker network ls --no-trunc --format '{{.ID}} {{.Name}} {{.Scope}}'",
    # one that is not there yet is no failure, a Swarm that does not answer is one
    "services": (
        "said=$(docker service inspect -- $services 2>&1)\n"
        'case "$?:$said" in\n'
        '  0:* | *"no such service"*) printf "%s\\n[]\\n" "$said" ;;\n'
        '  *) printf "%s\\n" "$said"; exit 1 ;;\n'
        "esac"
    ),
    "tasks": "docker stack ps --no-trunc --format '{{.ID}}' -- \"$stack\"",
}


@dataclass(frozen=True)
class NodeObserved:
    """One host that may run Nexus.

    Args:
        node: its Swarm node id.
        image: label values of the image, by label; None where it lacks the image.
        volume: options of the existing volume; None where there is none by that name.
        uses: whether a running container mounts it.
        volumes: options of all volumes that the stack has had here, by name.
        image_id: digest of what the image's name means here now.
        runs: digest of what a task here was started from; empty where none runs.
    """

    node: str
    image: dict[str, str] | None
    volume: dict[str, str] | None
    uses: bool = False
    volumes: dict[str, dict[str, str]] = field(default_factory=dict)
    image_id: str = ""
    runs: str = ""


@dataclass(frozen=True)
class SwarmNode:
    """A node as the managers list it."""

    hostname: str
    state: str
    availability: str
    labels: dict[str, str]
    role: str = ""


@dataclass(frozen=True)
class StackObserved:
    """The Swarm as it is.

    Args:
        nodes: hosts that may run Nexus, by inventory name.
        unreachable: those of them that do not answer, with the reason.
        swarm: all nodes of the Swarm by node id.
        networks: names of Swarm-wide networks.
        services: fields of the stack's services by full name.
        updates: each service's last update's start, by full name.
        tasks: ids of the stack's tasks, those of the past included.
        nexus: what its name answers; None where the service is not there.
        traefik: services that are a Traefik, where its version is asked for.
        pending: an upgrade or an exchange of data that is not over.
    """

    nodes: dict[str, NodeObserved]
    unreachable: dict[str, str]
    swarm: dict[str, SwarmNode]
    networks: frozenset[str]
    services: dict[str, Fields]
    updates: dict[str, str] = field(default_factory=dict)
    tasks: frozenset[str] = frozenset()
    nexus: NexusStatus | None = None
    traefik: tuple[Running, ...] = ()
    pending: UnderWay = field(default_factory=UnderWay)


def node_probe(stack: str, image: str, volume: str) -> Probe:
    """What is read on a node that is not the manager deployed through."""
    values = {"stack": stack, "image": image, "volume": volume}
    return Probe("read the node's Docker", _NODE_PARTS, values)


def manager_probe(
    stack: str, image: str, volume: str, services: Sequence[str], *, traefik: bool = False,
    home: str = "",
) -> Probe:  # fmt: skip
    """What is read on the manager deployed through.

    Args:
        services: full names of those that the stack is to have.
        traefik: whether the version of Traefik is asked for.
        home: folder where it is noted what is not over; empty to ask for nothing of that.
    """
    values = {"stack": stack, "image": image, "volume": volume, "services": services, "home": home}
    parts = _MANAGER_PARTS | ({"traefik": running.PROBE} if traefik else {})
    return Probe("read the Swarm", parts | (UNDER_WAY if home else {}), values)


@parser("the node's Docker")
def parse_node(output: str, host: str, service: str, volume: str) -> NodeObserved:
    """A node's part.

    Args:
        service: full name of the service that is Nexus; volume: name of its volume.

    Raises:
        Refused: Docker does not answer, or the host is in no Swarm.
        Unreachable: Docker waits for the NFS server of a volume.
        CommandFailed: the output is not that of a whole probe.
    """
    swarm = swarm_state(sections(output).get("swarm"), host)
    found = all_sections(output, _NODE_PARTS, "read the node's Docker", host)
    volumes = _volumes(found["volumes"], host)
    image_id, labels = _image(found["image"])
    # warnings come in the same stream
    containers = [line.split("|") for line in found["containers"].text.splitlines()
                  if line.startswith("sha256:")]  # fmt: skip
    return NodeObserved(
        node=swarm["NodeID"],
        image=labels,
        volume=volumes.get(volume),
        uses=any(volume in mounts.split(",") for _, _, mounts in containers),
        volumes=volumes,
        image_id=image_id,
        runs=next((image for image, name, _ in containers if name == service), ""),
    )


def _volumes(section: Section, host: str) -> dict[str, dict[str, str]]:
    """Options of the stack's volumes by name."""
    if section.exit_code == _TIMED_OUT:
        raise Unreachable(
            f"Docker does not list its volumes within {_VOLUME_SECONDS} s: the NFS server of one "
            "that is mounted does not answer",
            host=host,
            hint="bring the NFS server back; what hangs on it goes on by itself",
        )
    if not section.ok:
        last = section.text.strip().splitlines()[-1:]
        raise Refused(f"Docker does not tell its volumes: {''.join(last)}", host=host,
                      hint=f"see what docker volume ls says on {host}")  # fmt: skip
    return {item["Name"]: item.get("Options") or {} for item in section.json() or []}


def _image(section: Section) -> tuple[str, dict[str, str] | None]:
    """Digest and labels of the image; empty and None where it is not there."""
    lines = section.text.splitlines() if section.ok else []
    line = next((line for line in lines if line.startswith("sha256:")), "")
    digest, _, labels = line.partition("|")
    return digest, (json.loads(labels) or {}) if line else None


_OUTSIDE = {
    "": ("Docker does not answer", "start it; look at: journalctl -u docker"),
    "inactive": ("this host is in no Swarm",
                 "make it part of one: docker swarm init, or docker swarm join"),
    "locked": ("the Swarm is locked on this host since Docker was restarted",
               "unlock it: docker swarm unlock"),
    "pending": ("this host has not joined the Swarm yet", "wait until it has joined"),
}  # fmt: skip


def swarm_state(section: Section | None, host: str) -> dict[str, Any]:
    """What Docker says of its Swarm membership.

    Raises:
        Refused: Docker does not answer, or the host is in no Swarm.
    """
    if section is None or not section.ok:
        last = section.text.strip().splitlines()[-1:] if section else []
        raise Refused(f"Docker does not answer: {''.join(last)}", host=host,
                      hint="install and start Docker there")  # fmt: skip
    swarm: dict[str, Any] = section.json() or {}
    state = str(swarm.get("LocalNodeState"))
    if state != "active":
        message, hint = _OUTSIDE.get(state, (f"Docker's Swarm mode has failed (state: {state})",
                                             "look at: journalctl -u docker"))  # fmt: skip
        raise Refused(message, host=host, hint=hint)
    return swarm


@dataclass(frozen=True)
class SwarmObserved:
    """The Swarm-wide part of what a manager tells; fields as in :class:`StackObserved`."""

    swarm: dict[str, SwarmNode]
    networks: frozenset[str]
    services: dict[str, Fields]
    updates: dict[str, str]
    tasks: frozenset[str]
    traefik: tuple[Running, ...] = ()
    pending: UnderWay = field(default_factory=UnderWay)


@parser("the Swarm")
def parse_manager(output: str, host: str, names: Mapping[str, str] | None = None) -> SwarmObserved:
    """The Swarm-wide part.

    Args:
        names: the inventory's, by address.

    Raises:
        Refused: the host is no manager, or the Swarm does not answer.
        CommandFailed: the output is not that of a whole probe.
    """
    swarm = swarm_state(sections(output).get("swarm"), host)
    if not swarm.get("ControlAvailable"):
        raise Refused(f"{host} is a worker; {_managers(swarm, names or {})}", host=host,
                      hint="name a manager under hosts.managers, or by -H")  # fmt: skip
    found = all_sections(output, _MANAGER_PARTS, "read the Swarm", host)
    traefik = sections(output).get("traefik")
    asked = [*(found[name] for name in ("nodes", "networks", "services")), traefik]
    for part in filter(None, asked):
        if not part.ok:
            last = "".join(part.text.strip().splitlines()[-1:])
            what = "has no leader" if "have a leader" in last else "does not answer"
            raise Refused(
                f"the Swarm {what}: {last}",
                host=host,
                hint="where it has no leader, bring back more than half of the managers; "
                "else run again",
            )
    lines = [line.split() for line in found["networks"].text.splitlines()]
    names = {line[0]: line[1] for line in lines}
    services = found["services"].json() or []
    return SwarmObserved(
        swarm=swarm_nodes(found["nodes"]),
        networks=frozenset(line[1] for line in lines if line[2] == "swarm"),
        services={item["Spec"]["Name"]: service_fields(item, names) for item in services},
        updates={item["Spec"]["Name"]: (item.get("UpdateStatus") or {}).get("StartedAt", "")
                 for item in services},
        tasks=frozenset(found["tasks"].text.split()) if found["tasks"].ok else frozenset(),
        traefik=running.services(traefik.text, names) if traefik else (),
        pending=under_way(sections(output)),
    )  # fmt: skip


def _managers(swarm: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Who they are, by the inventory's names where it has them."""
    addresses = [peer["Addr"].rpartition(":")[0] for peer in swarm.get("RemoteManagers") or []]
    told = ", ".join(sorted(names.get(address, address) for address in addresses))
    return f"{'the manager is' if len(addresses) == 1 else 'managers are'} {told or 'not known'}"


def swarm_nodes(section: Section) -> dict[str, SwarmNode]:
    """All nodes of the Swarm by node id, from what ``docker node inspect`` prints."""
    return {item["ID"]: _node(item) for item in section.json_list()}


def _node(item: dict[str, Any]) -> SwarmNode:
    spec = item["Spec"]
    return SwarmNode(
        item["Description"]["Hostname"], item["Status"]["State"], spec["Availability"],
        spec.get("Labels") or {}, spec.get("Role", ""),
    )  # fmt: skip
