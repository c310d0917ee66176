"""Whether a certificate and a key can be used together, before Traefik is given them."""

from __future__ import annotations

import time

from moorage.errors import Refused
from moorage.quoting import plain_bytes
from moorage.values import Secret


def refuse_unusable(certificate: str, key: Secret, domains: list[str]) -> None:
    """Make sure that Traefik will show this certificate for these names.

    The names are compared as TLS clients do (RFC 6125, section 6.4): a star stands for one word.

    Args:
        certificate: the certificate and its chain, PEM.
        key: its private key, PEM, without a passphrase.
        domains: names that it is asked for.

    Raises:
        Refused: one of them cannot be read, they do not belong together, or it is not for these
            names now. No message has anything of the key in it.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        first, *_ = x509.load_pem_x509_certificates(certificate.encode())
    except ValueError:
        raise _refused("it holds no PEM certificate") from None
    try:
        private = load_pem_private_key(plain_bytes(key), None)
    except (ValueError, TypeError):
        raise Refused(
            "ingress.tls.key leads to no PEM key without a passphrase",
            hint="openssl pkey -in FILE -out FILE takes a passphrase away",
        ) from None
    if private.public_key() != first.public_key():
        raise _refused("ingress.tls.key is not the key of its first certificate")
    if first.not_valid_after_utc.timestamp() < time.time():
        raise _refused(f"it expired at {first.not_valid_after_utc:%Y-%m-%d %H:%M} UTC")
    try:
        found = first.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = found.value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        names = []
    missing = [domain for domain in domains if not any(_fits(name, domain) for name in names)]
    if missing:
        raise _refused(
            f"it is not for {', '.join(missing)} but for {', '.join(names) or 'no name'}"
        )


def _refused(message: str) -> Refused:
    return Refused(f"ingress.tls.certificate: {message}", hint="name the right file, or renew it")


def _fits(name: str, domain: str) -> bool:
    name, domain = name.lower(), domain.lower()
    parent = domain.partition(".")[2]
    return name == domain or (bool(parent) and name == f"*.{parent}")
