"""What Traefik is to be handed, as plain data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from moorage.config.schema.ingress import Tls
from moorage.config.schema.site import Site
from moorage.errors import Refused
from moorage.ingress.certificate import dynamic_file
from moorage.quoting import plain_bytes
from moorage.steps.certificate.pem import refuse_unusable
from moorage.values import Secret

_DIGEST_LENGTH = 12


@dataclass(frozen=True)
class Part:
    """A Swarm secret or config, which never changes: another content has another name.

    Args:
        kind: ``secret`` or ``config``.
        name: with a hash of the content at its end.
        target: where it is in Traefik's container.
    """

    kind: str
    name: str
    target: str
    content: str | Secret


@dataclass(frozen=True)
class CertificateDesired:
    """A certificate for Traefik.

    Args:
        stack: the stack that it is for; in the names, and the label of what is made.
        service: full name of Traefik's service.
        version: of Traefik; empty where its image tells.
        directory: where its file provider reads.
        certificate: and its chain, PEM; key: the private key, PEM.
    """

    stack: str
    service: str
    version: str
    directory: str
    entrypoints: tuple[str, ...]
    certificate: str
    key: Secret

    def parts(self, version: str) -> tuple[Part, ...]:
        """The two secrets, and the file that tells Traefik of them."""
        stem = f"{self.stack}-certificate"
        cert, key = f"/run/secrets/{stem}.crt", f"/run/secrets/{stem}.key"
        ending, text = dynamic_file(version, self.entrypoints, cert, key)
        digest = _digest(plain_bytes(self.key))
        return (
            Part(
                "secret",
                f"{stem}-{_digest(self.certificate.encode())}",
                f"{stem}.crt",
                self.certificate,
            ),
            Part("secret", f"{stem}-key-{digest}", f"{stem}.key", self.key),
            Part(
                "config",
                f"{stem}-{_digest(text.encode())}",
                f"{self.directory}/{stem}.{ending}",
                text,
            ),
        )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGEST_LENGTH]


def desired(site: Site, secret: Callable[[str], Secret]) -> CertificateDesired:
    """What a site asks.

    Args:
        secret: resolves a secret reference.

    Raises:
        Refused: the certificate is not there, or of no use.
    """
    tls = site.ingress.tls or Tls()
    assert tls.certificate and tls.key and tls.service  # noqa: S101, PT018
    path = site.file(tls.certificate)
    try:
        certificate = path.read_text()
    except (OSError, UnicodeDecodeError):
        raise Refused(f"there is no file {path} to be read, which ingress.tls.certificate names",
                      hint="give its path relative to the inventory") from None  # fmt: skip
    key = secret(tls.key)
    refuse_unusable(certificate, key, list(site.domains().values()))
    return CertificateDesired(
        stack=site.stack.name,
        service=tls.service,
        version=".".join(map(str, site.ingress.told_version)),
        directory=tls.directory,
        entrypoints=tuple(site.ingress.entrypoints),
        certificate=certificate,
        key=key,
    )
