"""What the hosts of a site told, as plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from moorage.errors import Refused
from moorage.ingress import running
from moorage.ingress.running import Running
from moorage.steps.stack.composed import Fields
from moorage.steps.stack.observe import swarm_state
from moorage.steps.stack.running import service_fields
from moorage.takeover import probes
from moorage.transport.base import Section, all_sections
from moorage.transport.parsing import parser

DATA = "/nexus-data"
"""Where the image has Nexus' data (sonatype/docker-nexus3, Dockerfile)."""
_BARS = 2


@dataclass(frozen=True)
class SwarmNode:
    """A node as the managers list it.

    Args:
        address: how the others of the Swarm reach it.
        manager: whether it is one.
    """

    id: str
    hostname: str
    address: str
    manager: bool
    labels: Mapping[str, str]


@dataclass(frozen=True)
class OnNode:
    """What a machine of the Swarm tells of itself.

    Args:
        id: its node id.
        volumes: driver options of the stack's volumes that it has, by name; None for those that are
            no volumes of the driver ``local``.
        dockerfile: the label of Moorage's own images, of the Nexus that runs here.
        runs: full names of the stack's services that run here.
        user: numeric user of that container's image, where it has one.
    """

    id: str
    volumes: Mapping[str, Mapping[str, str] | None]
    runs: frozenset[str] = frozenset()
    dockerfile: str = ""
    user: str = ""


@dataclass(frozen=True)
class Swarm:
    """What a manager tells.

    Args:
        services: fields of the stack's services by their full names.
        options: Traefik's own options, as its service has them in its arguments.
    """

    me: OnNode
    nodes: tuple[SwarmNode, ...]
    networks: frozenset[str]
    services: Mapping[str, Fields]
    traefik: tuple[Running, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Directory:
    """An exported directory."""

    path: str
    real: str
    kind: str
    uid: int
    gid: int
    mode: str
    entries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Nfs:
    """What an NFS host tells.

    Args:
        files: text of the export files by path.
        exported: what ``exportfs -s`` prints; None where only root is told.
        directories: by path as it is exported.
    """

    hostname: str
    files: Mapping[str, str]
    exported: str | None
    directories: Mapping[str, Directory] = field(default_factory=dict)


@parser("the node's Docker")
def node_of(output: str, host: str, parts: Mapping[str, str] = probes.NODE) -> OnNode:
    """A node's own part.

    Raises:
        Refused: Docker does not answer, or the machine is in no Swarm.
    """
    found = all_sections(output, parts, "read the node's Docker", host)
    swarm = swarm_state(found["swarm"], host)
    containers = [line.split("|") for line in found["containers"].text.splitlines()
                  if line.count("|") == _BARS]  # fmt: skip
    return OnNode(
        id=swarm["NodeID"],
        volumes=_volumes(found["volumes"], host),
        runs=frozenset(name for name, _, _ in containers),
        dockerfile=next((mark for _, mark, _ in containers if mark), ""),
        user=next((user for _, _, user in containers if user), ""),
    )


def _volumes(section: Section, host: str) -> dict[str, Mapping[str, str] | None]:
    if not section.ok:
        last = "".join(section.text.strip().splitlines()[-1:])
        raise Refused(f"Docker does not tell its volumes: {last or 'no answer in time'}", host=host,
                      hint="see what docker volume ls says there")  # fmt: skip
    found: dict[str, Mapping[str, str] | None] = {}
    for line in section.text.splitlines():
        if line.startswith("{"):
            item = json.loads(line)
            found[item["Name"]] = item.get("Options") or {} if item["Driver"] == "local" else None
    return found


@parser("the Swarm")
def swarm_of(output: str, host: str, stack: str) -> Swarm:
    """What the manager told.

    Raises:
        Refused: it is no manager, the Swarm does not answer, or there is no such stack.
    """
    me = node_of(output, host, probes.MANAGER)
    found = all_sections(output, probes.MANAGER, "read the Swarm", host)
    if not (swarm_state(found["swarm"], host)).get("ControlAvailable"):
        raise Refused("this host is a worker", host=host, hint="name a manager by --manager")
    for name in ("nodes", "networks", "services"):
        if not found[name].ok:
            last = "".join(found[name].text.strip().splitlines()[-1:])
            raise Refused(
                f"the Swarm does not answer: {last}",
                host=host,
                hint="where it has no leader, bring back more than half of the managers",
            )
    names = {line.split()[0]: line.split()[1] for line in found["networks"].text.splitlines()}
    services = {item["Spec"]["Name"]: service_fields(item, names)
                for item in found["services"].json() or []}  # fmt: skip
    if not services:
        known = ", ".join(found["stacks"].text.split()) or "none"
        raise Refused(f"the Swarm has no stack {stack}", host=host,
                      hint=f"name one by --stack; there are: {known}")  # fmt: skip
    return Swarm(
        me=me,
        nodes=tuple(_node(item) for item in found["nodes"].json_list()),
        networks=frozenset(names.values()),
        services=services,
        traefik=running.services(found["traefik"].text, names) if found["traefik"].ok else (),
        options=tuple(found["options"].text.split("\n")) if found["options"].ok else (),
    )


def _node(item: dict[str, Any]) -> SwarmNode:
    manager = item.get("ManagerStatus") or {}
    # a leader's own address may be told as 0.0.0.0 (moby, swarmkit 2077)
    address = str(manager.get("Addr", "")).rpartition(":")[0].strip("[]")
    told = (item.get("Status") or {}).get("Addr", "")
    return SwarmNode(
        id=item["ID"],
        hostname=item["Description"]["Hostname"],
        address=address or told,
        manager=item["Spec"]["Role"] == "manager",
        labels=item["Spec"].get("Labels") or {},
    )


@parser("the NFS host")
def nfs_of(output: str, host: str) -> Nfs:
    """What the NFS host told.

    Raises:
        CommandFailed: the output is not that of a whole probe.
    """
    found = all_sections(output, probes.NFS, "read the exports", host)
    return Nfs(
        hostname=found["host"].text.strip() or host,
        files=_files(found["files"].text),
        exported=found["exported"].text if found["exported"].ok else None,
        directories=_directories(found["directories"].text),
    )


def _files(text: str) -> dict[str, str]:
    files: dict[str, list[str]] = {}
    name = ""
    for line in text.split("\n"):
        if line.startswith("file|"):
            name = line.removeprefix("file|")
            files[name] = []
        elif name:
            files[name].append(line)
    return {name: "\n".join(lines) for name, lines in files.items()}


def _directories(text: str) -> dict[str, Directory]:
    found: dict[str, Directory] = {}
    entries: dict[str, list[str]] = {}
    path = ""
    for line in text.splitlines():
        word, _, rest = line.partition("|")
        if word == "directory" and rest.count("|") >= 5:  # noqa: PLR2004
            path, real, kind, uid, gid, mode = rest.rsplit("|", 5)
            found[path] = Directory(path, real, kind, int(uid), int(gid), mode.zfill(4))
        elif word == "entry":
            entries.setdefault(path, []).append(rest)
    return {path: replace(one, entries=tuple(entries.get(path, ())))
            for path, one in found.items()}  # fmt: skip
