"""The step that moves Nexus' data, made ready for a site."""

from __future__ import annotations

from moorage import documents
from moorage.config.schema.base import seconds
from moorage.config.schema.site import Site
from moorage.errors import Refused
from moorage.steps.base import Step
from moorage.steps.data import DataDesired, DataStep
from moorage.steps.stack.converge import Wait
from moorage.transport.base import Progress
from moorage.transport.fleet import Fleet
from moorage.transport.http import Web


def data_step(
    fleet: Fleet, site: Site, manager: str, web: Web, home: str, *, source: str, checksums: str
) -> Step:
    """The data's way from a node to the export.

    Args:
        home: the folder of the stack on each host.
        source: inventory name of the node to copy from; empty where it is clear.
        checksums: ``all`` or ``sample``.

    Raises:
        Refused: a flag says something else.
    """
    if checksums not in {"all", "sample"}:
        raise Refused(f"--checksums: {checksums} is neither all nor sample")
    if source and source not in site.swarm_hosts():
        raise Refused(f"--source: {source} is no manager or node of this inventory",
                      hint=f"it has {', '.join(site.swarm_hosts())}")  # fmt: skip
    volume = documents.volume(site)
    service = f"{site.stack.name}_{site.stack.service}"
    wanted = DataDesired(
        stack=site.stack.name,
        service=service,
        volume=volume.actual_name,
        options=volume.driver_opts,
        nocopy=site.storage.volume.nocopy,
        export=site.storage.export,
        nfs=site.nfs_name,
        uid=site.nexus.uid,
        mode=site.storage.mode.zfill(4),
        home=home,
        machines=tuple(site.swarm_hosts()),
        source=source,
        checksums="all" if checksums == "all" else "sample",
        package_proxy=site.nodes.package_proxy or "",
    )

    def converge(former_update: str, former_tasks: frozenset[str], progress: Progress) -> None:
        wait = Wait(fleet.host(manager), service, seconds(site.stack.converge_timeout),
                    former_update=former_update, former_tasks=former_tasks)  # fmt: skip
        wait.until_converged(progress)
        wait.seconds = seconds(site.nexus.startup_timeout)
        wait.until_writable(web, progress)

    return DataStep(fleet, manager, wanted, converge)
