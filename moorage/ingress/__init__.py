"""Ingress settings to Traefik labels; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moorage.config.schema.site import Site


def labels(site: Site) -> list[str]:
    """The service's labels as ``key=value``, in a fixed order, with single ``$``.

    What the inventory adds in ``ingress.labels`` comes last.

    Args:
        site: the site, with the version of Traefik told (``Site.with_traefik``).
    """
    from moorage.ingress import v1, v2, v3

    if site.ingress.kind == "ports":
        return [f"{key}={value}" for key, value in site.ingress.labels.items()]
    flavour = {"1": v1.labels, "2": v2.labels, "3": v3.labels}[site.ingress.version[0]]
    return [*flavour(site), *(f"{key}={value}" for key, value in site.ingress.labels.items())]
