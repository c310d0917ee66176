"""Capabilities: ``/v1/capabilities``, from 3.82 on.

Only ``baseurl`` can be made here. What Nexus has from its first start is listed beside it, since
a client has to find its own among them.
"""

from __future__ import annotations

import uuid
from typing import Any

from ..web.message import Response, json_response
from .call import Call, RefusalError, Route, empty, refuse_field

_MAKEABLE = {"baseurl": "Base URL"}
_SCHEMA = {
    "type": "object",
    "required": ["type", "enabled"],
    "properties": {
        "id": {"type": "string"},
        "type": {"type": "string", "minLength": 1},
        "enabled": {"type": "boolean"},
        "notes": {"type": "string"},
        "properties": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}

Capability = dict[str, Any]


def _list(call: Call) -> Response:
    return json_response(200, list(call.state["capabilities"].values()))


def _create(call: Call) -> Response:
    _check(call)
    type_ = call.body["type"]
    if any(item["type"] == type_ for item in call.state["capabilities"].values()):
        raise refuse_field("type", f"Only one capability of type '{type_}' can be created")
    id_ = uuid.uuid4().hex[:16]
    return json_response(200, _save(call, id_))


def _update(call: Call) -> Response:
    """Answer 204; the type is what it was, whatever the body says would be refused."""
    before = _known(call)
    if call.body["type"] != before["type"] or call.body.get("id", before["id"]) != before["id"]:
        raise refuse_field("type", "the type and id of a capability cannot be changed")
    _check(call)
    _save(call, before["id"])
    return empty(204)


def _delete(call: Call) -> Response:
    id_ = _known(call)["id"]
    with call.nexus.store.change() as draft:
        del draft["capabilities"][id_]
    return empty(204)


def _known(call: Call) -> Capability:
    found: Capability | None = call.state["capabilities"].get(call.arguments["id"])
    if found is None:
        raise RefusalError(empty(404))
    return found


def _check(call: Call) -> None:
    if call.body["type"] not in _MAKEABLE:
        raise refuse_field("type", f"not played by the Nexus stand-in: {call.body['type']}")
    url = (call.body.get("properties") or {}).get("url")
    if not url:
        raise refuse_field("url", "may not be empty")
    if not url.startswith(("http://", "https://")):
        raise refuse_field("url", "must be a valid URL")


def _save(call: Call, id_: str) -> Capability:
    body = call.body
    saved: Capability = {
        "id": id_,
        "type": body["type"],
        "enabled": body["enabled"],
        "notes": body.get("notes") or "",
        "properties": body.get("properties") or {},
    }
    with call.nexus.store.change() as draft:
        draft["capabilities"][id_] = saved
    return saved


_BASE = "/v1/capabilities"
_ONE = f"{_BASE}/{{id}}"

ROUTES = (
    Route("GET", _BASE, _list, "nexus:capabilities:read", documented=False),
    Route("POST", _BASE, _create, "nexus:capabilities:create", documented=False, schema=_SCHEMA),
    Route("PUT", _ONE, _update, "nexus:capabilities:update", documented=False, schema=_SCHEMA),
    Route("DELETE", _ONE, _delete, "nexus:capabilities:delete", documented=False),
)
