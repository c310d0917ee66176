"""What makes a machine with Docker a good client of the registry and of the NFS server."""

from typing import Annotated

from pydantic import AfterValidator

from moorage.config.schema.base import Model, form, is_ip

_MIRROR = form(
    r"[a-z0-9-][a-z0-9_.-]*|https?://[^\s/?#@]+(/[^\s?#@]*)?",
    "a proxy repository's name, or an address such as https://mirror.example.com",
)
_PROXY = form(r"http://[^\s/?#@]+/?", "an address without a login, such as http://10.0.0.3:3128")


def _ip(text: str) -> str:
    if is_ip(text):
        return text
    raise ValueError(f'"{text}" is not an IP address, which is all that /etc/hosts takes')


class Nodes(Model):
    """What ``fab nodes-setup`` does on each Docker host."""

    nfs_client: bool = True
    """Have the NFS client on all machines of the Swarm."""
    registry_ca: bool = True
    """Let Docker trust `ingress.tls.ca`, by `/etc/docker/certs.d`."""
    hosts_file: Annotated[str, AfterValidator(_ip)] | None = None
    """IP address that `/etc/hosts` is to give for both names; null where DNS has them."""
    login: str | None = None
    """One of `nexus.users`, with the right to pull alone: Docker is logged in as this user."""
    mirror: Annotated[str, _MIRROR] | None = None
    """Where Docker Hub's images come from: a proxy repository (Docker 24.0.9), or an address."""
    package_proxy: Annotated[str, _PROXY] | None = None
    """HTTP proxy by which the machines fetch packages."""
