"""Which requests go to which port of Nexus, before any flavour of Traefik writes it down.

``split`` sends reads to the group and writes to the hosted repository. A push also asks by HEAD
whether a layer is there already, and a group answers that for every member: the push then skips
the layer and the hosted repository refuses the manifest. ``split-safe`` sends that question, and
everything about an upload, to the hosted repository (docs/ingress.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from moorage.config.schema.nexus import HTTP_PORT

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

READS = ("GET", "HEAD")
WRITES = ("PUT", "DELETE", "POST", "PATCH")

USUAL = 100  # above the length of any catch-all rule, which is Traefik's default priority
FIRST = 200


class Path(Enum):
    """Paths of the registry API (OCI distribution specification, "Endpoints")."""

    UPLOADS = "uploads"
    """Everything below ``/v2/<name>/blobs/uploads/``."""
    BLOBS = "blobs"
    """``/v2/<name>/blobs/sha256:…``."""


@dataclass(frozen=True)
class Match:
    """Requests of some methods to some paths; all where nothing is said."""

    methods: tuple[str, ...] = ()
    path: Path | None = None


@dataclass(frozen=True)
class Route:
    """Requests that go to one port of Nexus.

    Args:
        name: of the router.
        service: name of what it leads to; several routes may lead to the same.
        host: the name in the request.
        port: of Nexus in the container.
        matches: a request needs to fit one of them.
        priority: the highest that fits a request takes it.
    """

    name: str
    service: str
    host: str
    port: int
    matches: tuple[Match, ...]
    priority: int


def routes(site: Site) -> list[Route]:
    """All routes of a site: Nexus' own pages, writes, reads, and what must not be a read."""
    registry = site.registry.domain
    found = [
        Route("nexus", "nexus", site.nexus.domain, HTTP_PORT, (Match(),), USUAL),
        Route("write", "write", registry, site.push_port, (Match(WRITES),), USUAL),
        Route("read", "read", registry, site.pull_port, (Match(READS),), USUAL),
    ]
    if site.ingress.routing == "split-safe":
        blobs = (Match(path=Path.UPLOADS), Match(("HEAD",), Path.BLOBS))
        found.append(Route("blobs", "write", registry, site.push_port, blobs, FIRST))
    return found
