"""Where a site keeps its private CA and what that signed; written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from moorage.config.paths import shown
from moorage.config.schema.site import Site
from moorage.errors import Refused
from moorage.values import Secret

_OWNER_ONLY = 0o600


@dataclass(frozen=True)
class Places:
    """The four files.

    Args:
        ca, ca_key: the CA's; the key is encrypted.
        certificate, key: the servers' own.
    """

    ca: Path
    ca_key: Path
    certificate: Path
    key: Path

    @classmethod
    def of(cls, site: Site) -> Places:
        """Those of a site.

        Raises:
            Refused: it has no private CA.
        """
        wanted = site.private_ca
        if wanted is None or not (site.ingress.tls and site.ingress.tls.ca):
            raise Refused(
                "this inventory has no private CA",
                hint="say under private_ca where its passphrase is, and in ingress.tls.ca where "
                "its certificate goes; see docs/access.md",
            )
        return cls(*(site.file(path) for path in (
            site.ingress.tls.ca, wanted.key, wanted.certificate, wanted.certificate_key,
        )))  # fmt: skip


def require_free(paths: list[Path]) -> None:
    """Make sure that nothing is there yet.

    Raises:
        Refused: something is.
    """
    there = [path for path in paths if path.exists() or path.is_symlink()]
    if there:
        raise Refused(
            f"{', '.join(shown(path) for path in there)} is there already",
            hint="--force replaces it; whoever trusts a CA that is replaced must be given the new",
        )


def read(path: Path) -> bytes:
    """A file's content.

    Raises:
        Refused: it is not there.
    """
    try:
        return path.read_bytes()
    except OSError as cause:
        raise Refused(
            f"{shown(path)} cannot be read: {(cause.strerror or 'unreadable').lower()}",
            hint="make the CA first: inv ca-create",
        ) from cause


def read_key(path: Path) -> Secret:
    """A private key.

    Raises:
        Refused: it is not there, or others may read it.
    """
    text = read(path)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Refused(f"{shown(path)} is open to others (mode {mode:04o})",
                      hint=f"chmod 600 {shown(path)}")  # fmt: skip
    return Secret(text.decode(errors="replace"))


def write(texts: dict[Path, bytes]) -> None:
    """Write files for their owner only: all beside their places first, then all renamed."""
    beside: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_name(f".{path.name}.{os.getpid()}.new")
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
            beside[new] = path
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(descriptor)
        for new, path in beside.items():
            new.replace(path)
    finally:
        for new in beside:
            with contextlib.suppress(OSError):
                new.unlink()


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)
