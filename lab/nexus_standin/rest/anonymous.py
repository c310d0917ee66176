"""``/v1/security/anonymous``: what somebody without credentials is."""

from __future__ import annotations

from ..web.message import Response, json_response
from .call import Call, Route, refuse_field

_BASE = "/v1/security/anonymous"
_REALMS = {"NexusAuthorizingRealm", "NexusAuthenticatingRealm"}


def _read(call: Call) -> Response:
    return json_response(200, call.state["anonymous"])


def _set(call: Call) -> Response:
    if call.body["realmName"] not in _REALMS:
        raise refuse_field("realmName", "Realm does not exist")
    if call.body["userId"] not in call.state["users"]:
        raise refuse_field("userId", "User does not exist")
    with call.nexus.store.change() as draft:
        draft["anonymous"] = {"enabled": bool(call.body.get("enabled"))} | {
            name: call.body[name] for name in ("userId", "realmName")
        }
        draft["anonymous_saved"] = True
    return json_response(200, draft["anonymous"])


ROUTES = (
    Route("GET", _BASE, _read, "nexus:settings:read"),
    Route("PUT", _BASE, _set, "nexus:settings:update"),
)
