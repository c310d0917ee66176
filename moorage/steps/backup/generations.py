"""Generations of backups: what is known of each, and which of them stay. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from moorage.transport.parsing import require

NAME_FORM = "%Y-%m-%dT%H%M%SZ"
_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z", re.ASCII)
_SCHEMA = 1


@dataclass(frozen=True)
class Asset:
    """One file of a repository, by which its content is told.

    Args:
        path: from the server's root, as Nexus gives it for a download.
        sha256: in hex.
    """

    repository: str
    path: str
    sha256: str


@dataclass(frozen=True)
class Content:
    """What Nexus says of its content.

    Args:
        repositories: by name, format and type.
        assets: some of what they hold, taken by chance.
    """

    repositories: dict[str, str]
    assets: tuple[Asset, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """What a generation says of itself.

    Args:
        name: of the generation; the time at which it was begun, in UTC.
        stack: whose data they are.
        version: of the Nexus that wrote them.
        image: its image, name and tag.
        image_id: digest of that image on the node that ran it.
        inventory: SHA-256 of the inventory that it ran by.
        kind: how they were read: ``copied`` or ``snapshot`` while Nexus stood still.
        content: what Nexus said of itself just before it was stopped; None where it did not.
        downtime: seconds for which it could not be written to.
        files: how many; bytes: in them. ``None`` until they were counted.
        index: SHA-256 of the list of all files' checksums; the id of restic's snapshot.
    """

    name: str
    stack: str
    version: str
    image: str
    image_id: str
    inventory: str
    kind: str
    content: Content | None = None
    downtime: float | None = None
    files: int | None = None
    bytes: int | None = None
    index: str = ""

    def data(self) -> dict[str, Any]:
        """It as plain data, without what is counted later."""
        counted = {"files", "bytes", "index"}
        told = {key: value for key, value in asdict(self).items() if key not in counted}
        return {"schema": _SCHEMA, **told}


@dataclass(frozen=True)
class Generation:
    """A backup that is complete.

    Args:
        name: as the target has it.
        manifest: what it says of itself.
        proven: when it was restored and compared, in UTC; empty where it never was.
        ids: what restic calls its parts.
    """

    name: str
    manifest: Manifest
    proven: str = ""
    ids: tuple[str, ...] = field(default=(), compare=False)

    @property
    def at(self) -> datetime:
        return time_of(self.name)

    def told(self) -> str:
        """It in a few words."""
        seen = self.manifest
        size = f", {seen.files} files, {human(seen.bytes)}" if seen.bytes is not None else ""
        return f"{self.name} (Nexus {seen.version}{size})"


def name_at(moment: datetime) -> str:
    """The name of a generation that is begun at a time."""
    return moment.astimezone(UTC).strftime(NAME_FORM)


def time_of(name: str) -> datetime:
    """When a generation was begun, by its name."""
    return datetime.strptime(name, NAME_FORM).replace(tzinfo=UTC)


def is_name(text: str) -> bool:
    """Whether it is the name of a generation: a time, in its one form."""
    try:
        return _NAME.fullmatch(text) is not None and bool(time_of(text))
    except ValueError:
        return False


def manifest_of(text: str) -> Manifest | None:
    """A manifest from its JSON; None where it is none, or is of another schema."""
    try:
        found = json.loads(text)
        if found.pop("schema") != _SCHEMA:
            return None
        content = found.pop("content", None)
        if content is not None:
            assets = tuple(Asset(**asset) for asset in content["assets"])
            content = Content(dict(content["repositories"]), assets)
        manifest = Manifest(**found, content=content)
        require(manifest, Manifest)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return manifest if is_name(manifest.name) else None


def human(size: int | None) -> str:
    """Bytes for a line that is read."""
    value = float(size or 0)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:  # noqa: PLR2004
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


@dataclass(frozen=True)
class Rule:
    """How many stay: the newest ones, and the newest one of so many days, weeks and months."""

    last: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0


_PERIODS: dict[str, Callable[[datetime], str]] = {
    "daily": lambda at: at.strftime("%Y-%m-%d"),
    "weekly": lambda at: at.strftime("%G-%V"),
    "monthly": lambda at: at.strftime("%Y-%m"),
}


def kept(names: Iterable[str], rule: Rule, proven: Iterable[str]) -> set[str]:
    """Names of the generations that stay.

    The newest one stays, and so does the newest one that was proven: it may be the only one that
    can be relied on.
    """
    newest_first = sorted(names, reverse=True)
    staying = set(newest_first[: max(rule.last, 1)])
    for period, key in _PERIODS.items():
        seen: dict[str, str] = {}
        for name in newest_first:
            seen.setdefault(key(time_of(name)), name)
        staying |= set(list(seen.values())[: getattr(rule, period)])
    return staying | set(sorted(set(proven) & set(newest_first))[-1:])


def surplus(
    generations: Sequence[Generation], rule: Rule, new: str | None, needed: str = ""
) -> list[Generation]:
    """Generations that are to go, oldest first.

    Args:
        new: name of the one that is about to be made.
        needed: name of the one that an upgrade goes back to that is not over; empty for none.
    """
    names = [one.name for one in generations] + ([new] if new else [])
    staying = kept(names, rule, (one.name for one in generations if one.proven))
    gone = [one for one in generations if one.name not in {*staying, needed}]
    return sorted(gone, key=lambda one: one.name)
