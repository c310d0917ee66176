"""What is done with a site's private CA: made, signed with, its certificate renewed in time."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509

from moorage.certificates import files
from moorage.certificates.authority import Pair, belong, issue, make_authority, signed_by
from moorage.certificates.files import Places
from moorage.config.paths import shown
from moorage.config.schema.private_ca import PrivateCa
from moorage.config.schema.site import Site
from moorage.errors import Refused
from moorage.quoting import plain_bytes
from moorage.values import Secret

RENEW_DAYS = 30
"""A certificate with fewer days left is renewed."""


def names(site: Site) -> list[str]:
    """The names that a site's certificate counts for, without repetition."""
    more = site.private_ca.names if site.private_ca else []
    return list(dict.fromkeys([site.registry.domain, site.nexus.domain, *more]))


def create(site: Site, passphrase: Secret, *, force: bool = False) -> list[str]:
    """Make a CA, and a certificate for the site's names; give a line for each file.

    Raises:
        Refused: a file is there already and ``force`` was not given; there is no private CA.
    """
    places, wanted = Places.of(site), _wanted(site)
    if not force:
        files.require_free([places.ca, places.ca_key, places.certificate, places.key])
    name, now = f"{site.registry.domain} private CA", files.now()
    authority = make_authority(name, passphrase, days=wanted.ca_days, now=now)
    pair = issue(authority, passphrase, names(site), days=wanted.days, now=now)
    files.write({
        places.ca: authority.certificate, places.ca_key: plain_bytes(authority.key),
        places.certificate: pair.certificate, places.key: plain_bytes(pair.key),
    })  # fmt: skip
    return [
        f"{shown(places.ca)}: the CA, {wanted.ca_days} days; give it to clients (fab nodes-setup)",
        f"{shown(places.ca_key)}: its key, encrypted; keep a copy of it and of the passphrase",
        *_told(site, places),
    ]


def certify(site: Site, passphrase: Secret, *, force: bool = False) -> list[str]:
    """Issue a certificate anew for the site's names; give a line for each file.

    Raises:
        Refused: there is one already and ``force`` was not given; the CA cannot be used.
    """
    places, wanted = Places.of(site), _wanted(site)
    if not force:
        files.require_free([places.certificate, places.key])
    authority = Pair(files.read(places.ca), files.read_key(places.ca_key))
    pair = issue(authority, passphrase, names(site), days=wanted.days, now=files.now())
    files.write({places.certificate: pair.certificate, places.key: plain_bytes(pair.key)})
    return _told(site, places)


def why_renew(site: Site, now: datetime) -> str:
    """Why a site's certificate is to be renewed now; empty where it is not.

    Raises:
        Refused: there is no private CA.
    """
    places = Places.of(site)
    if not (places.certificate.exists() and places.key.exists()):
        return "there is none yet"
    text = files.read(places.certificate)
    try:
        found = x509.load_pem_x509_certificate(text)
    except ValueError:
        return f"{shown(places.certificate)} is no certificate"
    if not _fits(text, places):
        return "its key is another's"
    if not signed_by(text, files.read(places.ca)):
        return "the CA is another now"
    told = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    lacking = [name for name in names(site) if name not in told.get_values_for_type(x509.DNSName)]
    if lacking:
        return f"it is not for {', '.join(lacking)}"
    days = (found.not_valid_after_utc - now).days
    return f"{days} days left" if days < RENEW_DAYS else ""


def _fits(certificate: bytes, places: Places) -> bool:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(plain_bytes(files.read_key(places.key)), None)
    except (ValueError, TypeError):
        return False
    return isinstance(key, EllipticCurvePrivateKey) and belong(certificate, key.public_key())


def _wanted(site: Site) -> PrivateCa:
    if site.private_ca is None:
        raise Refused("this inventory has no private CA", hint="see docs/access.md")
    return site.private_ca


def _told(site: Site, places: Places) -> list[str]:
    days = site.private_ca.days if site.private_ca else 0
    return [
        f"{shown(places.certificate)}: the certificate for {', '.join(names(site))}, {days} days",
        f"{shown(places.key)}: its key; Traefik is to have both",
    ]
