"""Everything that was read of a site, and what stands in front of its Nexus; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moorage.errors import Refused
from moorage.steps.nexus.api import NexusObserved
from moorage.steps.stack.composed import Fields
from moorage.takeover.hosts import Machine
from moorage.takeover.ingress import Front
from moorage.takeover.routers import routing
from moorage.takeover.seen import DATA, Nfs, OnNode, Swarm


@dataclass(frozen=True)
class Found:
    """What was read of a site, and what the command line said of it.

    Args:
        machines: in the order of the inventory: NFS host, managers, nodes.
        nodes: what machines of the Swarm told, by node id.
        service: full name of the service that is Nexus.
        nexus: what its REST API told.
        traefik: version of the Traefik that runs; empty where nothing tells.
        said: values that the command line gives, by dotted key.
        ssh: what it says of SSH.
        export: the directory that the data are to go to.
        secure: whether Nexus answers by https.
        silent: a line for each node that does not answer.
    """

    stack: str
    machines: Sequence[Machine]
    swarm: Swarm
    nodes: Mapping[str, OnNode]
    nfs: Nfs
    service: str
    nexus: NexusObserved
    traefik: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    ssh: Mapping[str, Any] = field(default_factory=dict)
    export: str | None = None
    secure: bool = True
    silent: Sequence[str] = ()

    @property
    def fields(self) -> Fields:
        return self.swarm.services[self.service]

    @property
    def addresses(self) -> list[str]:
        """Those of all machines of the Swarm."""
        return [machine.at.address for machine in self.machines if machine.node]


def nexus_service(services: Mapping[str, Fields], stack: str, wanted: str | None) -> str:
    """Full name of the service that is Nexus.

    Raises:
        Refused: there is none, or several may be.
    """
    if wanted is not None:
        full = wanted if wanted.startswith(f"{stack}_") else f"{stack}_{wanted}"
        if full not in services:
            raise Refused(f"the stack {stack} has no service {wanted}",
                          hint=f"it has {', '.join(services)}")  # fmt: skip
        return full
    found = [name for name, fields in services.items() if f"mount {DATA}" in fields]
    found = found or [name for name, fields in services.items() if "nexus" in fields["image"]]
    if len(found) != 1:
        said = f"several may be: {', '.join(found)}" if found else f"none of {', '.join(services)}"
        raise Refused(f"it is not clear which service of the stack {stack} is Nexus: {said}",
                      hint="name it by --service")  # fmt: skip
    return found[0]


def front_of(found: Found) -> Front:
    """What stands in front of Nexus."""
    own = {name.removeprefix("label "): value for name, value in found.fields.items()
           if name.startswith("label ")}  # fmt: skip
    docker = {name: body for name, body in found.nexus.repositories.items()
              if body.get("format") == "docker"}  # fmt: skip
    ports: dict[bool, set[int]] = {True: set(), False: set()}
    for body in docker.values():
        port = (body.get("docker") or {}).get("httpPort")
        if port:
            ports[body["type"] == "hosted"].add(port)
    return Front(
        labels=own,
        routing=routing(own),
        version=found.traefik,
        options=found.swarm.options,
        networks=tuple(found.fields["networks"]),
        hosted=frozenset(ports[True]),
        others=frozenset(ports[False]),
        by_path=any((body.get("docker") or {}).get("pathEnabled") for body in docker.values()),
    )
