"""Findings about a host that may run Nexus: NFS client, way to the server, memory. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from moorage.checks.base import About, Finding
from moorage.checks.doctor_docker import Docker
from moorage.checks.doctor_probe import (
    NFS_PORT,
    last_line,
    nfs_server,
)
from moorage.config.schema.base import in_bytes
from moorage.config.schema.site import Site
from moorage.documents import kernel_client
from moorage.steps.nodes.observe import NOT_KNOWN
from moorage.transport.base import Section

_NO_ANSWER = 124


def reached(section: Section) -> str | None:
    """How an attempt at a connection ended: ``ok``, ``refused`` or ``silent``; None: not known."""
    if section.exit_code == NOT_KNOWN:
        return None
    if section.ok:
        return "ok"
    refused = "refused" in section.text.lower() and section.exit_code != _NO_ANSWER
    return "refused" if refused else "silent"


def client(host: str, site: Site, section: Section) -> Finding:
    """Whether the kernel can mount what the volume asks for; Docker needs no ``mount.nfs``."""
    about = About(host, "nfs client")
    version = "3" if kernel_client(site)[0] == "nfs" else "4"
    if section.ok:
        return about.ok(f"the kernel can mount NFSv{version}")
    if section.exit_code == NOT_KNOWN:
        return about.warning(
            "not known: there is no modprobe", f"try there: modprobe {kernel_client(site)[1]}"
        )
    return about.failure(
        f"the kernel has no NFSv{version} client",
        "install nfs-common, and linux-modules-extra for this kernel where there is such a package",
    )


def way_to_server(host: str, site: Site, section: Section, *, server_runs: bool | None) -> Finding:
    """Whether the NFS server answers this node.

    Args:
        server_runs: what the NFS host says of its service; None where that is not known.
    """
    about = About(host, "nfs server")
    place = f"{nfs_server(site)}:{NFS_PORT}"
    outcome = reached(section)
    if outcome == "ok":
        return about.ok(f"{place} answers")
    if outcome is None:
        return about.warning(
            f"{place}: not known, there is neither python3, nc nor bash",
            f"try from there that TCP port {NFS_PORT} is reached",
        )
    if server_runs is False:
        return about.warning(
            f"{place} does not answer: the server does not run yet", "fab nfs-setup starts it"
        )
    if outcome == "refused":
        return about.failure(
            f"{place} refuses connections", "start the server there: fab nfs-setup"
        )
    return about.failure(
        f"{place} does not answer within 5 s: {last_line(section)}",
        f"let TCP port {NFS_PORT} through between them; check storage.volume.server",
    )


def memory(host: str, site: Site, seen: Docker) -> Iterator[Finding]:
    """Whether Nexus fits into the machine."""
    about = About(host, "memory")
    sizes = site.nexus.memory
    java = sum(in_bytes(size) for size in (sizes.heap, sizes.direct) if size)
    limit = in_bytes(sizes.limit) if sizes.limit else 0
    total = f"{_gib(seen.memory)} GiB"
    if not seen.memory:
        return
    if java > seen.memory:
        yield about.failure(
            f"{total} in all; nexus.memory gives Java {_gib(java)} GiB of heap and direct memory",
            "lower nexus.memory.heap and direct, or let Nexus run on a larger node",
        )
    elif limit > seen.memory:
        yield about.warning(
            f"{total} in all, less than nexus.memory.limit ({sizes.limit})",
            "lower nexus.memory.limit, or the kernel decides whom to kill",
        )
    else:
        yield about.ok(f"{total} in all" + (f", Nexus may use {sizes.limit}" if limit else ""))


def ingress_port(host: str, place: str, section: Section) -> Finding:
    """Whether anything answers where Traefik is to listen, as seen from a manager."""
    about = About(host, "port")
    outcome = reached(section)
    if outcome == "ok":
        return about.ok(f"{place} answers")
    if outcome is None:
        return about.warning(
            f"{place}: not known, there is neither python3, nc nor bash",
            "try from there that it is reached",
        )
    what = "refuses connections" if outcome == "refused" else "does not answer"
    return about.failure(
        f"{place} {what}",
        "start Traefik, or your own proxy, there; or set ingress.port and ingress.address",
    )


def _gib(size: int) -> str:
    return f"{size / 1024**3:.1f}"
