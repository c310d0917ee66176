"""Traefik 1.7: segment labels, rules of the form ``Host:…;Method:…``.

Rules are split at ``;``, then at the first ``:``, their arguments at ``,`` (traefik v1.7,
rules/rules.go, parseRules); paths in braces go to gorilla/mux. A frontend's rule has no "or", so
each alternative becomes a segment of its own. TLS is the entry point's own business.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from moorage.ingress.model import PAGES, Match, Path, Route, routes

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

_PATHS = {
    Path.UPLOADS: "PathPrefix:/v2/{name:.+}/blobs/uploads/",
    Path.BLOBS: "Path:/v2/{name:.+}/blobs/{digest:sha256:.+}",
}


def labels(site: Site) -> list[str]:
    """Labels for Traefik 1.x."""
    found = [] if site.ingress.exposed_by_default else ["traefik.enable=true"]
    if site.ingress.network is not None:
        found.append(f"traefik.docker.network={site.ingress.network}")
    return [*found, *(label for route in routes(site) for label in _segments(site, route))]


def _segments(site: Site, route: Route) -> Iterator[str]:
    for match in route.matches:
        name = _segment(route, match)
        yield f"traefik.{name}.backend={name}"
        yield f"traefik.{name}.frontend.rule={_rule(route.host, match)}"
        if site.ingress.routing != "split":
            yield f"traefik.{name}.frontend.priority={route.priority}"
        yield f"traefik.{name}.frontend.entryPoints={','.join(site.ingress.entrypoints)}"
        if site.ingress.allow and route.name == PAGES:
            allowed = ",".join(site.ingress.allow)
            yield f"traefik.{name}.frontend.whiteList.sourceRange={allowed}"
        yield f"traefik.{name}.port={route.port}"


def _segment(route: Route, match: Match) -> str:
    if route.name == PAGES:
        return route.name
    return f"registry-{match.path.value if match.path else route.name}"


def _rule(host: str, match: Match) -> str:
    parts = [f"Host:{host}"]
    if match.path is not None:
        parts.append(_PATHS[match.path])
    if match.prefixes:
        parts.append(f"PathPrefix:{','.join(match.prefixes)}")
    if match.methods:
        parts.append(f"Method:{','.join(match.methods)}")
    return ";".join(parts)
