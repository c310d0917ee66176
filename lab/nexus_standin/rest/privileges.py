"""``/v1/security/privileges``: all that exist, and those of the kind repository-view to make."""

from __future__ import annotations

from typing import Any

from ..privileges import all_privileges
from ..web.message import Response, json_response
from .call import Call, Route, empty, refuse_field, refuse_text

_BASE = "/v1/security/privileges"
_VIEW = f"{_BASE}/repository-view"


def _list(call: Call) -> Response:
    known = all_privileges(call.state)
    return json_response(200, [known[name] for name in sorted(known)])


def _read(call: Call) -> Response:
    return json_response(200, _known(call))


def _create(call: Call) -> Response:
    name = call.body["name"]
    if name in all_privileges(call.state):
        message = f"Privilege '{name}' already exists, use a unique name."
        raise refuse_field("name", message)
    _check_place(call)
    with call.nexus.store.change() as draft:
        draft["privileges"][name] = _stored(call.body)
    return empty(201)


def _update(call: Call) -> Response:
    privilege = _known(call)
    if call.body["name"] != privilege["name"]:
        raise refuse_text(409, "The path's name does not match the body")
    _check_own(privilege)
    _check_place(call)
    with call.nexus.store.change() as draft:
        draft["privileges"][privilege["name"]] = _stored(call.body)
    return empty(204)


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


def _check_place(call: Call) -> None:
    formats = {item["format"] for item in call.state["repositories"].values()}
    if call.body["format"] not in formats | {"docker", "*"}:
        raise refuse_field("format", f"Invalid format '{call.body['format']}' supplied.")
    repository = call.body["repository"]
    if repository != "*" and repository not in call.state["repositories"]:
        raise refuse_field("repository", f"Invalid repository '{repository}' supplied.")


def _stored(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "repository-view",
        "name": body["name"],
        "description": body.get("description"),
        "readOnly": False,
        "format": body["format"],
        "repository": body["repository"],
        "actions": sorted(body["actions"]),
    }


ROUTES = (
    Route("GET", _BASE, _list, "nexus:privileges:read"),
    Route("GET", f"{_BASE}/{{privilegeName}}", _read, "nexus:privileges:read"),
    Route("POST", _VIEW, _create, "nexus:privileges:create"),
    Route("PUT", f"{_VIEW}/{{privilegeName}}", _update, "nexus:privileges:update"),
    Route("DELETE", f"{_BASE}/{{privilegeName}}", _delete, "nexus:privileges:delete"),
)
