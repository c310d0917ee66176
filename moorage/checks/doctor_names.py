"""Findings about the public names as seen from here: where they lead, and what answers there."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from moorage.checks.base import About, Finding
from moorage.checks.doctor_certificate import Shown, judge
from moorage.config.schema.site import Site
from moorage.errors import MoorageError
from moorage.transport.fleet import Fleet
from moorage.transport.tunnel import socket_over

_SECONDS = 10.0


@dataclass(frozen=True)
class Door:
    """One public name and the way to it.

    Args:
        host: what findings call it: ``nexus`` or ``registry``.
        deployed: whether the service behind it is there; None where that is not known.
    """

    site: Site
    fleet: Fleet
    host: str
    domain: str
    deployed: bool | None


def from_here(door: Door) -> Iterator[Finding]:
    """Where a name leads, whether something answers, and its certificate."""
    addresses = resolved(door.domain)
    yield _name(door, addresses)
    yield behind(door, addresses)[0]


def behind(door: Door, addresses: list[str]) -> tuple[Finding, Shown | None]:
    """What answers at a name that leads to these addresses, and the certificate that it shows."""
    ca = _ca(door.site)
    about = About(door.host, "certificate")
    if ca and not ca.is_file():
        hint = "set ingress.tls.ca to the file with the CA"
        return about.failure(f"there is no CA file {ca}", hint), None
    place = door.domain if addresses else _ingress(door)
    try:
        if door.site.ingress.tls is None:
            _connected(door, place).close()
            open_ = f"port {door.site.ingress.port} answers, no TLS"
            return About(door.host, "port").ok(open_), None
        shown = _shown(door, place, ca)
    except (OSError, MoorageError) as cause:
        return _silent(door, place, cause), None
    resolver = door.site.ingress.tls.resolver
    return judge(about, door.domain, shown, time.time(),
                 resolver=resolver, deployed=door.deployed), shown  # fmt: skip


def resolved(domain: str) -> list[str]:
    """Addresses of a name as this machine knows it; none where it does not."""
    try:
        found = socket.getaddrinfo(domain, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _name(door: Door, addresses: list[str]) -> Finding:
    about = About(door.host, "name")
    if addresses:
        return about.ok(f"{door.domain} is {', '.join(addresses)}")
    message = f"{door.domain} does not resolve here"
    address = _ingress(door)
    if door.site.api == "via-ssh":
        return about.warning(
            f"{message}; Moorage goes through SSH, other machines need the name",
            f"give it an address in DNS: that of Traefik or your own proxy, {address} perhaps",
        )
    return about.failure(
        message,
        f"give it an address in DNS ({address} perhaps), or set api: via-ssh until then",
    )


def _ingress(door: Door) -> str:
    """Where Traefik is looked for first."""
    return door.site.ingress_addresses(door.fleet.manager)[0]


def _ca(site: Site) -> Path | None:
    tls = site.ingress.tls
    return site.file(tls.ca) if tls and tls.ca else None


def _connected(door: Door, place: str) -> socket.socket:
    """A connection by the way that the inventory says; see :meth:`Fleet.web`."""
    port = door.site.ingress.port
    if door.site.api == "direct":
        return socket.create_connection((place, port), _SECONDS)
    connection = socket_over(door.fleet.to_ingress())
    connection.settimeout(_SECONDS)
    return connection


def _shown(door: Door, place: str, ca: Path | None) -> Shown:
    """The certificate that is shown for a name, and what a client that checks says of it.

    Raises:
        OSError: nothing answers, or not by TLS.
    """
    checking = ssl.create_default_context(cafile=str(ca) if ca else None)
    try:
        return Shown.of(_handshake(door, place, checking))
    except ssl.SSLCertVerificationError as cause:
        # only looked at, nothing is said over this connection
        looking = ssl.create_default_context()
        looking.check_hostname = False
        looking.verify_mode = ssl.CERT_NONE
        return Shown.of(_handshake(door, place, looking), refusal=cause.verify_message)


def _handshake(door: Door, place: str, context: ssl.SSLContext) -> bytes:
    with (
        contextlib.closing(_connected(door, place)) as connection,
        context.wrap_socket(connection, server_hostname=door.domain) as wrapped,
    ):
        return wrapped.getpeercert(binary_form=True) or b""


def _silent(door: Door, place: str, cause: Exception) -> Finding:
    about = About(door.host, "port")
    target = f"{place}:{door.site.ingress.port}"
    reason = str(cause) or type(cause).__name__
    if isinstance(cause, ssl.SSLError):
        return about.failure(
            f"{target} answers, but not by TLS: {reason}",
            "end TLS at the entry point in ingress.entrypoints, or in your own proxy; or set "
            "ingress.tls: null",
        )
    if isinstance(cause, MoorageError):
        return about.failure(
            f"not tried: {cause.host or 'the manager'} is not reached by SSH",
            "see above what it says of SSH there",
        )
    return about.failure(
        f"{target} does not answer: {reason}",
        "start Traefik with that port published, or your own proxy, and let it through firewalls; "
        "or set ingress.port, or api: via-ssh where only managers reach it",
    )
