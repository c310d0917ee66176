"""What the manager remembers of backups for whoever asks how they are: ``backups.json``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from moorage.change import Change, Difference
from moorage.quoting import Script
from moorage.steps.backup.desired import BackupDesired
from moorage.steps.backup.target import TargetObserved
from moorage.steps.base import Later

_WRITE = """
printf '%s\\n' "$text" >"$home/backups.json.new" && mv -f -- "$home/backups.json.new" \\
  "$home/backups.json"
"""


def record_of(target: TargetObserved, kind: str, where: str) -> dict[str, Any]:
    """The newest generation, and the newest one that was proven; times are in UTC."""
    last = target.generations[-1] if target.generations else None
    proven = [one for one in target.generations if one.proven]
    return {
        "schema": 1,
        "last": last and {
            "name": last.name, "at": last.at.isoformat(), "bytes": last.manifest.bytes,
            "kind": kind, "where": where,
        },
        "proven": {"name": proven[-1].name, "at": proven[-1].proven} if proven else None,
    }  # fmt: skip


def record_change(
    wanted: BackupDesired,
    before: Mapping[str, Any] | None,
    target: TargetObserved,
    latest: Callable[[], TargetObserved],
    *,
    new: str = "",
    proving: str = "",
) -> list[Change]:
    """The record brought up to date, after all else.

    Args:
        before: as it is.
        target: what it is to tell of.
        latest: gives the target as it is when its turn comes.
        new: name of the generation that is being made; proving: of the one that is being proven.
    """
    kind, where = wanted.target.kind, wanted.target.told
    after = record_of(target, kind, where)
    if not (new or proving) and (before == after or (before is None and not after["last"])):
        return []
    lines = (
        ("newest", _name(before, "last"), new or _name(after, "last")),
        ("newest that is proven", _name(before, "proven"), proving or _name(after, "proven")),
    )
    wrong = [Difference(*line) for line in lines if line[1] != line[2]]

    def now() -> Script:
        text = json.dumps(record_of(latest(), kind, where))
        return Script("write down which backups there are", _WRITE,
                      {"home": wanted.home, "text": text})  # fmt: skip

    action = Later(wanted.manager, "write down which backups there are", now)
    return [
        Change("update" if before else "create", "record of backups", wanted.manager,
               tuple(wrong) or (Difference("content", "another", "as it is"),), (action,),
               shown_by=("record",)),
    ]  # fmt: skip


def _name(record: Mapping[str, Any] | None, key: str) -> str | None:
    found = (record or {}).get(key)
    return str(found.get("name")) if isinstance(found, dict) else None
