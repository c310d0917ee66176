"""What the inventory asks of the NFS host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from moorage.config.schema.site import Site
from moorage.steps.exports import complete


@dataclass(frozen=True)
class NfsDesired:
    """What the inventory asks of the NFS host.

    Args:
        file: path of the export file that Moorage owns.
        text: its content.
        clients: options by client, as the kernel is to have them.
        package_proxy: HTTP proxy to fetch the package by; empty for none.
        pinned: addresses by name of the nodes of which only the one that Nexus is on is let in;
            empty where it may be on any.
        floor: percent of space and inodes that must be free.
        recursive: whether all files below are to be Nexus' account's too.
        manage_export: False where the export is somebody else's, and is looked at alone.
    """

    path: str
    uid: int
    mode: str
    adopt: bool
    file: str
    text: str
    clients: dict[str, frozenset[str]]
    package_proxy: str = ""
    pinned: Mapping[str, str] = field(default_factory=dict)
    manage_export: bool = True
    floor: int = 0
    recursive: bool = False


def desired(
    site: Site, file: str, text: str, on: Sequence[str] = (), *, recursive: bool = False
) -> NfsDesired:
    """What the inventory asks, with the export file as the template renders it.

    Args:
        recursive: ``--chown-recursive``.
        on: names of the nodes that Nexus is on, as :meth:`Site.export_clients` takes them.
    """
    hosts = site.swarm_hosts()
    options = complete(site.storage.export_options)
    return NfsDesired(
        path=site.storage.export,
        uid=site.nexus.uid,
        mode=site.storage.mode.zfill(4),
        adopt=site.storage.adopt,
        file=file,
        text=text,
        clients=dict.fromkeys(site.export_clients(on), options),
        package_proxy=site.nodes.package_proxy or "",
        pinned={name: hosts[name].address for name in site.eligible_nodes()} if site.pinned else {},
        manage_export=site.storage.manage_export,
        floor=site.storage.floor,
        recursive=recursive,
    )
