"""A status as data for other programs; its form is docs/status.schema.json."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from moorage.status.model import Backups, Facts, Status

SCHEMA = 1
"""Number of the form; it grows when a field goes or changes its meaning, not when one comes."""


def status_data(status: Status) -> dict[str, Any]:
    """All of it as plain data; null stands for what is not known."""
    facts = status.facts
    drift = [asdict(step) for step in facts.drift]
    known = all(step.changes is not None for step in facts.drift)
    return {
        "schema": SCHEMA,
        "site": status.site,
        "stack": status.stack,
        "at": status.at,
        "seconds": round(status.seconds, 3),
        "healthy": status.healthy,
        "exit_code": status.exit_code,
        "why": list(status.why),
        "rows": [asdict(row) for row in status.rows],
        "hosts": [asdict(host) for host in facts.hosts],
        "export": asdict(facts.export) if facts.export else None,
        "mounts": [asdict(mount) for mount in facts.mounts],
        "swarm": _swarm(facts),
        "image": {"wanted": facts.image_wanted,
                  "service": facts.service.image if facts.service else None},
        "nexus": asdict(facts.nexus) if facts.nexus else None,
        "repositories": _listed(facts.repositories),
        "blob_stores": _listed(facts.blob_stores),
        "certificates": [asdict(one) for one in facts.certificates],
        "backup": _backup(facts.backups),
        "locks": [asdict(lock) for lock in facts.locks],
        "drift": {
            "changes": sum(step.changes or 0 for step in facts.drift) if known else None,
            "steps": drift,
        },
    }  # fmt: skip


def _listed(items: tuple[Any, ...] | None) -> list[dict[str, Any]] | None:
    return None if items is None else [asdict(item) for item in items]


def _swarm(facts: Facts) -> dict[str, Any]:
    return {
        "unknown": facts.swarm,
        "nodes": [asdict(node) for node in facts.nodes],
        "service": asdict(facts.service) if facts.service else None,
        "tasks": [asdict(task) for task in facts.tasks],
    }


def _backup(seen: Backups) -> dict[str, Any]:
    return {
        "known": seen.known,
        "last": asdict(seen.last) if seen.last else None,
        "proven": asdict(seen.proven) if seen.proven else None,
    }
