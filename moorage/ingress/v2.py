"""Traefik 2: n-ary matchers, paths as gorilla/mux writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moorage.ingress import routers
from moorage.ingress.model import Match, Path

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

_PATHS = {
    Path.UPLOADS: "PathPrefix(`/v2/{name:.+}/blobs/uploads/`)",
    Path.BLOBS: "Path(`/v2/{name:.+}/blobs/{digest:sha256:.+}`)",
}


def labels(site: Site) -> list[str]:
    """Labels for Traefik 2.x."""
    return routers.labels(site, "traefik.docker.network", _condition)


def _condition(match: Match) -> str:
    methods = ",".join(f"`{method}`" for method in match.methods)
    parts = [f"Method({methods})"] if methods else []
    if match.path is not None:
        parts.append(_PATHS[match.path])
    text = " && ".join(parts)
    return f"({text})" if len(parts) > 1 else text
