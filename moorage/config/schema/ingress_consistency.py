"""Contradictions between what an inventory says of the ingress and of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from moorage.config.schema.floors import REPOSITORY
from moorage.config.schema.ingress import Published
from moorage.config.schema.nexus import HTTP_PORT
from moorage.config.schema.suggest import suggestion

if TYPE_CHECKING:
    from moorage.config.schema.ingress import Tls
    from moorage.config.schema.site import Site

ROUTERS = {
    "split": ("nexus", "write", "read"),
    "split-safe": ("nexus", "write", "read", "blobs"),
    "namespaces": ("nexus", "read", "own"),
    "two-names": ("nexus", "pull", "push"),
    "path": ("nexus", "registry"),
}
"""Names of the routers of each routing, for ``ingress.middlewares``."""


_OF_TRAEFIK = ("version", "network", "entrypoints", "exposed_by_default", "allow", "middlewares")


def ingress_contradictions(site: Site) -> Iterator[tuple[str, str]]:
    """All of them, each with the field it shows at and what would be right."""
    if site.ingress.kind == "ports":
        yield from _without_traefik(site)
        yield from _published(site)
    else:
        yield from _in_front_of_traefik(site)
    yield from _namespaces(site)
    yield from _two_names(site)
    if site.ingress.routing == "path":
        yield from _path(site)
    yield from _middlewares(site)
    if site.ingress.tls is not None:
        yield from _own_certificate(site.ingress.tls)


def _without_traefik(site: Site) -> Iterator[tuple[str, str]]:
    """Labels, networks and certificates are Traefik's: a proxy of one's own has its own."""
    ingress = site.ingress
    for name in _OF_TRAEFIK:
        if name in ingress.model_fields_set and getattr(ingress, name) not in (None, [], {}):
            yield f"ingress.{name}", "this is for kind: traefik, and kind is ports"
    for name in ("resolver", "certificate", "key", "service"):
        if ingress.tls is not None and getattr(ingress.tls, name) is not None:
            yield f"ingress.tls.{name}", "this is for kind: traefik, and kind is ports"


def _in_front_of_traefik(site: Site) -> Iterator[tuple[str, str]]:
    if not site.ingress.version:
        yield "ingress.version", "this key is missing"
    if site.ingress.published != Published():
        yield "ingress.published", "this is for kind: ports, and kind is traefik"


def _published(site: Site) -> Iterator[tuple[str, str]]:
    """A port of a node leads to one of Nexus', and each of those is published once."""
    published = site.ingress.published
    inner: dict[str, int | None] = {"nexus": HTTP_PORT}
    for name, repository in (("pull", site.pull_repository), ("push", site.push_repository)):
        found = site.registry.repositories.get(repository)
        if site.ingress.routing != "path":
            inner[name] = found.port if found else None
        elif getattr(published, name) is not None:
            yield f"ingress.published.{name}", "with routing: path all requests go to nexus"
    numbers: dict[int, int] = {}
    for name, port in inner.items():
        number = getattr(published, name)
        if port is not None and number and numbers.setdefault(port, number) != number:
            yield f"ingress.published.{name}", f"{port} is published as {numbers[port]} already"
    seen: dict[int, tuple[str, int]] = {}
    for name, port in inner.items():
        if port is not None:
            number = numbers.get(port, port)
            other, leads_to = seen.setdefault(number, (name, port))
            if leads_to != port:
                yield f"ingress.published.{name}", f"{number} is published for {other} already"


def _namespaces(site: Site) -> Iterator[tuple[str, str]]:
    ingress, field = site.ingress, "ingress.namespaces"
    if ingress.routing == "namespaces" and not ingress.namespaces:
        yield field, "say at least one: the beginning of the names of your own images"
    elif ingress.routing != "namespaces" and ingress.namespaces:
        yield field, f"this is for routing: namespaces, and routing is {ingress.routing}"


def _two_names(site: Site) -> Iterator[tuple[str, str]]:
    name, field = site.registry.push_domain, "registry.push_domain"
    if site.ingress.routing != "two-names":
        if name is not None:
            yield field, f"this is for ingress.routing: two-names, not {site.ingress.routing}"
    elif name is None:
        yield field, "ingress.routing: two-names needs a name that is pushed to"
    elif name in (site.registry.domain, site.nexus.domain):
        yield field, f'"{name}" is a name of something else already: three names'


def _path(site: Site) -> Iterator[tuple[str, str]]:
    floor = REPOSITORY["path_routing"]
    version = tuple(int(part) for part in site.nexus.version.split("."))
    if version < floor:
        since = ".".join(map(str, floor))
        message = f"Nexus has path routing since {since}, and nexus.version is {site.nexus.version}"
        yield "ingress.routing", message
    for name in dict.fromkeys((site.pull_repository, site.push_repository)):
        repository = site.registry.repositories.get(name)
        if repository is not None and repository.path_routing is False:
            field = f"registry.repositories.{name}.path_routing"
            yield field, "ingress.routing: path needs it: true, or null for the same"


def _middlewares(site: Site) -> Iterator[tuple[str, str]]:
    ingress = site.ingress
    if ingress.middlewares and ingress.version.startswith("1."):
        yield "ingress.middlewares", "Traefik 1 has none: write what it has into ingress.labels"
    known = ROUTERS[ingress.routing]
    for name in ingress.middlewares:
        if name not in known:
            meant = suggestion(name, known) or f": known are {', '.join(known)}"
            yield (
                f"ingress.middlewares.{name}",
                f'"{name}" is no router of routing: {ingress.routing}{meant}',
            )


def _own_certificate(tls: Tls) -> Iterator[tuple[str, str]]:
    parts = {"certificate": tls.certificate, "key": tls.key, "service": tls.service}
    given = [name for name, value in parts.items() if value is not None]
    if not given:
        return
    for name in (name for name in parts if name not in given):
        yield f"ingress.tls.{name}", f"needed with {' and '.join(given)}"
    if tls.resolver is not None:
        yield "ingress.tls.resolver", "either Traefik gets certificates itself, or it is handed one"
