"""``/v1/security/users``: users of the local source. No answer ever holds a password."""

from __future__ import annotations

from typing import Any

from .. import passwords
from ..web.message import Response, json_response
from .call import Call, Route, empty, refuse_field, refuse_text

_BASE = "/v1/security/users"


def _list(call: Call) -> Response:
    """``userId`` is the beginning of an id in any case (AbstractUserManager.matchesCriteria)."""
    start = (call.request.argument("userId") or "").lower()
    source = call.request.argument("source") or "default"
    found = [
        _shown(user)
        for user_id, user in sorted(call.state["users"].items())
        if user_id.lower().startswith(start) and source == "default"
    ]
    return json_response(200, found)


def _create(call: Call) -> Response:
    user_id = call.body["userId"]
    if user_id in call.state["users"]:
        raise refuse_field("userId", f"User '{user_id}' already exists.")
    # unknown roles are taken here and refused by a PUT alone (nexus-public 3.77.1, UserApiResource)
    with call.nexus.store.change() as draft:
        user = _stored(call.body)
        user["password"] = passwords.hashed(call.body["password"])
        draft["users"][user_id] = user
    return json_response(200, _shown(user))


def _update(call: Call) -> Response:
    user_id = call.arguments["userId"]
    if call.body["userId"] != user_id:
        raise refuse_text(400, "The path's userId does not match the body")
    if user_id not in call.state["users"]:
        raise refuse_text(404, f"User '{user_id}' not found.")
    if call.body["source"] != "default":
        raise refuse_text(404, f"Unable to locate source: {call.body['source']}")
    _check_roles(call)
    with call.nexus.store.change() as draft:
        draft["users"][user_id].update(_stored(call.body))
    return empty(204)


def _delete(call: Call) -> Response:
    user_id = call.arguments["userId"]
    if user_id not in call.state["users"]:
        raise refuse_text(404, f"User '{user_id}' not found.")
    if user_id == call.caller.user_id:
        raise refuse_field("*", "Can not delete currently signed in user")
    with call.nexus.store.change() as draft:
        del draft["users"][user_id]
    return empty(204)


def _sources(_call: Call) -> Response:
    return json_response(200, [{"id": "default", "name": "Local"}])


def _check_roles(call: Call) -> None:
    for role in call.body.get("roles") or ():
        if role not in call.state["roles"]:
            raise refuse_field("roles", f"Unable to locate roleId: {role}")


def _stored(body: dict[str, Any]) -> dict[str, Any]:
    fields = ("userId", "firstName", "lastName", "emailAddress", "status")
    return {name: body[name] for name in fields} | {"roles": sorted(body.get("roles") or ())}


def _shown(user: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in user.items() if name != "password"}
    return shown | {"source": "default", "readOnly": False, "externalRoles": []}


ROUTES = (
    Route("GET", _BASE, _list, "nexus:users:read"),
    Route("POST", _BASE, _create, "nexus:users:create"),
    Route("PUT", f"{_BASE}/{{userId}}", _update, "nexus:users:update"),
    Route("DELETE", f"{_BASE}/{{userId}}", _delete, "nexus:users:delete"),
    Route("GET", "/v1/security/user-sources", _sources, "nexus:users:read"),
)
