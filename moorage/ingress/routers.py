"""What Traefik 2 and 3 have in common: routers, services and middlewares under ``traefik.http``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moorage.ingress.model import PAGES, Match, Path, Route, routes

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

_ALLOW = "allow"


@dataclass(frozen=True)
class Flavour:
    """How a major version writes what the versions have in common.

    Args:
        network_label: key of the label that names the overlay network.
        allow_list: name of the middleware that lets some addresses in.
        paths: the matcher of each kind of path.
        any_of: a matcher and its arguments, in the grammar for "one of these".
    """

    network_label: str
    allow_list: str
    paths: Mapping[Path, str]
    any_of: Callable[[str, Sequence[str]], str]

    def condition(self, match: Match) -> str:
        """A match in the grammar of rules; empty where it matches everything."""
        parts = [self.any_of("Method", match.methods)] if match.methods else []
        if match.path is not None:
            parts.append(self.paths[match.path])
        if match.prefixes:
            parts.append(self.any_of("PathPrefix", match.prefixes))
        text = " && ".join(parts)
        return f"({text})" if len(parts) > 1 else text


def labels(site: Site, flavour: Flavour) -> list[str]:
    """Labels for a provider that knows routers."""
    found = [] if site.ingress.exposed_by_default else ["traefik.enable=true"]
    if site.ingress.network is not None:
        found.append(f"{flavour.network_label}={site.ingress.network}")
    services: set[str] = set()
    for route in routes(site):
        found += _router(site, route, flavour)
        if route.service not in services:
            services.add(route.service)
            service = f"traefik.http.services.{_own(site, route.service)}"
            found.append(f"{service}.loadbalancer.server.port={route.port}")
    if site.ingress.allow:
        middleware = f"traefik.http.middlewares.{_own(site, _ALLOW)}.{flavour.allow_list}"
        found.append(f"{middleware}.sourcerange={','.join(site.ingress.allow)}")
    return found


def _router(site: Site, route: Route, flavour: Flavour) -> Iterator[str]:
    router = f"traefik.http.routers.{_own(site, route.name)}"
    yield f"{router}.rule={_rule(route, flavour)}"
    yield f"{router}.priority={route.priority}"
    yield f"{router}.entrypoints={','.join(site.ingress.entrypoints)}"
    if site.ingress.tls is not None:
        yield f"{router}.tls=true"
        if site.ingress.tls.resolver is not None:
            yield f"{router}.tls.certresolver={site.ingress.tls.resolver}"
    middlewares = list(site.ingress.middlewares.get(route.name, []))
    if site.ingress.allow and route.name == PAGES:
        # whom it shuts out is not to reach the others
        middlewares.insert(0, _own(site, _ALLOW))
    if middlewares:
        yield f"{router}.middlewares={','.join(middlewares)}"
    yield f"{router}.service={_own(site, route.service)}"


def _rule(route: Route, flavour: Flavour) -> str:
    host = f"Host(`{route.host}`)"
    conditions = [text for text in map(flavour.condition, route.matches) if text]
    if not conditions:
        return host
    if len(conditions) == 1:
        return f"{host} && {conditions[0]}"
    return f"{host} && ({' || '.join(conditions)})"


def _own(site: Site, name: str) -> str:
    """Names of routers and services hold for all of Traefik: two stacks must not share one."""
    return f"{site.stack.name}-{name}"
