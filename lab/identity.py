"""Keys, certificates and passwords of the lab; made here, used nowhere else."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from .cache import Cache
from .privilege import Words
from .process import run
from .topology import GUESTS, SERVED_NAMES

_CA_DAYS = "3650"
_SERVER_DAYS = "800"
_SECONDS_LEFT = "2592000"


@dataclass(frozen=True)
class Keys:
    """SSH keys: one for the lab's user, one host key for all guests."""

    directory: Path

    @property
    def private(self) -> Path:
        """Key that logs in to every account of the guests."""
        return self.directory / "id_lab"

    @property
    def public(self) -> Path:
        """Public half of the login key."""
        return self.directory / "id_lab.pub"

    @property
    def host_key(self) -> Path:
        """Host key of the guests."""
        return self.directory / "host_key"


@dataclass(frozen=True)
class Authority:
    """The lab's certificate authority and the certificate of its web names."""

    directory: Path

    @property
    def certificate(self) -> Path:
        """Certificate of the authority, which guests and clients trust."""
        return self.directory / "ca.crt"

    @property
    def server_certificate(self) -> Path:
        """Certificate for nexus.lab, registry.lab and every other name under .lab."""
        return self.directory / "server.crt"

    @property
    def server_key(self) -> Path:
        """Private key of the web names."""
        return self.directory / "server.key"


def ssh_keys(cache: Cache) -> Keys:
    """The lab's SSH keys, made once per cache."""

    def build(out: Path) -> None:
        out.mkdir(mode=0o700)
        for name in ("id_lab", "host_key"):
            run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", out / name])

    return Keys(cache.make("keys", ["ed25519, 1"], build))


def authority(cache: Cache) -> Authority:
    """The lab's authority; a new one when its web certificate ends within 30 days."""
    names: list[str] = ["*.lab", *SERVED_NAMES, *(guest.name for guest in GUESTS)]
    alternatives = ",".join(f"DNS:{name}" for name in names)
    alternatives += "".join(f",IP:{guest.address}" for guest in GUESTS)

    def build(out: Path) -> None:
        out.mkdir(mode=0o700)
        _authority_certificate(out)
        _server_certificate(out, alternatives)

    inputs = [alternatives, "P-256, 1"]
    known = Authority(cache.path("authority", inputs))
    if known.server_certificate.exists() and _ends_soon(known.server_certificate):
        for file in known.directory.iterdir():
            file.unlink()
        known.directory.rmdir()
    return Authority(cache.make("authority", inputs, build))


def _ends_soon(certificate: Path) -> bool:
    argv: Words = ["openssl", "x509", "-noout", "-checkend", _SECONDS_LEFT, "-in", certificate]
    return run(argv, check=False).returncode != 0


_NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def _authority_certificate(out: Path) -> None:
    files: Words = ["-keyout", out / "ca.key", "-out", out / "ca.crt"]
    rights = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    subject = ["-subj", "/O=Moorage lab/CN=Moorage lab authority"]
    run(["openssl", "req", "-x509", *_NEW_KEY, "-days", _CA_DAYS, *subject, *rights, *files])


def _server_certificate(out: Path, alternatives: str) -> None:
    request = out / "server.csr"
    subject = ["-subj", "/O=Moorage lab/CN=nexus.lab"]
    run(["openssl", "req", *_NEW_KEY, *subject, "-keyout", out / "server.key", "-out", request])
    extensions = out / "server.ext"
    extensions.write_text(
        f"subjectAltName={alternatives}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n"
        "keyUsage=critical,digitalSignature\nauthorityKeyIdentifier=keyid\n"
    )
    signer: Words = ["-CA", out / "ca.crt", "-CAkey", out / "ca.key", "-CAcreateserial"]
    result: Words = ["-days", _SERVER_DAYS, "-extfile", extensions, "-out", out / "server.crt"]
    run(["openssl", "x509", "-req", "-in", request, *signer, *result])
    request.unlink()
    extensions.unlink()


def password(directory: Path, name: str) -> str:
    """The random password kept in a file of mode 0600, made at the first call."""
    file = directory / name
    if not file.exists():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(18))
    return file.read_text()
