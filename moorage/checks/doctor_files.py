"""Findings about the CA and the certificate that are files on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from cryptography import x509

from moorage.certificates.work import why_renew
from moorage.checks.base import HERE, About, Finding
from moorage.checks.doctor_certificate import FAILURE_DAYS, WARNING_DAYS, Shown
from moorage.config.paths import shown
from moorage.config.schema.site import Site
from moorage.errors import Refused

_DAY = 86400


def certificate_files(site: Site, now: float) -> Iterator[Finding]:
    """How long the CA lasts, and whether the private CA's certificate is still right.

    Args:
        now: seconds since 1970.
    """
    tls = site.ingress.tls
    if tls and tls.ca and site.file(tls.ca).is_file():
        yield from _authorities(site.file(tls.ca).read_bytes(), shown(site.file(tls.ca)), now)
    if site.private_ca is None:
        return
    about = About(HERE, "own certificate")
    try:
        why = why_renew(site, datetime.fromtimestamp(now, UTC))
    except Refused as refusal:
        yield about.failure(refusal.message, refusal.hint)
        return
    place = shown(site.file(site.private_ca.certificate))
    if why:
        yield about.warning(f"{place}: {why}", "fab certificate-renew, then give it to Traefik")
    else:
        yield about.ok(f"{place} is for all names, signed by the CA, and lasts")


def _authorities(text: bytes, place: str, now: float) -> Iterator[Finding]:
    """One finding for each certificate in the file, which may have several."""
    about = About(HERE, "CA")
    try:
        found = x509.load_pem_x509_certificates(text)
    except ValueError:
        yield about.failure(f"{place} has no certificate in PEM form",
                            "put the CA's certificate there")  # fmt: skip
        return
    for one in found:
        name = Shown.named(one)
        days = int((one.not_valid_after_utc.timestamp() - now) // _DAY)
        message = f"{place}: {name}: {days} days left"
        hint = "make or fetch the next CA and give it to all clients before this one ends"
        if not _may_sign(one):
            yield about.warning(f"{place}: {name} is no CA", "name the CA that signed it")
        elif days < FAILURE_DAYS:
            yield about.failure(message, hint)
        elif days < WARNING_DAYS:
            yield about.warning(message, hint)
        else:
            yield about.ok(message)


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return found.value.ca
