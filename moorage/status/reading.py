"""From what hosts and Nexus answered to facts, as far as they can be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from moorage.change import Outcome
from moorage.checks.doctor_probe import NFS_PORT, nfs_server
from moorage.choice import KNOWN_AFTER
from moorage.config.schema.site import Site
from moorage.documents import volume
from moorage.errors import CommandFailed, MoorageError, Refused, Unreadable
from moorage.lock import Holder, holder
from moorage.planning import plans
from moorage.status import backups, nfs, swarm
from moorage.status.background import Begun, Clock
from moorage.status.certificates import DoorSeen, certificates
from moorage.status.machines import Export, HostSeen, Mount
from moorage.status.model import DriftStep, Facts, LockSeen
from moorage.status.nexus import NexusLook
from moorage.steps.base import HostStep, Step
from moorage.steps.pending_upgrade import under_way
from moorage.transport.base import Section, portion, sections


@dataclass(frozen=True)
class HostAnswer:
    """What a host printed.

    Args:
        output: of the whole script, or of as much of it as came in time.
        cut: why it is not whole; empty where it is.
    """

    output: str
    cut: str = ""


@dataclass(frozen=True)
class Seen:
    """Everything that came back, not yet understood.

    Args:
        managers: inventory names, in the order in which they are believed.
        hosts: each host's answer, or why there is none.
        steps, unmade, image: as :class:`moorage.status.look.Made` has them.
        order: names of all steps.
    """

    site: Site
    managers: Sequence[str]
    hosts: Mapping[str, HostAnswer | MoorageError]
    steps: Sequence[Step] = ()
    unmade: Mapping[str, MoorageError] = field(default_factory=dict)
    order: Sequence[str] = ()
    image: str | None = None

    def output(self, host: str, name: str) -> str:
        """What one probe printed on a host; empty where nothing came."""
        answer = self.hosts.get(host)
        return portion(answer.output, name) if isinstance(answer, HostAnswer) else ""

    def parts(self, host: str) -> Mapping[str, Section]:
        """The parts of status' own probe on a host."""
        return sections(self.output(host, "status"))

    def plans(self, nexus: Callable[[], Any], clock: Clock) -> list[Outcome]:
        """A plan of each step, as far as it can be known in time.

        Args:
            nexus: gives what the step of Nexus sees, or a failure.
        """
        on_hosts = [step for step in self.steps if isinstance(step, HostStep)]
        begun = {step.name: Begun(partial(self._read, step)) for step in on_hosts}
        observed: dict[str, Any] = {
            name: one.within(clock, "what it depends on does not answer in time")
            for name, one in begun.items()
        }
        observed |= {step.name: nexus() for step in self.steps if step.name not in observed}
        return plans(self.steps, KNOWN_AFTER, observed)

    def _read(self, step: HostStep) -> Any:
        answers = {host: self._answer(step, host) for host in step.probes()}
        return step.read(answers, lambda _: None)

    def _answer(self, step: HostStep, host: str) -> str | MoorageError:
        answer = self.hosts[host]
        return portion(answer.output, step.name) if isinstance(answer, HostAnswer) else answer


def facts(
    seen: Seen,
    nexus: NexusLook,
    doors: Mapping[str, DoorSeen | MoorageError],
    planned: Sequence[Outcome],
) -> Facts:
    """All of it as facts."""
    site = seen.site
    told, why = _believed(seen)
    try:
        nodes = swarm.nodes(seen.parts(told), site) if told else ()
        service, tasks = swarm.service(seen.output(told, "status"), site, nodes)
    except Unreadable as failure:
        nodes, (service, tasks) = (), swarm.service("", site, ())
        why = f"{told}: {failure.message}"
    shown, rows = certificates(site, doors)
    return Facts(
        hosts=tuple(_host(site, name, answer) for name, answer in seen.hosts.items()),
        export=_export(seen),
        mounts=tuple(_mounts(seen, service.name)),
        swarm=why,
        nodes=nodes,
        relocates=site.relocates,
        service=service,
        tasks=tasks,
        image_wanted=seen.image,
        nexus=nexus.seen,
        repositories=nexus.repositories,
        repositories_unknown=nexus.unknown,
        blob_stores=nexus.blob_stores,
        certificates=shown,
        certificate_rows=rows,
        backups=backups.newest(backups.parse(seen.parts(name).get("backups"))
                               for name in seen.managers),
        under_way={name: under_way(seen.parts(name)) for name in seen.managers},
        locks=tuple(_lock(found) for name in seen.hosts
                    if (found := holder(sections(seen.output(name, "lock")).get("state"), name))),
        drift=tuple(_drift(seen, planned)),
    )  # fmt: skip


def _believed(seen: Seen) -> tuple[str, str]:
    """The manager that tells of the Swarm; empty where none does, and then why."""
    whys = {}
    for name in seen.managers:
        answer = seen.hosts[name]
        if isinstance(answer, MoorageError):
            whys[name] = "does not answer"
            continue
        whys[name] = swarm.trouble(seen.parts(name))
        if not whys[name]:
            return name, ""
    return "", "; ".join(f"{name}: {why}" for name, why in whys.items())


def _host(site: Site, name: str, answer: HostAnswer | MoorageError) -> HostSeen:
    role, host = site.named_hosts()[name]
    if isinstance(answer, HostAnswer):
        return HostSeen(name, role, host.address, reached=True, reason=answer.cut)
    return HostSeen(
        name, role, host.address, reached=False, reason=answer.message,
        refused=isinstance(answer, Refused | CommandFailed), hint=answer.hint,
    )  # fmt: skip


def _export(seen: Seen) -> Export:
    host, path = seen.site.nfs_name, seen.site.storage.export
    try:
        return nfs.export(seen.parts(host), host, path)
    except Unreadable:
        return Export(host, path)


def _mounts(seen: Seen, service: str) -> list[Mount]:
    """Of the nodes that may run Nexus, and of the one that does."""
    site, found = seen.site, []
    for name in site.swarm_hosts():
        parts = seen.parts(name)
        if parts and (name in site.eligible_nodes() or nfs.container(parts, service)):
            found.append(_mount(parts, name, site, service))
    return found


def _mount(parts: Mapping[str, Section], name: str, site: Site, service: str) -> Mount:
    server = nfs_server(site)
    try:
        return nfs.mount(parts, name, server, NFS_PORT, volume(site).device, service)
    except Unreadable:
        return Mount(name, f"{server}:{NFS_PORT}")


def _lock(found: Holder) -> LockSeen:
    return LockSeen(
        found.host, found.who, found.since, found.doing, found.age, stale=found.stale,
        told=found.told(),
    )  # fmt: skip


def _drift(seen: Seen, planned: Sequence[Outcome]) -> list[DriftStep]:
    known = {outcome.step: outcome for outcome in planned}
    counted = []
    for name in seen.order:
        outcome = known.get(name)
        if outcome is None:
            reason = seen.unmade[name].message if name in seen.unmade else "not looked at"
            counted.append(DriftStep(name, None, reason))
        elif outcome.plan is None:
            reason = outcome.failure.message if outcome.failure else outcome.unknown
            counted.append(DriftStep(name, None, reason))
        else:
            counted.append(DriftStep(name, outcome.changes))
    return counted
