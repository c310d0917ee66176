"""What the inventory asks of each machine with Docker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from moorage.config.schema.site import Site

CERTIFICATES = "/etc/docker/certs.d"
"""Where Docker looks for CAs, by registry (docs.docker.com, "Verify repository client with
certificates"); it reads them with each request, so nothing is restarted.
"""


@dataclass(frozen=True)
class NodeDesired:
    """What one machine is to have; nothing at all where all is to be taken out.

    Args:
        nfs: whether it is to have the NFS client.
        runs: whether it may run Nexus, so that its kernel has to have the client's part.
        certificates: PEM text by the path it is to have.
        address: IP address that /etc/hosts is to give for ``names``; empty where it need not.
        names: those by which the registry and Nexus are known.
        mirror: address that dockerd is to ask for Docker Hub's images; empty for none.
    """

    nfs: bool = False
    runs: bool = False
    certificates: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    names: tuple[str, ...] = ()
    mirror: str = ""


@dataclass(frozen=True)
class Common:
    """What counts for all machines of a site.

    Args:
        home: the folder of the stack on each of them.
        mark: end of the line in /etc/hosts that is Moorage's.
        names: those of the registry and of Nexus.
        kernel: file system and module for the version of NFS that the volume asks for.
        package_proxy: HTTP proxy to fetch packages by; empty for none.
        going: what names of volumes begin with whose mounts are gone before anything is taken out.
    """

    home: str
    mark: str
    names: tuple[str, ...]
    kernel: tuple[str, str]
    package_proxy: str = ""
    going: tuple[str, ...] = ()

    def lasting(self, mounts: Iterable[str]) -> list[str]:
        """Those of some mounts that stay: a volume's is ``…/NAME/_data``."""
        return [point for point in mounts
                if not (self.going and point.rpartition("/")[0].rpartition("/")[2].startswith(
                    self.going))]  # fmt: skip


def desired(site: Site, ca: str | None, *, undo: bool = False) -> dict[str, NodeDesired]:
    """What each machine is to have, by its name.

    Args:
        ca: PEM text of ``ingress.tls.ca``; None where there is none.
        undo: ask for nothing.
    """
    if undo:
        return dict.fromkeys(site.docker_hosts(), NodeDesired())
    nodes, swarm = site.nodes, site.swarm_hosts()
    eligible = site.eligible_nodes()
    mirror = mirror_address(site)
    certificates = {}
    if nodes.registry_ca and ca is not None:
        asked = [site.registry.domain]
        if mirror.startswith(f"https://{site.nexus.domain}"):
            asked.append(site.nexus.domain)
        certificates = {f"{CERTIFICATES}/{site.with_port(name)}/ca.crt": ca for name in asked}
    return {
        name: NodeDesired(
            nfs=nodes.nfs_client and name in swarm,
            runs=name in eligible,
            certificates=certificates,
            address=nodes.hosts_file or "",
            names=(site.registry.domain, site.nexus.domain),
            mirror=mirror,
        )
        for name in site.docker_hosts()
    }


def mirror_address(site: Site) -> str:
    """Where Docker Hub's images come from; empty where nothing is said of it.

    A repository is reached below Nexus' own pages (help.sonatype.com, "Docker Registry"), where
    dockerd adds its ``v2/`` (moby, registry/config.go, since 24.0.9).
    """
    mirror = site.nodes.mirror or ""
    if not mirror or "://" in mirror:
        return mirror.rstrip("/")
    scheme = "https" if site.ingress.tls else "http"
    return f"{scheme}://{site.with_port(site.nexus.domain)}/repository/{mirror}"
