"""The certificates that the public names show, and the CA that is a file here."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from moorage.checks.base import Finding
from moorage.checks.doctor_certificate import Shown
from moorage.checks.doctor_files import certificate_files
from moorage.checks.doctor_names import Door, behind, resolved
from moorage.config.schema.site import Site
from moorage.errors import MoorageError, Refused
from moorage.status.model import CertificateSeen, Row
from moorage.transport.fleet import ca_file

_DAY = 86400
SUBJECT = "certificates"


@dataclass(frozen=True)
class DoorSeen:
    """What a public name shows.

    Args:
        domain: the name.
        resolves: whether this machine has an address for it.
        finding: what ``fab doctor`` says of what answers there.
    """

    domain: str
    resolves: bool
    finding: Finding
    shown: Shown | None


def through(door: Door) -> DoorSeen:
    """Knock at one name."""
    addresses = resolved(door.domain)
    finding, shown = behind(door, addresses)
    return DoorSeen(door.domain, bool(addresses), finding, shown)


def certificates(
    site: Site, doors: Mapping[str, DoorSeen | MoorageError]
) -> tuple[tuple[CertificateSeen, ...], tuple[Row, ...]]:
    """All that were seen, and a row for each trouble with one."""
    now = time.time()
    seen = [replace(_seen(door.domain, door.shown, now),
                    well=_is_well(door.finding))
            for door in doors.values() if isinstance(door, DoorSeen) and door.shown]  # fmt: skip
    rows = [row for host, door in doors.items() for row in _rows(site, host, door)]
    try:
        files = list(certificate_files(site, now))
        rows += [Row(finding.level, SUBJECT, finding.message, finding.hint)
                 for finding in files if finding.level != "ok"]  # fmt: skip
        well = all(map(_is_well, files))
        seen += [replace(one, well=well) for one in _authorities(site, now)]
    except (Refused, OSError) as failure:
        rows.append(Row("failure", SUBJECT, str(failure), "correct ingress.tls in the inventory"))
    return tuple(seen), tuple(rows)


def _is_well(finding: Finding) -> bool:
    return finding.level not in ("failure", "unknown")


def _rows(site: Site, host: str, door: DoorSeen | MoorageError) -> Iterator[Row]:
    if isinstance(door, MoorageError):
        name = site.domains()[host]
        yield Row("unknown", SUBJECT, f"{name}: {door.message}", door.hint)
        return
    if not door.resolves and site.api == "direct":
        yield Row("failure", SUBJECT, f"{door.domain} does not resolve here",
                  "give it an address in DNS, or set api: via-ssh until then")  # fmt: skip
        return
    finding = door.finding
    if finding.level != "ok":
        silent = finding.subject == "port"
        named = f"{door.domain}: {finding.message}" if silent else finding.message
        yield Row("unknown" if silent else finding.level, SUBJECT, named, finding.hint)


def _seen(name: str, shown: Shown, now: float) -> CertificateSeen:
    ends = datetime.fromtimestamp(shown.ends, UTC).isoformat(timespec="seconds")
    return CertificateSeen(name, shown.subject, shown.issuer, ends, int((shown.ends - now) // _DAY))


def _authorities(site: Site, now: float) -> Iterator[CertificateSeen]:
    ca = ca_file(site)
    if ca is None:
        return
    for one in x509.load_pem_x509_certificates(ca.read_bytes()):
        yield _seen("CA", Shown.of(one.public_bytes(Encoding.DER)), now)
