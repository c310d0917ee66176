"""The Nexus versions that can be played: 3.16.2 to 3.94, and the editions that they came in.

What differs between them is in three small tables: ``timeline.py`` says which endpoints there
are, ``openapi/differences.py`` which fields; what is left is here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-(\d+))?")
_OLDEST, _NEWEST = (3, 16, 2), (3, 94)
_COMMUNITY_EDITION = (3, 77, 0)

Number = tuple[int, ...]


class UnknownVersionError(ValueError):
    """A version or edition that is not played."""


def number(text: str) -> Number:
    """Return the numbers of ``3.29.1`` or ``3.26``, for comparisons."""
    return tuple(int(part) for part in text.split("."))


@dataclass(frozen=True, slots=True)
class Version:
    """One Nexus version.

    Attributes:
        number: Major, minor and patch.
        build: What stands after the dash of the full version.
        edition: ``OSS`` before 3.77, ``COMMUNITY`` from then on, or ``PRO``.
    """

    number: Number
    build: str
    edition: str

    @classmethod
    def of(cls, text: str, edition: str = "") -> Version:
        """Return a version by its text, ``3.70.1`` or ``3.70.1-02``.

        Args:
            text: The version.
            edition: ``PRO``, or nothing for the free edition of that time.

        Raises:
            UnknownVersionError: It is not played, or never came in that edition.
        """
        found = _FORM.fullmatch(text)
        parts = tuple(int(part) for part in found.groups()[:3]) if found else ()
        if not found or parts < _OLDEST or parts[:2] > _NEWEST:
            raise UnknownVersionError(f"{text} is not played, only 3.16.2 to 3.94")
        free = "COMMUNITY" if parts >= _COMMUNITY_EDITION else "OSS"
        edition = edition or free
        if edition not in {free, "PRO"}:
            raise UnknownVersionError(f"{text} did not come as {edition}, only {free} or PRO")
        return cls(parts, found[4] or "01", edition)

    def since(self, first: str) -> bool:
        """Tell whether this version is ``first`` or a later one."""
        return self.number >= number(first)

    @property
    def full(self) -> str:
        return f"{'.'.join(map(str, self.number))}-{self.build}"

    @property
    def server_header(self) -> str:
        """The ``Server`` header of every answer, errors included."""
        return f"Nexus/{self.full} ({self.edition})"

    @property
    def asks_for_consent(self) -> bool:
        """The licence of the Community Edition must be accepted before content is served."""
        return self.edition == "COMMUNITY"

    @property
    def random_password(self) -> bool:
        """The first password is random (StaticSecurityConfigurationSource, from 3.17.0)."""
        return self.since("3.17.0")

    @property
    def initial_password(self) -> bool:
        """``NEXUS_SECURITY_INITIAL_PASSWORD`` is read (from 3.39.0)."""
        return self.since("3.39.0")

    @property
    def hides_authorizing_realm(self) -> bool:
        """``NexusAuthorizingRealm`` is there unseen (RealmManagerImpl, from 3.60.0)."""
        return self.since("3.60.0")

    @property
    def ssrf_protection(self) -> bool:
        """Remote addresses are checked when a proxy is saved (document of 3.92.0)."""
        return self.since("3.92.0")

    @property
    def scripts_always(self) -> bool:
        """Scripts may be made without ``nexus.scripts.allowCreation`` (before 3.21.2)."""
        return not self.since("3.21.2")
