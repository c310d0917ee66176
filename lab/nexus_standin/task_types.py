"""The tasks that can be made, their properties, and what Nexus refuses in one.

Type ids and property names are those of the field: ansible-ThoTeam/nexus3-oss and the Terraform
provider of sonatype-nexus-community. The words of the refusals are assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .store import State

_EVERY_REPOSITORY = "*"
_CRON_FIELDS = (6, 7)  # seconds first, the year may be left out (Quartz)
_DAYS = {"weekly": set(range(1, 8)), "monthly": {*range(1, 32), 999}}
_WITH_START = {"once", "hourly", "daily", "weekly", "monthly"}
_SCHEDULES = ("manual", "once", "hourly", "daily", "weekly", "monthly", "cron")

Check = Callable[[State, str], str | None]
Fault = tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class TaskType:
    """One type of task.

    Attributes:
        id: What the API calls it.
        name: What the user interface calls it.
        properties: By name; each check returns what is wrong with a value, or None.
        required: Names of those that must be there.
        own: Nexus' own, there from the start: it can be run, not made, changed or deleted.
    """

    id: str
    name: str
    properties: Mapping[str, Check]
    required: tuple[str, ...] = ()
    own: bool = False


def _count(_state: State, value: str) -> str | None:
    return None if value.isascii() and value.isdigit() else "must be a whole number"


def _blob_store(state: State, value: str) -> str | None:
    return None if value in state["blobstores"] else f"Blob store not found: {value}"


def _repository(state: State, value: str) -> str | None:
    there = value == _EVERY_REPOSITORY or value in state["repositories"]
    return None if there else f"Repository not found: {value}"


def _docker_repository(state: State, value: str) -> str | None:
    """A group keeps nothing itself, so there is nothing to clear away in it."""
    kind = state["repositories"].get(value, {})
    held = kind.get("format") == "docker" and kind.get("type") != "group"
    if value == _EVERY_REPOSITORY or held:
        return None
    return f"no Docker repository that holds content: {value}"


TASK_TYPES = {
    task_type.id: task_type
    for task_type in (
        TaskType(
            "repository.docker.gc",
            "Docker - Delete unused manifests and images",
            {"repositoryName": _docker_repository, "deployOffset": _count},
            ("repositoryName",),
        ),
        TaskType(
            "repository.docker.upload-purge",
            "Docker - Delete incomplete uploads",
            {"age": _count},
            ("age",),
        ),
        TaskType(
            "blobstore.compact",
            "Admin - Compact blob store",
            {"blobstoreName": _blob_store, "blobsOlderThan": _count},
            ("blobstoreName",),
        ),
        TaskType(
            "blobstore.delete-temp-files",
            "Admin - Delete blob store temporary files",
            {"blobstoreName": _blob_store},
            ("blobstoreName",),
        ),
        TaskType(
            "repository.purge-unused",
            "Repository - Delete unused components",
            {"repositoryName": _repository, "lastUsed": _count},
            ("repositoryName", "lastUsed"),
        ),
        TaskType("tasklog.cleanup", "Admin - Cleanup task logs", {}, own=True),
        TaskType("repository.cleanup", "Admin - Cleanup repositories using policies", {}, own=True),
    )
}


def first_tasks() -> dict[str, dict[str, Any]]:
    """The tasks that a fresh Nexus has: a client leaves alone what it does not know."""
    names = {"repository.cleanup": "Cleanup service", "tasklog.cleanup": "Task log cleanup"}
    return {
        type_: {
            "id": type_,
            "type": type_,
            "name": name,
            "enabled": True,
            "alertEmail": None,
            "notificationCondition": "FAILURE",
            "frequency": {"schedule": "cron", "cronExpression": "0 0 1 * * ?"},
            "properties": {},
            "lastRun": None,
            "lastRunResult": None,
        }
        for type_, name in names.items()
    }


def fault(state: State, task_type: TaskType, body: Mapping[str, Any]) -> Fault:
    """Return field and words of the first thing that is wrong with a task's body."""
    given = body.get("properties") or {}
    for name in task_type.required:
        if not given.get(name):
            return f"properties.{name}", "may not be empty"
    for name, value in given.items():
        check = task_type.properties.get(name)
        if check is None:
            return f"properties.{name}", f"{task_type.id} has no such property"
        if value and (text := check(state, value)):
            return f"properties.{name}", text
    return _schedule_fault(body["frequency"])


def _schedule_fault(frequency: Mapping[str, Any]) -> Fault:
    schedule = frequency["schedule"]
    if schedule not in _SCHEDULES:
        return "frequency.schedule", f"must be one of {', '.join(_SCHEDULES)}"
    if schedule == "cron":
        fields = (frequency.get("cronExpression") or "").split()
        if len(fields) not in _CRON_FIELDS:
            return "frequency.cronExpression", "Invalid cron expression"
    return _start_fault(schedule, frequency.get("startDate")) or _days_fault(schedule, frequency)


def _start_fault(schedule: str, start: int | None) -> Fault:
    """A unix timestamp, the documents say, so seconds: milliseconds are past the year 9999."""
    field = "frequency.startDate"
    if start is None:
        return (field, "may not be null") if schedule in _WITH_START else None
    if schedule == "manual":
        return field, "does not apply for a manual schedule"
    try:
        datetime.fromtimestamp(start, UTC)
    except (OverflowError, ValueError, OSError):
        return field, "is not a unix timestamp in seconds"
    return None


def _days_fault(schedule: str, frequency: Mapping[str, Any]) -> Fault:
    allowed = _DAYS.get(schedule)
    days = frequency.get("recurringDays") or []
    if allowed is None:
        return ("frequency.recurringDays", f"not for a schedule {schedule}") if days else None
    if not days or not set(days) <= allowed:
        return "frequency.recurringDays", f"days of a {schedule} schedule are missing or unknown"
    return None
