"""Keys and certificates as PEM: a CA, and what it signs. Touches no file.

ECDSA with P-256 and SHA-256, since Docker, Go, Java and browsers all take it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from moorage.errors import Refused
from moorage.quoting import plain_bytes
from moorage.values import Secret

_SKEW = timedelta(hours=1)
"""Certificates begin so much earlier, for clocks that are behind."""
_PEM = serialization.Encoding.PEM
_USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: Secret


def make_authority(name: str, passphrase: Secret, *, days: int, now: datetime) -> Pair:
    """A new CA that may sign servers' certificates and no further CAs.

    Args:
        name: its CN.
        passphrase: what its key is encrypted with (PKCS #8, PBES2 with AES-256).
        days: how long it counts.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        _builder(subject, subject, key, days, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        .sign(key, hashes.SHA256())
    )
    lock = serialization.BestAvailableEncryption(plain_bytes(passphrase))
    return Pair(made.public_bytes(_PEM), _private(key, lock))


def issue(authority: Pair, passphrase: Secret, names: Sequence[str], *, days: int,
          now: datetime) -> Pair:  # fmt: skip
    """A new key, and a certificate for it that counts for all names.

    Args:
        authority: the CA; its key is encrypted.
        names: the first one is its CN too.

    Raises:
        Refused: the passphrase is not that of the key, the key is not that of the CA, or the CA
            ends before the certificate would.
    """
    signer = unlocked(authority, passphrase)
    root = x509.load_pem_x509_certificate(authority.certificate)
    # certificates count whole seconds (RFC 5280, section 4.1.2.5)
    ends = (now + timedelta(days=days)).replace(microsecond=0)
    if root.not_valid_after_utc < ends:
        raise Refused(
            f"the CA ends {root.not_valid_after_utc:%Y-%m-%d}, before what it would sign",
            hint="ask for fewer days, or make a new CA and give it to all clients first",
        )
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    made = (
        _builder(subject, root.subject, key, days, now)
        .add_extension(alternatives, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    return Pair(made.public_bytes(_PEM), _private(key, serialization.NoEncryption()))


def unlocked(authority: Pair, passphrase: Secret) -> ec.EllipticCurvePrivateKey:
    """The CA's key.

    Raises:
        Refused: the passphrase is not that of the key, or the key is not that of the CA.
    """
    try:
        key = serialization.load_pem_private_key(
            plain_bytes(authority.key), plain_bytes(passphrase)
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Refused("the CA's key does not open with the passphrase",
                      hint="see what private_ca.passphrase leads to") from None  # fmt: skip
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not belong(
        authority.certificate, key.public_key()
    ):
        raise Refused("the CA's key is not that of its certificate",
                      hint="see private_ca.key and ingress.tls.ca")  # fmt: skip
    return key


def belong(certificate: bytes, key: ec.EllipticCurvePublicKey) -> bool:
    """Whether a certificate is for a key."""
    return bool(x509.load_pem_x509_certificate(certificate).public_key() == key)


def signed_by(certificate: bytes, authorities: bytes) -> bool:
    """Whether one of several CAs' certificates leads to this one (RFC 5280, section 6.1)."""
    try:
        leaf = x509.load_pem_x509_certificate(certificate)
        roots = x509.load_pem_x509_certificates(authorities)
    except ValueError:
        return False
    return any(_issued(leaf, root) for root in roots)


def _issued(leaf: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        leaf.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int, now: datetime
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*allowed: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{use: use in allowed for use in _USES})


def _private(
    key: ec.EllipticCurvePrivateKey, lock: serialization.KeySerializationEncryption
) -> Secret:
    text = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, lock)
    return Secret(text.decode())
