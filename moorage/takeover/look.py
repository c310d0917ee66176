"""Reads a site whose inventory is still to be written: one exec a host, nothing is changed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moorage.config.schema.site import Site
from moorage.errors import HostKeyRefused, MoorageError, Unreachable
from moorage.steps.stack.composed import Fields
from moorage.takeover.addresses import SshAddress
from moorage.takeover.found import nexus_service
from moorage.takeover.hosts import Machine, named
from moorage.takeover.probes import manager_probe, nfs_probe, node_probe
from moorage.takeover.seen import Nfs, OnNode, Swarm, nfs_of, node_of, swarm_of
from moorage.takeover.storage import mounted
from moorage.transport.base import Host, Probe, Progress
from moorage.transport.fleet import Fleet, all_or_first_failure

_LOOK_SECONDS = 120
_MANAGER, _NFS = "manager", "nfs"


@dataclass(frozen=True)
class Asked:
    """What the command line says of the hosts.

    Args:
        nodes: addresses of nodes, where those that the Swarm tells do not lead to them from here.
        service: short name of the service that is Nexus, where that is not clear.
        export: directory on the NFS host that the data are to go to.
        ssh: the ``ssh`` part of the inventory.
        path: where the inventory is to be.
    """

    nfs: SshAddress
    manager: SshAddress
    stack: str
    path: Path
    nodes: Sequence[SshAddress] = ()
    service: str | None = None
    export: str | None = None
    ssh: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Looked:
    """What the hosts told."""

    machines: Sequence[Machine]
    swarm: Swarm
    nodes: Mapping[str, OnNode]
    nfs: Nfs
    service: str
    silent: Sequence[str] = ()


FleetOf = Callable[[Site], Fleet]


def provisional(asked: Asked, hosts: Mapping[str, Any], **more: Any) -> Site:
    """A site of which only the hosts are known."""
    data: dict[str, Any] = {
        "schema": 1, "hosts": hosts, "ssh": dict(asked.ssh),
        "nexus": {"version": "3.94.0", "domain": "nexus.invalid"},
        "registry": {"domain": "registry.invalid"},
        "storage": {"export": "/srv/unknown"}, "ingress": {"version": "3.7"},
    }  # fmt: skip
    for part, values in more.items():
        data[part] = {**data[part], **values} if isinstance(values, Mapping) else values
    return Site.model_validate(data).read_from(asked.path)


def look(asked: Asked, fleet_of: FleetOf, progress: Progress) -> Looked:
    """Ask the manager, then the nodes that the Swarm told of, then the NFS host.

    Raises:
        HostKeyRefused: a host's key is unknown or changed.
        MoorageError: a host does not answer, or is not what it was said to be; a node that does not
            answer is named in the result.
    """
    given = {f"node-{number}": one for number, one in enumerate(asked.nodes, 1)}
    hosts = {"nfs": {_NFS: asked.nfs.host()}, "managers": {_MANAGER: asked.manager.host()},
             "nodes": {name: one.host() for name, one in given.items()}}  # fmt: skip
    with fleet_of(provisional(asked, hosts)) as fleet:
        _open(fleet, [_NFS, _MANAGER, *given])
        progress("reading the Swarm")
        output = _read(manager_probe(asked.stack))(fleet.host(_MANAGER))
        swarm = swarm_of(output, _MANAGER, asked.stack)
        service = nexus_service(swarm.services, asked.stack, asked.service)
        probe = node_probe(asked.stack, _volumes(swarm.services))
        told = {name: node_of(text, name) for name, text in all_or_first_failure(
            fleet.each(given, _read(probe))).items()}  # fmt: skip
        at = {one.id: given[name] for name, one in told.items()} | {swarm.me.id: asked.manager}
        machines = _machines(asked, swarm, at)
        others, silent = _others(
            asked, fleet_of, [one for one in machines if one.node not in at], probe, progress
        )
        nodes = {swarm.me.id: swarm.me, **{one.id: one for one in told.values()}, **others}
        data = mounted(swarm.services[service], nodes)
        progress("reading the NFS host")
        paths = [path for path in (asked.export, data.path if data.by_nfs else None) if path]
        nfs = nfs_of(_read(nfs_probe(paths))(fleet.host(_NFS)), _NFS)
    name = named(nfs.hostname, [one.name for one in machines], "nfs")
    return Looked([Machine(name, "nfs", asked.nfs), *machines], swarm, nodes, nfs, service, silent)


def _others(
    asked: Asked, fleet_of: FleetOf, machines: Sequence[Machine], probe: Probe, progress: Progress
) -> tuple[dict[str, OnNode], list[str]]:
    """What the further nodes tell, and which of them do not answer."""
    if not machines:
        return {}, []
    progress(f"reading {', '.join(machine.name for machine in machines)}")
    at = {f"at-{machine.name}": machine for machine in machines}
    hosts = {"nfs": {_NFS: asked.nfs.host()}, "managers": {_MANAGER: asked.manager.host()},
             "nodes": {name: machine.at.host() for name, machine in at.items()}}  # fmt: skip
    with fleet_of(provisional(asked, hosts)) as fleet:
        silent = _open(fleet, list(at), all_of_them=False)
        answering = [name for name in at if name not in silent]
        outputs = all_or_first_failure(fleet.each(answering, _read(probe)))
    found = [node_of(text, at[name].name) for name, text in outputs.items()]
    return {one.id: one for one in found}, [
        f"{at[name].name} does not answer and was not looked at: {failure.message}"
        for name, failure in silent.items()
    ]


def _machines(asked: Asked, swarm: Swarm, at: Mapping[str, SshAddress]) -> list[Machine]:
    """The Swarm's machines by the names that the inventory gives them, the manager asked first."""
    names: list[str] = []
    found: list[Machine] = []
    ordered = sorted(swarm.nodes, key=lambda node: (not node.manager, node.id != swarm.me.id))
    for node in ordered:
        names.append(named(node.hostname, names, node.id[:8]))
        role = "managers" if node.manager else "nodes"
        where = at.get(node.id) or asked.manager.of(node.address)
        found.append(Machine(names[-1], role, where, node.hostname, node.id))
    return found


