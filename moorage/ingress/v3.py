"""Traefik 3: matchers take one argument, paths are Go regular expressions.

``traefik.swarm.network`` is read from 3.2.2 on; earlier versions ignore it without a word, later
ones still read ``traefik.docker.network`` and refuse a service with both (traefik,
pkg/provider/docker/shared_labels.go at v3.2.1 and v3.2.2). A bare "3.2" may be either, so it gets
the one that every 3.2 reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from moorage.ingress import routers
from moorage.ingress.model import Path

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

_SWARM_LABEL_SINCE = (3, 2, 2)
_PATHS = {
    Path.UPLOADS: "PathRegexp(`^/v2/.+/blobs/uploads/`)",
    Path.BLOBS: "PathRegexp(`^/v2/.+/blobs/sha256:`)",
}


def labels(site: Site) -> list[str]:
    """Labels for Traefik 3.x."""
    version = tuple(int(part) for part in site.ingress.version.split("."))
    swarm = version >= _SWARM_LABEL_SINCE
    network = "traefik.swarm.network" if swarm else "traefik.docker.network"
    return routers.labels(site, routers.Flavour(network, "ipallowlist", _PATHS, _any_of))


def _any_of(matcher: str, arguments: Sequence[str]) -> str:
    text = " || ".join(f"{matcher}(`{argument}`)" for argument in arguments)
    return text if len(arguments) == 1 else f"({text})"
