"""Everything that can be checked before anything is changed; changes nothing itself."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from moorage.checks import doctor_docker, doctor_machine, doctor_nfs, doctor_node, doctor_ports
from moorage.checks.base import HERE, About, Finding
from moorage.checks.doctor_docker import Docker, Member
from moorage.checks.doctor_files import certificate_files
from moorage.checks.doctor_ingress import ingress, services
from moorage.checks.doctor_names import Door, from_here
from moorage.checks.doctor_probe import Answers, host_probe
from moorage.checks.doctor_trust import trust_host_keys
from moorage.config.schema.site import Site
from moorage.errors import CommandFailed, HostKeyRefused, MoorageError, Unreadable
from moorage.transport.base import Host, Progress
from moorage.transport.fleet import Fleet
from moorage.transport.parsing import parser

__all__ = ["examine", "trust_host_keys"]

_PROBE_SECONDS = 180.0
_PUBLIC = ("nexus", "registry", "push")
Seen = Mapping[str, Answers | MoorageError]


def examine(
    site: Site, fleet: Fleet, names: Sequence[str], progress: Progress, *,
    advice: Sequence[str] = (),
) -> list[Finding]:  # fmt: skip
    """Look at hosts and public names, each host by one script, all hosts at once.

    A host that does not answer becomes a failure of its own; the others go on. The public
    names are left out where no manager is among the hosts.

    Args:
        names: inventory names of the hosts to look at.
        progress: told what is looked at.
        advice: what the inventory allows but should not say; each becomes a warning.

    Returns:
        All findings, by host in the order of the inventory, then the public names, then
        this machine.
    """
    progress(f"looking at {', '.join(names)}")
    asked = fleet.each(names, lambda host: _asked(site, host))
    seen = {name: _understood(site, name, answers) for name, answers in asked.items()}
    whole = _Whole.of(site, seen)
    findings = [About(HERE, "inventory").warning(text, "change it, or leave it knowing why")
                for text in advice]  # fmt: skip
    for name, answers in seen.items():
        if isinstance(answers, MoorageError):
            findings.append(refused(name, answers))
            continue
        try:
            findings += _findings(site, name, answers, whole)
        except Unreadable as failure:
            findings.append(refused(name, failure))
    findings += doctor_machine.clocks(whole.offsets)
    findings += certificate_files(site, time.time())
    if set(names) & set(site.hosts.managers):
        for host, domain in site.domains().items():
            progress(f"looking at {domain}")
            findings += from_here(Door(site, fleet, host, domain, whole.deployed))
    order = [*site.named_hosts(), *_PUBLIC, HERE]
    return sorted(findings, key=lambda finding: order.index(finding.host))


def _asked(site: Site, host: Host) -> Answers:
    sent = time.time()
    output = host.read(host_probe(site, host.name), timeout=_PROBE_SECONDS)
    return Answers.read(output, sent, time.time())


def _understood(site: Site, name: str, answers: Answers | MoorageError) -> Answers | MoorageError:
    """The same answers; a failure where they have another form than is known."""
    try:
        if isinstance(answers, Answers):
            _alone(site, name, answers)
    except Unreadable as failure:
        return failure
    return answers


@parser("the host")
def _alone(site: Site, host: str, answers: Answers) -> _Whole:
    """What one host tells that the others' findings go by."""
    return _Whole.of(site, {host: answers})


@parser("the host")
def _findings(site: Site, host: str, answers: Answers, whole: _Whole) -> list[Finding]:
    return list(_host(site, host, answers, whole))


def refused(host: str, failure: MoorageError) -> Finding:
    """A host that could not be looked at, and why."""
    subject = "ssh"
    if isinstance(failure, HostKeyRefused):
        subject = "host key"
    elif "sudo" in failure.message.split(" ", 1)[0]:
        subject = "sudo"
    elif isinstance(failure, Unreadable):
        subject = "answers"
    message = failure.message
    if isinstance(failure, CommandFailed):
        message = "; ".join([message, *failure.details()])
    hint = failure.hint or "log in there by ssh and try: sudo -n sh -c true"
    return About(host, subject).failure(message, hint)