def _volumes(services: Mapping[str, Fields]) -> list[str]:
    """Names of all volumes that the stack's services mount."""
    sources = [str(value).removeprefix("volume ") for fields in services.values()
               for key, value in fields.items()
               if key.startswith("mount ") and str(value).startswith("volume ")]  # fmt: skip
    return sorted({name for name in sources if name and name != "volume"})


def _open(
    fleet: Fleet, names: Sequence[str], *, all_of_them: bool = True
) -> dict[str, MoorageError]:
    """Connect to all before a command is run on any; give those that do not answer.

    Raises:
        HostKeyRefused: with what to do about it here, where there is no inventory yet.
        MoorageError: one does not answer, and all have to.
    """
    with _no_inventory_yet():
        failures = {
            name: failure
            for name, failure in fleet.each(names, lambda host: host.open()).items()
            if isinstance(failure, MoorageError)
        }
        for failure in failures.values():
            if all_of_them or not isinstance(failure, Unreachable):
                raise failure
    return failures


@contextlib.contextmanager
def _no_inventory_yet() -> Iterator[None]:
    try:
        yield
    except HostKeyRefused as failure:
        failure.hint = (
            "compare the fingerprint with the host's own (ssh-keygen -lf "
            "/etc/ssh/ssh_host_ed25519_key.pub), then connect once by ssh, which writes it "
            "down, or name the file that has it: --known-hosts FILE"
        )
        raise


def _read(probe: Probe) -> Callable[[Host], str]:
    script = probe.script()
    return lambda host: host.read(script, timeout=_LOOK_SECONDS)
