"""``/v1/script``: Groovy scripts that are uploaded, run with arguments, and removed.

Sources: ScriptResource.groovy of nexus-public, 3.16.2 and 3.21.2. From 3.21.2 on scripts can be
made and changed only where ``nexus.scripts.allowCreation`` is true; those that are there still run.
"""

from __future__ import annotations

from typing import Any

from ..scripts.runner import ScriptsUnavailableError
from ..web.message import Response, json_response, text_response
from .call import LOGIN, Call, RefusalError, Route, empty, refuse_field

_BASE = "/v1/script"
_ONE = f"{_BASE}/{{name}}"
_DISABLED = "Creating and updating scripts is disabled"

Script = dict[str, Any]


def _list(call: Call) -> Response:
    _check_right(call, "*", "browse")
    return json_response(200, [script for _, script in sorted(call.state["scripts"].items())])


def _read(call: Call) -> Response:
    _check_right(call, call.arguments["name"], "read")
    return json_response(200, _known(call))


def _create(call: Call) -> Response:
    _check_right(call, "*", "add")
    name = call.body["name"]
    _check_enabled(call, name)
    if name in call.state["scripts"]:
        raise refuse_field("name", f"a script of this name is there already: {name}")
    return _save(call)


def _edit(call: Call) -> Response:
    """Another name in the body is an error 500: a failed check of an argument in the source."""
    name = call.arguments["name"]
    _check_right(call, name, "edit")
    _check_enabled(call, name)
    if call.body["name"] != name:
        text = f"Path parameter: {name} does not match data name: {call.body['name']}"
        raise RefusalError(text_response(500, text))
    _known(call)
    return _save(call)


def _delete(call: Call) -> Response:
    name = call.arguments["name"]
    _check_right(call, name, "delete")
    _known(call)
    with call.nexus.store.change() as draft:
        del draft["scripts"][name]
    return empty(204)


def _run(call: Call) -> Response:
    """A script that throws is 400 with what it threw as its result."""
    name = call.arguments["name"]
    _check_right(call, name, "run")
    script, minor = _known(call), call.nexus.version.number[1]
    try:
        good, result = call.nexus.runner.run(script["content"], call.body, minor)
    except ScriptsUnavailableError as error:
        raise RefusalError(text_response(500, str(error))) from None
    return json_response(200 if good else 400, {"name": name, "result": result})


def _save(call: Call) -> Response:
    script = call.body
    if script["type"] != "groovy":
        raise refuse_field("type", f"Language: {script['type']} is not allowed")
    with call.nexus.store.change() as draft:
        draft["scripts"][script["name"]] = script
    return empty(204)


def _known(call: Call) -> Script:
    name = call.arguments["name"]
    script: Script | None = call.state["scripts"].get(name)
    if script is None:
        raise RefusalError(text_response(404, f"Script with name: '{name}' not found"))
    return script


def _check_enabled(call: Call, name: str) -> None:
    if not call.nexus.settings.script_creation:
        raise RefusalError(json_response(410, {"name": name, "result": _DISABLED}))


def _check_right(call: Call, name: str, action: str) -> None:
    if not call.caller.may(f"nexus:script:{name}:{action}"):
        raise RefusalError(empty(403))


ROUTES = (
    Route("GET", _BASE, _list, LOGIN),
    Route("POST", _BASE, _create, LOGIN),
    Route("GET", _ONE, _read, LOGIN),
    Route("PUT", _ONE, _edit, LOGIN),
    Route("DELETE", _ONE, _delete, LOGIN),
    Route("POST", f"{_ONE}/run", _run, LOGIN, text=True),
)
