"""Whether a version of Nexus can be left for another: what is known to stand in the way. Pure.

Sources: Sonatype's help, "Database Options" ("Versions 3.71.0 and above do not support OrientDB"),
"System Requirements" (Java 17 from 3.71.0), "Usage Center" (Community Edition); nexus-public
3.77.1, the EULA's resource.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from moorage.config.schema.nexus import EXTERNAL_DATABASE
from moorage.errors import Refused

Version = tuple[int, int, int]
NO_ORIENT: Version = (3, 71, 0)
"""OrientDB is left at 3.70, by the database migrator, before this one."""
_LAST_ORIENT: Version = (3, 70, 0)
_JAVA_17: Version = (3, 71, 0)
_EULA_PAGE = "https://links.sonatype.com/products/nxrm/ce-eula"
_EULA: Version = (3, 77, 0)
_LIMITS: Version = (3, 87, 0)
_OLD_JAVA = ("java8", "java11")
_NO_JAVA_17 = ("-XX:MaxPermSize", "-XX:+UseConcMarkSweepGC", "-XX:+UseParNewGC",
               "-XX:+AggressiveOpts")  # fmt: skip
"""Flags with which Java 17 does not start (JEP 363, JDK-8243161)."""


@dataclass(frozen=True)
class Journey:
    """What is known of an upgrade.

    Args:
        now, to: versions.
        edition: ``COMMUNITY``, ``OSS``, ``PRO``, or empty where it is not known.
        orient, h2: whether such a database lies in the data directory.
        accept_eula: whether the inventory accepts the licence.
        image: what the image is built upon.
        environment: of the container.
        failure_action: what Swarm does when the new task fails.
        start_period: seconds for which failures of the healthcheck do not count; None where there
            is none; startup: seconds that Nexus may take.
    """

    now: Version
    to: Version
    edition: str = ""
    orient: bool = False
    h2: bool = False
    accept_eula: bool = False
    image: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    failure_action: str = "pause"
    start_period: float | None = 900
    startup: float = 1200


_LONG_ENOUGH = 900.0


def told(version: Version) -> str:
    """A version as it is written."""
    return ".".join(map(str, version))


def version_of(text: str) -> Version:
    """A version's three numbers."""
    major, minor, patch = (int(part) for part in text.split(".")[:3])
    return major, minor, patch


def refuse(journey: Journey) -> None:
    """Make sure that nothing known stands in the way.

    Raises:
        Refused: it does, with what to do first.
    """
    if journey.to < journey.now:
        raise Refused(
            f"Nexus {told(journey.now)} does not go back to {told(journey.to)}: its database has "
            "been migrated",
            hint="put a backup of that version in its place: set nexus.version, then fab restore",
        )
    for problem, hint in _problems(journey):
        raise Refused(problem, hint=hint)


Problem = tuple[str, str]
"""What is wrong, and what to do first."""


def _problems(journey: Journey) -> Iterator[Problem]:
    yield from _database(journey)
    yield from _java(journey)
    if journey.to >= _EULA and journey.edition != "PRO" and not journey.accept_eula:
        yield (
            f"the Community Edition of {told(journey.to)} serves nothing without its licence",
            f"read {_EULA_PAGE}, then set nexus.accept_eula: true",
        )
    yield from _swarm(journey)


def _database(journey: Journey) -> Iterator[Problem]:
    # what lies there may be of before a migration to PostgreSQL
    elsewhere = journey.now >= NO_ORIENT or EXTERNAL_DATABASE in journey.environment
    if journey.to >= NO_ORIENT and journey.orient and not journey.h2 and not elsewhere:
        first = "" if journey.now >= _LAST_ORIENT else "upgrade to 3.70 first; then "
        yield (
            f"the data are in OrientDB, which Nexus {told(NO_ORIENT)} and later do not read",
            f"{first}migrate them to H2 or PostgreSQL at 3.70 with Sonatype's database migrator",
        )


def _java(journey: Journey) -> Iterator[Problem]:
    if journey.to < _JAVA_17:
        return
    tag = journey.image.rpartition("/")[2]
    for old in (old for old in _OLD_JAVA if old in tag):
        java = old.removeprefix("java")
        yield (f"{journey.image} has Java {java}, and Nexus {told(journey.to)} needs 17",
               "take an image without that in nexus.image.base")  # fmt: skip
    for name, value in journey.environment.items():
        for flag in (flag for flag in _NO_JAVA_17 if flag in value):
            yield (f"nexus.environment.{name} has {flag}, with which Java 17 does not start",
                   "take it out")  # fmt: skip


def _swarm(journey: Journey) -> Iterator[Problem]:
    if journey.failure_action == "rollback":
        yield (
            "stack.update.failure_action: rollback would start the former version on migrated data",
            "set it to pause",
        )
    least = min(journey.startup, _LONG_ENOUGH)
    if journey.start_period is not None and journey.start_period < least:
        period = f"{journey.start_period:.0f} s"
        yield (
            f"stack.healthcheck.start_period is {period}: Swarm would end a longer migration",
            f"set it to {least:.0f}s or more, and run fab deploy",
        )


def notes(journey: Journey) -> Iterator[str]:
    """What should be known although nothing is done about it."""
    community = journey.edition != "PRO"
    if community and journey.to >= _EULA > journey.now:
        yield "from 3.77 on the free edition is the Community Edition, with a licence of its own"
    if community and journey.to >= _LIMITS > journey.now:
        yield "from 3.87 on the Community Edition takes 40,000 components, 100,000 requests a day"
    if journey.to[:2] > journey.now[:2]:
        yield "read the release notes of each version on the way: help.sonatype.com"
