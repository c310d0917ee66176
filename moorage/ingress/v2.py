"""Traefik 2: n-ary matchers, paths as gorilla/mux writes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from moorage.ingress import routers
from moorage.ingress.model import Path

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

_PATHS = {
    Path.UPLOADS: "PathPrefix(`/v2/{name:.+}/blobs/uploads/`)",
    Path.BLOBS: "Path(`/v2/{name:.+}/blobs/{digest:sha256:.+}`)",
}


def labels(site: Site) -> list[str]:
    """Labels for Traefik 2.x."""
    flavour = routers.Flavour("traefik.docker.network", "ipwhitelist", _PATHS, _any_of)
    return routers.labels(site, flavour)


def _any_of(matcher: str, arguments: Sequence[str]) -> str:
    return f"{matcher}({','.join(f'`{argument}`' for argument in arguments)})"
