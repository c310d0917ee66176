"""How requests reach Nexus: Traefik's flavour, names of entry points, routing, TLS."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from moorage.config.schema.base import Address, Model, Name, Port


class Tls(Model):
    """Who ends TLS, and whom to trust for it."""

    resolver: Name | None = None
    """Traefik's certificate resolver; null where the entry point has its own certificate."""
    ca: str | None = None
    """File with the CA that signed it, where the operator's machine does not know it."""


class Ingress(Model):
    """The Traefik that is there already, as the service's labels must speak to it."""

    kind: Literal["traefik"] = "traefik"
    version: Annotated[str, Field(pattern=r"^[123]\.\d+(\.\d+)?$")]
    """Major and minor decide what is written: "1.7", "2.11", "3.7"."""
    network: str | None = "proxy"
    """Overlay network that Traefik reaches services by, with its full name; null: none."""
    entrypoints: list[Name] = ["websecure"]
    routing: Literal["split", "split-safe"] = "split-safe"
    """How one registry name is split between pull and push; docs/ingress.md shows each."""
    exposed_by_default: bool = False
    """Whether Traefik takes services without ``traefik.enable=true``."""
    tls: Tls | None = Tls()
    """null: routers without TLS."""
    labels: dict[str, str] = {}
    """Further labels of the service, as they are."""
    port: Port = 443
    """Where the entry point listens."""
    address: Address | None = None
    """Where Traefik is reached from the manager with ``api: via-ssh``; default: the manager."""