@dataclass(frozen=True)
class _Whole:
    """What one host's findings need of the others'.

    Args:
        dockers: by host; those that answer.
        manager: the first host that is a manager with a leader, and the nodes it lists.
        names: inventory names by Swarm node id and by address.
        offsets: clock offsets by host, where known.
        server_runs: whether the NFS service runs; None where that is not known.
        deployed: whether the stack's service is there; None where that is not known.
        published: services by the ports that they publish.
    """

    dockers: Mapping[str, Docker]
    manager: str | None
    members: Mapping[str, Member]
    names: Mapping[str, str]
    offsets: Mapping[str, tuple[float, float]]
    server_runs: bool | None
    deployed: bool | None
    published: Mapping[int, str]

    @classmethod
    def of(cls, site: Site, seen: Seen) -> _Whole:
        answered = {name: answers for name, answers in seen.items()
                    if isinstance(answers, Answers)}  # fmt: skip
        dockers = {name: found for name, answers in answered.items()
                   if (found := doctor_docker.docker(answers))}  # fmt: skip
        lists = {name: listed for name in site.hosts.managers
                 if name in dockers
                 and (listed := doctor_docker.members(answered[name])) is not None}  # fmt: skip
        manager = next(iter(lists), None)
        known = services(answered[manager]) if manager else None
        nfs = answered.get(site.nfs_name)
        server = doctor_nfs.observed(site.nfs_name, site, nfs) if nfs else None
        service = f"{site.stack.name}_{site.stack.service}"
        addresses = {host.address: name for name, host in site.swarm_hosts().items()}
        return cls(
            dockers=dockers,
            manager=manager,
            members=lists[manager] if manager else {},
            names={**addresses, **{found.node: name for name, found in dockers.items()}},
            offsets={name: offset for name, answers in answered.items()
                     if (offset := doctor_machine.clock_offset(answers))},
            server_runs=server.active if server else None,
            deployed=None if known is None else service in known,
            published=doctor_ports.holders(answered[manager]) if manager else {},
        )  # fmt: skip


def _host(site: Site, name: str, answers: Answers, whole: _Whole) -> Iterator[Finding]:
    role, _ = site.named_hosts()[name]
    yield from doctor_machine.login(name, answers, needs_root=role == "nfs")
    yield doctor_machine.system(name, answers)
    yield doctor_machine.clock(name, whole.offsets.get(name))
    yield from doctor_machine.disk(name, answers.part("disk"))
    if role == "nfs":
        yield from doctor_nfs.server(name, site, answers)
        return
    if role == "client":
        yield doctor_docker.engine(name, answers)
        return
    yield from _swarm(site, name, answers, whole)
    if name in site.eligible_nodes():
        yield doctor_node.client(name, site, answers.part("kernel"))
        yield doctor_node.way_to_server(
            name, site, answers.part("server"), server_runs=whole.server_runs
        )
    if name == whole.manager:
        place = f"{' or '.join(site.ingress_addresses(name))}:{site.ingress.port}"
        yield doctor_node.ingress_port(name, place, answers.part("ingress"))
        if site.ingress.kind == "traefik":
            yield from ingress(name, site.ingress, answers)
    if whole.manager and name in site.publishing_hosts():
        yield from doctor_ports.taken(name, site, answers, whole.published)


def _swarm(site: Site, name: str, answers: Answers, whole: _Whole) -> Iterator[Finding]:
    role, _ = site.named_hosts()[name]
    eligible = name in site.eligible_nodes()
    yield doctor_docker.engine(name, answers)
    seen = whole.dockers.get(name)
    if seen is None:
        return
    if eligible:
        yield from doctor_node.memory(name, site, seen)
    outside = doctor_docker.membership(name, seen)
    if outside:
        yield outside
        return
    if role == "manager":
        yield doctor_docker.manager(name, seen, answers, whole.names)
    if whole.manager:
        yield from doctor_docker.readiness(
            name, seen, whole.members, whole.manager, eligible=eligible
        )
