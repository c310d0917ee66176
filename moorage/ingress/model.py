"""Which requests go to which port of Nexus, before any flavour of Traefik writes it down.

What each routing is for, and what each request of a push and a pull meets: docs/ingress.md.
"""

from __future__ import annotations

from collections.abc import Callable
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

API = "/v2/"
"""Where the registry API begins (OCI distribution specification, "Endpoints")."""


class Path(Enum):
    """Paths of the registry API that a prefix cannot tell."""

    UPLOADS = "uploads"
    """Everything below ``/v2/<name>/blobs/uploads/``."""
    BLOBS = "blobs"
    """``/v2/<name>/blobs/sha256:…``."""


@dataclass(frozen=True)
class Match:
    """Requests of some methods to some paths; all where nothing is said.

    Args:
        methods: one of these.
        path: of this kind.
        prefixes: the path begins with one of these.
    """

    methods: tuple[str, ...] = ()
    path: Path | None = None
    prefixes: tuple[str, ...] = ()


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
    matches: tuple[Match, ...] = (Match(),)
    priority: int = USUAL


PAGES = "nexus"
"""Name of the router to Nexus' own pages and REST API."""


def routes(site: Site) -> list[Route]:
    """All routes of a site: Nexus' own pages, then those of the registry."""
    pages = Route(PAGES, PAGES, site.nexus.domain, HTTP_PORT)
    return [pages, *_ROUTINGS[site.ingress.routing](site)]


def published(site: Site) -> dict[int, int]:
    """Nexus' ports and those of the nodes that lead to them; none where Traefik is in front."""
    if site.ingress.kind != "ports":
        return {}
    asked = site.ingress.published
    numbers = {HTTP_PORT: asked.nexus}
    if site.ingress.routing != "path":
        numbers[site.pull_port] = asked.pull
        numbers[site.push_port] = asked.push or numbers.get(site.push_port)
    return {port: numbers[port] or port for port in sorted({route.port for route in routes(site)})}


def network(site: Site) -> str | None:
    """The network that Traefik reaches Nexus by; a proxy of one's own needs none."""
    return site.ingress.network if site.ingress.kind == "traefik" else None


def _write(site: Site) -> Route:
    return Route("write", "write", site.registry.domain, site.push_port, (Match(WRITES),))


def _read(site: Site) -> Route:
    return Route("read", "read", site.registry.domain, site.pull_port, (Match(READS),))


def _split(site: Site) -> list[Route]:
    return [_write(site), _read(site)]


def _split_safe(site: Site) -> list[Route]:
    """A push asks by HEAD whether a layer is there, and a group answers that for every member: the
    push then skips the layer, and the hosted repository refuses the manifest. So that question, and
    everything about an upload, goes to the hosted repository.
    """
    blobs = (Match(path=Path.UPLOADS), Match(("HEAD",), Path.BLOBS))
    host, port = site.registry.domain, site.push_port
    return [*_split(site), Route("blobs", "write", host, port, blobs, FIRST)]


def _namespaces(site: Site) -> list[Route]:
    """No route takes a write elsewhere, so Traefik itself answers it by 404."""
    own = Match(prefixes=tuple(f"{API}{name}/" for name in site.ingress.namespaces))
    host, port = site.registry.domain, site.push_port
    return [_read(site), Route("own", "own", host, port, (own,), FIRST)]


def _two_names(site: Site) -> list[Route]:
    return [
        Route("pull", "pull", site.registry.domain, site.pull_port),
        Route("push", "push", site.push_domain, site.push_port),
    ]


def _path(site: Site) -> list[Route]:
    """Only the registry API: the pages have a route of their own, which may be closed to some."""
    match = Match(prefixes=(API,))
    return [Route("registry", PAGES, site.registry.domain, HTTP_PORT, (match,), FIRST)]


_ROUTINGS: dict[str, Callable[[Site], list[Route]]] = {
    "split": _split,
    "split-safe": _split_safe,
    "namespaces": _namespaces,
    "two-names": _two_names,
    "path": _path,
}
