"""What it takes to move Nexus to another node, made ready for a site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from moorage import documents
from moorage.config.schema.base import seconds
from moorage.config.schema.site import Site
from moorage.config.schema.suggest import suggestion
from moorage.documents.exports import closed
from moorage.errors import Refused
from moorage.order import lock_home
from moorage.steps.nfs import scripts as nfs_scripts
from moorage.steps.relocate import RelocateDesired, RelocateStep, Scripts
from moorage.steps.relocate.desired import Machine
from moorage.steps.stack import scripts as stack_scripts
from moorage.steps.stack.converge import Wait

if TYPE_CHECKING:
    from moorage.order import Assembly
    from moorage.transport.base import Progress

_GRACE_SECONDS = 120


def refuse_request(site: Site, to: str, fenced: Sequence[str]) -> None:
    """Make sure that the inventory has Nexus where it can be moved by this.

    Raises:
        Refused: it has not; no host was contacted.
    """
    placement, hosts = site.stack.placement, site.swarm_hosts()
    for flag, name in [("--to", to), *(("--fenced", name) for name in fenced)]:
        if name not in hosts:
            raise Refused(f"{flag}: the Swarm has no {name}{suggestion(name, list(hosts))}",
                          hint=f"one of {', '.join(hosts)}")  # fmt: skip
    if to in fenced:
        raise Refused(f"{to} cannot be switched off and take Nexus too")
    if placement is None:
        raise Refused("stack.placement is null: Nexus may be anywhere, so nothing moves it",
                      hint="name the nodes that it may be on in stack.placement.nodes")  # fmt: skip
    if placement.failover:
        raise Refused(
            "stack.placement.failover lets Swarm move Nexus by itself",
            hint="take the node out of use: docker node update --availability drain NODE; or set "
            "failover: false",
        )
    if not site.storage.manage_export:
        raise Refused(
            "storage.manage_export is false, and the old node is fenced off by the export",
            hint="let Moorage write the export: take the other line out, set it to true, and run "
            "fab nfs-setup",
        )
    if to not in site.eligible_nodes():
        wanted = ", ".join((*site.eligible_nodes(), to))
        raise Refused(
            f"{to} is not among the nodes that Nexus may be on",
            hint=f"in {site.path}: stack: {{placement: {{nodes: [{wanted}]}}}}",
        )


def relocate_step(assembly: Assembly, to: str, fenced: Sequence[str]) -> RelocateStep:
    """The step ``relocate``.

    Args:
        to: inventory name of the node.
        fenced: names of hosts that are switched off.
    """
    site, manager = assembly.site, assembly.manager
    label, volume = documents.placement_label(site), documents.volume(site)
    grace = site.stack.stop_grace_period
    wanted = RelocateDesired(
        to=to,
        fenced=tuple(fenced),
        swarm={name: Machine(host.address, site.swarm_hostname(name))
               for name, host in site.swarm_hosts().items()},
        service=f"{site.stack.name}_{site.stack.service}",
        label=label,
        path=site.storage.export,
        file=documents.exports_path(site),
        text=documents.exports(site, assembly.templates, [to]),
        closed=closed(site, to),
        clients=tuple(site.export_clients([to])),
        listed=site.storage.clients is not None,
        servers=(site.storage.volume.server or site.nfs_address,),
        volume=volume.actual_name,
        options=volume.driver_opts,
        grace_seconds=seconds(grace) if grace else _GRACE_SECONDS,
        scripts=_scripts(assembly, to),
        home=lock_home(site),
    )  # fmt: skip
    return RelocateStep(assembly.fleet, manager, site.nfs_name, assembly.nexus_web(), wanted)


def _scripts(assembly: Assembly, to: str) -> Scripts:
    site = assembly.site
    key, value = documents.placement_label(site)
    text = documents.exports(site, assembly.templates, [to])
    clients = site.export_clients([to])
    volume = documents.volume(site)
    server = site.storage.volume.server or site.nfs_address
    prove = None if site.nexus.image.distribution != "load" else stack_scripts.mount_probe(
        assembly.image, server, volume.driver_opts, site.nexus.uid,
        nocopy=site.storage.volume.nocopy,
    )  # fmt: skip

    def wait(former_update: str, former_tasks: frozenset[str], progress: Progress) -> None:
        waiting = Wait(
            assembly.fleet.host(assembly.manager),
            f"{site.stack.name}_{site.stack.service}",
            seconds(site.stack.converge_timeout),
            former_update=former_update,
            former_tasks=former_tasks,
        )
        waiting.until_converged(progress)
        waiting.seconds = seconds(site.nexus.startup_timeout)
        waiting.until_writable(assembly.nexus_web(), progress)

    return Scripts(
        label=lambda node, hostname, on: stack_scripts.label_node(
            node, hostname, key, value if on else None
        ),
        let_in=nfs_scripts.export(documents.exports_path(site), text, site.storage.export, clients),
        prove=prove,
        wait=wait,
    )
