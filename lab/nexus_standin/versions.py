"""The Nexus versions that can be played, and what differs between them.

A version is a row of the table: the OpenAPI document beside it decides which endpoints, fields
and query parameters exist, the row says what no document tells.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Version:
    """One Nexus version.

    Attributes:
        number: ``3.94.0``; also the name of its document, ``openapi/3.94.0.json``.
        build: The number after the dash of the full version.
        edition: ``COMMUNITY`` (3.77 and later) or ``OSS``.
        write_policies: Spelling of storage.writePolicy (upper case from 3.87).
        ssrf_protection: Remote addresses are checked when a proxy is saved (from 3.92).
    """

    number: str
    build: str
    edition: str
    write_policies: tuple[str, ...]
    ssrf_protection: bool

    @property
    def full(self) -> str:
        return f"{self.number}-{self.build}"

    @property
    def server_header(self) -> str:
        """The ``Server`` header of every answer, errors included."""
        return f"Nexus/{self.full} ({self.edition})"


VERSIONS = {
    version.number: version
    for version in (
        Version(
            number="3.94.0",
            build="01",
            edition="COMMUNITY",
            write_policies=("ALLOW", "ALLOW_ONCE", "DENY"),
            ssrf_protection=True,
        ),
    )
}
