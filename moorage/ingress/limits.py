"""What a routing cannot do, for the plan to say; docs/ingress.md says it at length."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

_LIMITS = {
    "split-safe": (
        "with split-safe an upstream image that is pushed unchanged under its upstream name is "
        "left out by containerd, since HEAD of a manifest is the same for a pull; who pushes must "
        "be allowed to read the hosted repository"
    ),
}


def limits(site: Site) -> tuple[str, ...]:
    """One line for each, none for routings that can do all; ``split`` is warned of instead."""
    found = _LIMITS.get(site.ingress.routing)
    return (f"ingress.routing: {found}",) if found else ()
