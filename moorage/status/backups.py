"""What was recorded of backups, as ``backups.json`` on a manager tells. Pure."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from moorage.status.model import Backups, BackupSeen
from moorage.transport.base import Section

_SCHEMA = 1


def parse(section: Section | None) -> Backups:
    """The record as it is on one manager; an absent one means that none was ever made."""
    if section is None or not section.ok:
        return Backups()
    if not section.text.strip():
        return Backups(known=True)
    found: Any = None
    with contextlib.suppress(ValueError):
        found = json.loads(section.text)
    if not isinstance(found, dict) or found.get("schema") != _SCHEMA:
        return Backups()
    return Backups(known=True, last=_seen(found.get("last")), proven=_seen(found.get("proven")))


def _seen(item: Any) -> BackupSeen | None:
    at = _moment(item.get("at")) if isinstance(item, dict) else None
    if at is None:
        return None
    size = item.get("bytes")
    return BackupSeen(
        name=str(item.get("name", "")),
        at=at,
        bytes=size if isinstance(size, int) else None,
        kind=str(item.get("kind") or ""),
        where=str(item.get("where") or ""),
    )


def _moment(text: Any) -> str | None:
    """A moment in ISO 8601, in UTC; None where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    # without a zone it is UTC too, as the record's other times
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="seconds")


def newest(records: Iterable[Backups]) -> Backups:
    """What several managers tell together: the latest of each."""
    known = [record for record in records if record.known]
    last = [record.last for record in known if record.last]
    proven = [record.proven for record in known if record.proven]
    return Backups(
        known=bool(known),
        last=max(last, key=lambda one: one.at, default=None),
        proven=max(proven, key=lambda one: one.at, default=None),
    )
