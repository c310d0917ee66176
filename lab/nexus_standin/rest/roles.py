"""``/v1/security/roles``: named sets of privileges."""

from __future__ import annotations

from typing import Any

from ..privileges import all_privileges
from ..web.message import Response, json_response
from .call import Call, Route, empty, refuse_text

_BASE = "/v1/security/roles"


def _list(call: Call) -> Response:
    _check_source(call)
    return json_response(200, [_shown(role) for _, role in sorted(call.state["roles"].items())])


def _read(call: Call) -> Response:
    _check_source(call)
    return json_response(200, _shown(_known(call)))


def _create(call: Call) -> Response:
    """Answer 200 with the role, not 201 (RoleApiResource.java)."""
    role_id = call.body["id"]
    if role_id in call.state["roles"]:
        raise refuse_text(400, f"Role '{role_id}' already exists, use a unique roleId.")
    _check_parts(call)
    with call.nexus.store.change() as draft:
        role = draft["roles"][role_id] = _stored(call.body)
    return json_response(200, _shown(role))


def _update(call: Call) -> Response:
    role_id = call.arguments["id"]
    if call.body["id"] != role_id:
        raise refuse_text(409, "The path's roleId does not match the body")
    _check_own(_known(call))
    _check_parts(call)
    with call.nexus.store.change() as draft:
        draft["roles"][role_id] = _stored(call.body)
    return empty(204)


def _delete(call: Call) -> Response:
    role = _known(call)
    _check_own(role)
    with call.nexus.store.change() as draft:
        del draft["roles"][role["id"]]
    return empty(204)


def _known(call: Call) -> dict[str, Any]:
    role_id = call.arguments["id"]
    role: dict[str, Any] | None = call.state["roles"].get(role_id)
    if role is None:
        raise refuse_text(404, f"Role '{role_id}' not found.")
    return role


def _check_source(call: Call) -> None:
    source = call.request.argument("source") or "default"
    if source.lower() != "default":
        raise refuse_text(400, f"Source '{source}' not found.")


def _check_own(role: dict[str, Any]) -> None:
    if role["readOnly"]:
        raise refuse_text(
            400, f"Role '{role['id']}' is internal and can not be modified or deleted."
        )


def _check_parts(call: Call) -> None:
    role_id = call.body["id"]
    known = all_privileges(call.state)
    for name in call.body.get("privileges") or ():
        if name not in known:
            raise refuse_text(400, f"Privilege '{name}' contained in role '{role_id}' not found.")
    for name in call.body.get("roles") or ():
        if name not in call.state["roles"]:
            raise refuse_text(400, f"Role '{name}' contained in role '{role_id}' not found.")


def _stored(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": body["id"],
        "name": body["name"],
        "description": body.get("description"),
        "privileges": sorted(body.get("privileges") or ()),
        "roles": sorted(body.get("roles") or ()),
        "readOnly": False,
    }


def _shown(role: dict[str, Any]) -> dict[str, Any]:
    return role | {"source": "default"}


ROUTES = (
    Route("GET", _BASE, _list, "nexus:roles:read"),
    Route("POST", _BASE, _create, "nexus:roles:create"),
    Route("GET", f"{_BASE}/{{id}}", _read, "nexus:roles:read"),
    Route("PUT", f"{_BASE}/{{id}}", _update, "nexus:roles:update"),
    Route("DELETE", f"{_BASE}/{{id}}", _delete, "nexus:roles:delete"),
)
