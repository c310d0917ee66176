"""``/v1/tasks``: what Nexus does by a timetable; here nothing is done, but runs are played.

Sources: TasksResource.java for the list, run and stop; the OpenAPI documents for the rest, which
a closed plugin has: Pro from 3.74, the Community Edition from 3.94 (ASSUMED.md).
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from ..task_runs import RunsAlready
from ..task_types import TASK_TYPES, TaskType, fault
from ..web.message import Response, json_response, text_response
from .call import Call, RefusalError, Route, empty, refuse_field

_BASE = "/v1/tasks"
_ONE = f"{_BASE}/{{id}}"
_TEMPLATES = f"{_BASE}/templates"

Task = dict[str, Any]


def _list(call: Call) -> Response:
    _settle(call)
    wanted = call.request.argument("type")
    found = [
        _shown(call, task)
        for _, task in sorted(call.state["tasks"].items())
        if wanted in {None, task["type"]}
    ]
    return json_response(200, {"items": found, "continuationToken": None})


def _read(call: Call) -> Response:
    return json_response(200, _shown(call, _known(call, call.arguments["id"])))


def _templates(_call: Call) -> Response:
    return json_response(200, [_template(one) for one in TASK_TYPES.values() if not one.own])


def _one_template(call: Call) -> Response:
    task_type = TASK_TYPES.get(call.arguments["typeId"])
    if task_type is None or task_type.own:
        raise RefusalError(empty(404))
    return json_response(200, _template(task_type))


def _create(call: Call) -> Response:
    type_ = call.body["type"]
    if type_ not in TASK_TYPES or TASK_TYPES[type_].own:
        raise refuse_field("type", f"no task of this type can be made: {type_}")
    _check(call, type_)
    task = _save(call, str(uuid.uuid4()), type_, {})
    return json_response(201, _shown(call, task))


def _update(call: Call) -> Response:
    """Replace all but the type, which cannot change, and what is known of earlier runs."""
    before = _known(call, call.arguments["taskId"])
    _check_own(before)
    if call.body.get("type") not in {None, before["type"]}:
        raise refuse_field("type", "the type of a task cannot be changed")
    _check(call, before["type"])
    _save(call, before["id"], before["type"], before)
    return empty(204)


def _delete(call: Call) -> Response:
    task = _known(call, call.arguments["id"])
    _check_own(task)
    with call.nexus.store.change() as draft:
        del draft["tasks"][task["id"]]
    return empty(204)


def _run(call: Call) -> Response:
    """Begin a run; a disabled task is 405, as in the documents."""
    task = _known(call, call.arguments["id"])
    if not task["enabled"]:
        raise RefusalError(empty(405))
    try:
        call.nexus.task_runs.begin(task["id"])
    except RunsAlready:
        raise RefusalError(text_response(500, f"Error running task {task['id']}")) from None
    return empty(204)


def _stop(call: Call) -> Response:
    """A task that does not run cannot be stopped: 409."""
    task = _known(call, call.arguments["id"])
    asked = call.nexus.task_runs.stop(task["id"])
    if asked is None:
        raise RefusalError(empty(409))
    with call.nexus.store.change() as draft:
        draft["tasks"][task["id"]] |= {"lastRun": asked, "lastRunResult": "CANCELED"}
    return empty(204)


def _settle(call: Call) -> None:
    """Note the runs that have ended."""
    ended = call.nexus.task_runs.ended()
    if not ended:
        return
    with call.nexus.store.change() as draft:
        for task, (asked, result) in ended.items():
            if task in draft["tasks"]:
                draft["tasks"][task] |= {"lastRun": asked, "lastRunResult": result}


def _check(call: Call, type_: str) -> None:
    found = fault(call.state, TASK_TYPES[type_], call.body)
    if found:
        raise refuse_field(*found)


def _check_own(task: Task) -> None:
    if TASK_TYPES[task["type"]].own:
        raise refuse_field("type", f"a task of type {task['type']} is Nexus' own")


def _known(call: Call, id_: str) -> Task:
    _settle(call)
    task: Task | None = call.state["tasks"].get(id_)
    if task is None:
        raise RefusalError(text_response(404, f"Unable to locate task with id {id_}"))
    return task


def _save(call: Call, id_: str, type_: str, before: Task) -> Task:
    body = call.body
    task: Task = {
        "id": id_,
        "type": type_,
        "name": body["name"],
        "enabled": body["enabled"],
        "alertEmail": body.get("alertEmail"),
        "notificationCondition": body["notificationCondition"],
        "frequency": body["frequency"],
        "properties": body.get("properties") or {},
        "lastRun": before.get("lastRun"),
        "lastRunResult": before.get("lastRunResult"),
    }
    with call.nexus.store.change() as draft:
        draft["tasks"][id_] = task
    return task


def _shown(call: Call, task: Task) -> Task:
    """The fields that this version's document has: the schedule can be read from 3.94 on."""
    frequency = task["frequency"]
    start = frequency.get("startDate")
    full: Task = {
        "id": task["id"],
        "name": task["name"],
        "type": task["type"],
        "message": TASK_TYPES[task["type"]].name,
        "currentState": call.nexus.task_runs.state(task["id"]),
        "lastRunResult": task["lastRunResult"],
        "nextRun": None if frequency["schedule"] == "manual" else _next(start),
        "lastRun": task["lastRun"],
        "enabled": task["enabled"],
        "alertEmail": task["alertEmail"],
        "notificationCondition": task["notificationCondition"],
        "schedule": frequency["schedule"],
        "startDate": _moment(start) if start else None,
        "recurringDays": frequency.get("recurringDays"),
        "cronExpression": frequency.get("cronExpression"),
        "timeZoneOffset": frequency.get("timeZoneOffset"),
        "properties": task["properties"],
    }
    known = call.nexus.document.properties("TaskXO")
    return {name: value for name, value in full.items() if name in known}


def _template(task_type: TaskType) -> Task:
    return {
        "type": task_type.id,
        "name": task_type.name,
        "enabled": True,
        "alertEmail": None,
        "notificationCondition": "FAILURE",
        "frequency": {"schedule": "manual"},
        "properties": dict.fromkeys(task_type.properties, ""),
    }


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _next(start: int | None) -> str:
    """The start, or the next midnight: nothing runs here, so no timetable is worked out."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return _moment(start or int((midnight + timedelta(days=1)).timestamp()))


ROUTES = (
    Route("GET", _TEMPLATES, _templates, "nexus:tasks:read"),
    Route("GET", f"{_TEMPLATES}/{{typeId}}", _one_template, "nexus:tasks:read"),
    Route("GET", _BASE, _list, "nexus:tasks:read"),
    Route("POST", _BASE, _create, "nexus:tasks:create"),
    Route("GET", _ONE, _read, "nexus:tasks:read"),
    Route("PUT", f"{_BASE}/{{taskId}}", _update, "nexus:tasks:update"),
    Route("DELETE", _ONE, _delete, "nexus:tasks:delete"),
    Route("POST", f"{_ONE}/run", _run, "nexus:tasks:start"),
    Route("POST", f"{_ONE}/stop", _stop, "nexus:tasks:stop"),
)
