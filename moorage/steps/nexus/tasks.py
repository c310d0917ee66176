"""Tasks that give space back.

Source: the OpenAPI documents, ``/v1/tasks``. Up to 3.93 an answer has no more than name and type;
from 3.94 on it has everything. Schedules are sent as cron expressions: the others need a date to
start from, which would be another one at each run.
"""

from __future__ import annotations

from collections.abc import Iterator

from moorage.change import Change, Difference
from moorage.config.schema.base import seconds
from moorage.config.schema.floors import TASKS
from moorage.config.schema.upkeep import DockerGc, DockerUploads, UpkeepTask
from moorage.errors import Refused
from moorage.steps.nexus.api import REST, Body, NexusObserved, Request, dotted
from moorage.steps.nexus.desired import NexusDesired
from moorage.steps.nexus.fields import compared, flat, given

_LIST = f"{REST}/tasks"
TYPES = {
    "docker-gc": "repository.docker.gc",
    "docker-uploads": "repository.docker.upload-purge",
    "compact-blob-store": "blobstore.compact",
}
_CONDITIONS = {"failure": "FAILURE", "always": "SUCCESS_FAILURE"}
_HOUR = 3600
_KEPT = ("alertEmail",)
_FREQUENCY = ("schedule", "cronExpression", "timeZoneOffset")


def changes(wanted: NexusDesired, seen: NexusObserved) -> Iterator[Change]:
    """Those of the inventory.

    Raises:
        Refused: none can be made here, or one of the name does something else.
    """
    if wanted.tasks and seen.tasks is None:
        raise Refused(f"nexus.tasks needs Nexus {dotted(TASKS)}, and {dotted(seen.version)} runs",
                      hint=_BY_HAND)  # fmt: skip
    for name, task in wanted.tasks.items():
        there = _there(name, task, seen)
        body, field = wanted_body(name, task), f"nexus.tasks.{name}"
        if there is None:
            _refuse_impossible(field, body["type"], seen)
            request = Request(f"create task {name}", "POST", _LIST, body, field,
                              (_LIST, "name", name))  # fmt: skip
            shown = tuple(Difference(key, None, value) for key, value in flat(body).items()
                          if key != "name")  # fmt: skip
            yield Change("create", f"task {name}", "nexus", shown, (request,))
            continue
        found = compared(_readable(body, there), there)
        if found:
            request = Request(f"update task {name}", "PUT", f"{_LIST}/{there['id']}",
                              _whole(body, there), field)  # fmt: skip
            yield Change("update", f"task {name}", "nexus", found, (request,))


def notes(wanted: NexusDesired, seen: NexusObserved) -> Iterator[str]:
    """A word where a server does not tell what its tasks are set to."""
    silent = [task["name"] for task in seen.tasks or ()
              if task["name"] in wanted.tasks and "schedule" not in task]  # fmt: skip
    if silent:
        yield (
            f"Nexus {dotted(seen.version)} does not tell the settings of tasks: "
            f"{', '.join(sorted(silent))} taken as they are"
        )


_BY_HAND = "take them out of the inventory, and make them in Nexus by hand"


def wanted_body(name: str, task: UpkeepTask) -> Body:
    """A whole task, as a POST wants it."""
    cron = task.schedule.expression
    frequency = {"schedule": "cron", "cronExpression": cron} if cron else {"schedule": "manual"}
    return {
        "name": name,
        "type": TYPES[task.type],
        "enabled": task.enabled,
        **given(alertEmail=task.alert_email),
        "notificationCondition": _CONDITIONS[task.notify],
        "frequency": frequency,
        "properties": _properties(task),
    }


def _properties(task: UpkeepTask) -> dict[str, str]:
    if isinstance(task, DockerGc):
        offset = task.deploy_offset
        hours = {"deployOffset": str(seconds(offset) // _HOUR)} if offset else {}
        return {"repositoryName": task.repository, **hours}
    if isinstance(task, DockerUploads):
        return {"age": str(seconds(task.age) // _HOUR)}
    return {"blobstoreName": task.blob_store}


def _there(name: str, task: UpkeepTask, seen: NexusObserved) -> Body | None:
    found = [item for item in seen.tasks or () if item["name"] == name]
    if len(found) > 1:
        raise Refused(f"nexus.tasks.{name}: Nexus has {len(found)} tasks of that name",
                      hint="remove all but one in Nexus, or give yours another name")  # fmt: skip
    if found and found[0]["type"] != TYPES[task.type]:
        raise Refused(
            f"nexus.tasks.{name}: Nexus has a task of that name with type {found[0]['type']}, "
            f"not {TYPES[task.type]}",
            hint="give yours another name",
        )
    return found[0] if found else None


def _refuse_impossible(field: str, kind: str, seen: NexusObserved) -> None:
    if seen.task_types is None or kind not in seen.task_types:
        edition = f" ({seen.edition})" if seen.edition else ""
        raise Refused(
            f"{field}: Nexus {dotted(seen.version)}{edition} has no API to make a task of type "
            f"{kind}", hint=_BY_HAND,
        )  # fmt: skip


def _readable(body: Body, seen: Body) -> Body:
    """The wanted fields as an answer has them, less those that this version does not tell."""
    told = {key: value for key, value in body.items() if key != "frequency"} | body["frequency"]
    return {key: value for key, value in told.items() if key in seen}


def _whole(body: Body, seen: Body) -> Body:
    """The PUT: with what the server tells and the inventory does not."""
    frequency = {key: seen[key] for key in _FREQUENCY if seen.get(key)} | body["frequency"]
    if frequency["schedule"] == "manual":
        frequency = {"schedule": "manual"}
    kept = {key: seen[key] for key in _KEPT if seen.get(key)}
    properties = {**(seen.get("properties") or {}), **body["properties"]}
    return {**kept, **body, "frequency": frequency, "properties": properties}
