"""What a TLS certificate is worth for a name, and for how long. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID

from moorage.checks.base import About, Finding

WARNING_DAYS = 21
FAILURE_DAYS = 7
_DAY = 86400
_TRAEFIK_DEFAULT = "TRAEFIK DEFAULT CERT"  # traefik, pkg/tls/generate/generate.go


@dataclass(frozen=True)
class Shown:
    """A certificate as a server shows it.

    Args:
        subject: its CN, or the first of its names.
        issuer: the CN of who signed it.
        names: for which it counts.
        begins: seconds since 1970; ends likewise.
        refusal: why a client that checks does not take it; empty where one does.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    begins: float
    ends: float
    refusal: str = ""

    @classmethod
    def of(cls, der: bytes, refusal: str = "") -> Shown:
        """Read one in its binary form."""
        certificate = x509.load_der_x509_certificate(der)
        names = _names(certificate)
        return cls(
            subject=cls.named(certificate),
            issuer=_common_name(certificate.issuer) or certificate.issuer.rfc4514_string(),
            names=names,
            begins=certificate.not_valid_before_utc.timestamp(),
            ends=certificate.not_valid_after_utc.timestamp(),
            refusal=refusal,
        )

    @staticmethod
    def named(certificate: x509.Certificate) -> str:
        """Its CN, or the first of its names."""
        return _common_name(certificate.subject) or next(iter(_names(certificate)), "no name")


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(found.value.get_values_for_type(x509.DNSName))


def judge(
    about: About, domain: str, shown: Shown, now: float, *, resolver: str | None,
    deployed: bool | None,
) -> Finding:  # fmt: skip
    """One finding: what is wrong with a certificate first of all, or how long it lasts.

    Args:
        now: seconds since 1970.
        resolver: Traefik's certificate resolver; None where the entry point has its own.
        deployed: whether the service is there, for which a resolver asks for a certificate.
    """
    if shown.subject == _TRAEFIK_DEFAULT:
        return _default(about, domain, resolver, deployed=deployed)
    more = [name for name in shown.names if name not in (domain, shown.subject)]
    also = f", also for {', '.join(more)}" if more else ""
    told = f"(CN={shown.subject}, issuer={shown.issuer}{also})"
    fault = _fault(domain, shown, now, told, _renewal(resolver))
    if fault:
        return about.failure(*fault)
    days = int((shown.ends - now) // _DAY)
    message = f"{domain}: {days} days left {told}"
    if days >= WARNING_DAYS:
        return about.ok(message)
    say = about.failure if days < FAILURE_DAYS else about.warning
    return say(message, _renewal(resolver))


def _fault(domain: str, shown: Shown, now: float, told: str, renew: str) -> tuple[str, str] | None:
    """Why a client cannot use it, and what to do; None where one can."""
    if shown.ends <= now:
        return f"{domain}: expired {_age(now - shown.ends)} ago {told}", renew
    if shown.begins > now:
        return (
            f"{domain}: not valid before {_age(shown.begins - now)} from now {told}",
            "look at the clocks, here and where it was signed",
        )
    if not any(_matches(name, domain) for name in shown.names):
        return (
            f"it is not for {domain} but for {', '.join(shown.names) or 'no name at all'}",
            f"have one made that names {domain}",
        )
    if shown.refusal:
        return (
            f"{domain}: not trusted here: {shown.refusal} {told}",
            "name the CA's file in ingress.tls.ca; Docker on every node must trust it too",
        )
    return None


def _default(about: About, domain: str, resolver: str | None, *, deployed: bool | None) -> Finding:
    if resolver and deployed is False:
        return about.warning(
            f"Traefik default certificate: {resolver} asks for one for {domain} once the stack "
            "is there",
            "run fab deploy, then the doctor again",
        )
    why = f"resolver {resolver} failed" if resolver else f"the entry point has none for {domain}"
    hint = "look for acme in Traefik's log" if resolver else "give the entry point a certificate"
    return about.failure(f"Traefik default certificate: {why}", hint)


def _renewal(resolver: str | None) -> str:
    if resolver:
        return f"Traefik's resolver {resolver} should have renewed it: look for acme in its log"
    return "renew it and give it to Traefik or your own proxy"


def _matches(name: str, domain: str) -> bool:
    """RFC 6125, section 6.4.3: a star stands for the whole leftmost label, never of ``*.com``."""
    name, domain = name.lower(), domain.lower()
    parent = domain.partition(".")[2]
    return name == domain or (name == f"*.{parent}" and "." in parent)


def _age(seconds: float) -> str:
    return f"{seconds // _DAY:.0f} d" if seconds >= _DAY else f"{seconds / 3600:.0f} h"
