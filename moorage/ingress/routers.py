"""What Traefik 2 and 3 have in common: routers and services under ``traefik.http``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from moorage.ingress.model import Match, Route, routes

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

Condition = Callable[[Match], str]
"""Writes a match as a flavour's rule does; empty where it matches everything."""


def labels(site: Site, network_label: str, condition: Condition) -> list[str]:
    """Labels for a provider that knows routers.

    Args:
        site: the site.
        network_label: key of the label that names the overlay network.
        condition: the flavour's grammar for methods and paths.
    """
    found = [] if site.ingress.exposed_by_default else ["traefik.enable=true"]
    if site.ingress.network is not None:
        found.append(f"{network_label}={site.ingress.network}")
    services: set[str] = set()
    for route in routes(site):
        found += _router(site, route, condition)
        if route.service not in services:
            services.add(route.service)
            service = f"traefik.http.services.{_own(site, route.service)}"
            found.append(f"{service}.loadbalancer.server.port={route.port}")
    return found


def _router(site: Site, route: Route, condition: Condition) -> Iterator[str]:
    router = f"traefik.http.routers.{_own(site, route.name)}"
    yield f"{router}.rule={_rule(route, condition)}"
    yield f"{router}.priority={route.priority}"
    yield f"{router}.entrypoints={','.join(site.ingress.entrypoints)}"
    if site.ingress.tls is not None:
        yield f"{router}.tls=true"
        if site.ingress.tls.resolver is not None:
            yield f"{router}.tls.certresolver={site.ingress.tls.resolver}"
    yield f"{router}.service={_own(site, route.service)}"


def _rule(route: Route, condition: Condition) -> str:
    host = f"Host(`{route.host}`)"
    conditions = [text for text in map(condition, route.matches) if text]
    if not conditions:
        return host
    if len(conditions) == 1:
        return f"{host} && {conditions[0]}"
    return f"{host} && ({' || '.join(conditions)})"


def _own(site: Site, name: str) -> str:
    """Names of routers and services hold for all of Traefik: two stacks must not share one."""
    return f"{site.stack.name}-{name}"
