"""How requests reach Nexus: Traefik's flavour, names of entry points, routing, TLS."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from moorage.config.schema.base import Address, Model, Name, OneOrMore, Port, form


class Tls(Model):
    """Who ends TLS, and whom to trust for it."""

    resolver: Name | None = None
    """Traefik's certificate resolver; null where the entry point has its own certificate."""
    ca: str | None = None
    """File with the CA that signed it, where the operator's machine does not know it."""


class Ingress(Model):
    """The Traefik that is there already, as the service's labels must speak to it."""

    kind: Literal["traefik"] = "traefik"
    """What stands in front of Nexus."""
    version: Annotated[str, form(r"[123]\.\d+(\.\d+)?", "a version such as 1.7, 2.11 or 3.7")]
    """Version of that Traefik, such as 1.7, 2.11 or 3.7; decides how labels are written."""
    network: Name | None = "proxy"
    """Overlay network that Traefik reaches services by, with its full name; null: none."""
    entrypoints: Annotated[list[Name], Field(min_length=1), OneOrMore] = ["websecure"]
    """Entry points of Traefik that take requests for Nexus and the registry."""
    routing: Literal["split", "split-safe"] = "split-safe"
    """How one registry name is split between pull and push; docs/ingress.md shows each."""
    exposed_by_default: bool = False
    """Whether Traefik takes services without ``traefik.enable=true``."""
    tls: Tls | None = Tls()
    """null: routers without TLS."""
    labels: dict[Annotated[str, form(r"[^\s=]+", "the key of a label")], str] = {}
    """Further labels of the service, as they are."""
    port: Port = 443
    """Where the entry point listens."""
    address: Address | None = None
    """Where Traefik is reached from the manager with ``api: via-ssh``; default: the manager."""
