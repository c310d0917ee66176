"""How requests reach Nexus: Traefik's flavour, names of entry points, routing, TLS."""

from typing import Annotated, Literal

from pydantic import Field

from moorage.config.schema.base import (
    AbsolutePath,
    Address,
    Model,
    Name,
    Network,
    OneOrMore,
    Port,
    SecretReference,
    form,
)

AUTO = "auto"
"""The version is asked of the Traefik that runs."""

_NAMESPACE = form(
    r"[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*",
    "the beginning of an image's name: small letters, digits, and single dots, dashes, underscores "
    "and slashes between them",
)
_MIDDLEWARE = form(r"[A-Za-z0-9][A-Za-z0-9_.-]*(@[a-z0-9-]+)?", "a middleware such as auth@file")


class Tls(Model):
    """Who ends TLS, and whom to trust for it."""

    resolver: Name | None = None
    """Traefik's certificate resolver; null where the entry point has its own certificate."""
    ca: str | None = None
    """File with the CA that signed it, where the operator's machine does not know it."""
    certificate: str | None = None
    """File with a certificate of one's own and its chain, PEM, which Traefik is handed."""
    key: SecretReference | None = None
    """Where that certificate's private key is, PEM."""
    service: Name | None = None
    """Full name of Traefik's own Swarm service, which gets that certificate."""
    directory: AbsolutePath = "/etc/traefik/dynamic"
    """Where in Traefik's container its file provider reads, for that certificate."""


class Published(Model):
    """Ports of the Swarm's nodes that lead to Nexus, for a proxy of one's own."""

    mode: Literal["ingress", "host"] = "ingress"
    """`ingress`: every node answers; `host`: only the one that runs Nexus."""
    nexus: Port | None = None
    """Port for Nexus' pages and REST API; null: 8081."""
    pull: Port | None = None
    """Port for what is pulled; null: that of the repository."""
    push: Port | None = None
    """Port for what is pushed; null: that of the repository."""


class Ingress(Model):
    """The Traefik that is there already, as the service's labels must speak to it."""

    kind: Literal["traefik", "ports"] = "traefik"
    """What stands in front of Nexus; `ports`: a proxy of one's own, before published ports."""
    version: Annotated[
        str, form(r"auto|[123]\.\d+(\.\d+)?", "a version such as 1.7, 2.11 or 3.7, or auto")
    ] = ""
    """Version of that Traefik, such as 1.7, 2.11 or 3.7; `auto`: asked of the one that runs."""
    network: Name | None = "proxy"
    """Overlay network that Traefik reaches services by, with its full name; null: none."""
    entrypoints: Annotated[list[Name], Field(min_length=1), OneOrMore] = ["websecure"]
    """Entry points of Traefik that take requests for Nexus and the registry."""
    published: Published = Published()
    """With `ports`: where and as which numbers Nexus' ports are published."""
    routing: Literal["split", "split-safe", "namespaces", "two-names", "path"] = "split-safe"
    """How a pull is told from a push; docs/ingress.md shows each."""
    namespaces: Annotated[list[Annotated[str, _NAMESPACE]], OneOrMore] = []
    """With `namespaces`: beginnings of the names of one's own images, such as team."""
    exposed_by_default: bool = False
    """Whether Traefik takes services without ``traefik.enable=true``."""
    tls: Tls | None = Tls()
    """null: routers without TLS."""
    allow: Annotated[list[Network], OneOrMore] = []
    """Addresses that may reach Nexus' pages and REST API; empty: all."""
    middlewares: dict[Name, Annotated[list[Annotated[str, _MIDDLEWARE]], OneOrMore]] = {}
    """Further middlewares by router: `nexus`, or as docs/ingress.md names the registry's."""
    labels: dict[Annotated[str, form(r"[^\s=]+", "the key of a label")], str] = {}
    """Further labels of the service, as they are."""
    port: Port = 443
    """Where the entry point listens."""
    address: Address | None = None
    """Where Traefik is reached from the manager with ``api: via-ssh``; default: the manager."""

    @property
    def told_version(self) -> tuple[int, ...]:
        """The version's numbers; none where it is asked of the Traefik that runs."""
        return () if self.version in {AUTO, ""} else tuple(map(int, self.version.split(".")))
