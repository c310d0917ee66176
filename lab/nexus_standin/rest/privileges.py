"""``/v1/security/privileges``: all that exist, and one's own of five kinds.

The sixth kind names a content selector, and there are none here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..privileges import DOMAINS, all_privileges
from ..web.message import Response, json_response
from .call import Call, Route, empty, refuse_field, refuse_text

_BASE = "/v1/security/privileges"
_FIELDS = {
    "application": ("domain", "actions"),
    "repository-admin": ("format", "repository", "actions"),
    "repository-view": ("format", "repository", "actions"),
    "script": ("scriptName", "actions"),
    "wildcard": ("pattern",),
}


def _list(call: Call) -> Response:
    known = all_privileges(call.state)
    return json_response(200, [known[name] for name in sorted(known)])


def _read(call: Call) -> Response:
    return json_response(200, _known(call))


def _creator(kind: str) -> Callable[[Call], Response]:
    def create(call: Call) -> Response:
        name = call.body["name"]
        if name in all_privileges(call.state):
            message = f"Privilege '{name}' already exists, use a unique name."
            raise refuse_field("name", message)
        _check(call, kind)
        with call.nexus.store.change() as draft:
            draft["privileges"][name] = _stored(call.body, kind)
        return empty(201)

    return create


def _updater(kind: str) -> Callable[[Call], Response]:
    def update(call: Call) -> Response:
        privilege = _known(call)
        if call.body["name"] != privilege["name"]:
            raise refuse_text(409, "The path's name does not match the body")
        if privilege["type"] != kind:
            raise refuse_text(400, f"Privilege '{privilege['name']}' is not of type {kind}.")
        _check_own(privilege)
        _check(call, kind)
        with call.nexus.store.change() as draft:
            draft["privileges"][privilege["name"]] = _stored(call.body, kind)
        return empty(204)

    return update


def _delete(call: Call) -> Response:
    privilege = _known(call)
    _check_own(privilege)
    with call.nexus.store.change() as draft:
        del draft["privileges"][privilege["name"]]
    return empty(204)


def _known(call: Call) -> dict[str, Any]:
    name = call.arguments["privilegeName"]
    privilege = all_privileges(call.state).get(name)
    if privilege is None:
        raise refuse_text(404, f"Privilege '{name}' not found.")
    return privilege


def _check_own(privilege: dict[str, Any]) -> None:
    if privilege["readOnly"]:
        name = privilege["name"]
        message = f"Privilege '{name}' is internal and can not be modified or deleted."
        raise refuse_text(400, message)


def _check(call: Call, kind: str) -> None:
    if kind == "application" and call.body["domain"] not in DOMAINS:
        raise refuse_field("domain", f"Invalid domain '{call.body['domain']}' supplied.")
    if kind == "script" and call.body["scriptName"] not in {"*", *call.state["scripts"]}:
        raise refuse_field("scriptName", f"Invalid script '{call.body['scriptName']}' supplied.")
    if not kind.startswith("repository-"):
        return
    formats = {item["format"] for item in call.state["repositories"].values()}
    if call.body["format"] not in formats | {"docker", "*"}:
        raise refuse_field("format", f"Invalid format '{call.body['format']}' supplied.")
    repository = call.body["repository"]
    if repository != "*" and repository not in call.state["repositories"]:
        raise refuse_field("repository", f"Invalid repository '{repository}' supplied.")


def _stored(body: dict[str, Any], kind: str) -> dict[str, Any]:
    stored = {
        "type": kind,
        "name": body["name"],
        "description": body.get("description"),
        "readOnly": False,
    }
    stored |= {field: body[field] for field in _FIELDS[kind]}
    if "actions" in stored:
        stored["actions"] = sorted(stored["actions"])
    return stored


def _routes(kind: str) -> tuple[Route, Route]:
    one = f"{_BASE}/{kind}/{{privilegeName}}"
    return (
        Route("POST", f"{_BASE}/{kind}", _creator(kind), "nexus:privileges:create"),
        Route("PUT", one, _updater(kind), "nexus:privileges:update"),
    )


ROUTES = (
    Route("GET", _BASE, _list, "nexus:privileges:read"),
    Route("GET", f"{_BASE}/{{privilegeName}}", _read, "nexus:privileges:read"),
    *(route for kind in _FIELDS for route in _routes(kind)),
    Route("DELETE", f"{_BASE}/{{privilegeName}}", _delete, "nexus:privileges:delete"),
)
