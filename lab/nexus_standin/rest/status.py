"""``/v1/status``: whether Nexus answers, can write, and how its parts are."""

from __future__ import annotations

import os

from ..web.message import Response, json_response
from .call import Call, Route, empty


def _readable(_call: Call) -> Response:
    return empty(200)


def _writable(call: Call) -> Response:
    """503 where the data directory takes nothing any more (Nexus: its database is frozen)."""
    settings = call.nexus.settings
    room = os.statvfs(settings.data).f_bavail > 0
    well = settings.writable and room and os.access(settings.data, os.W_OK)
    return empty(200 if well else 503)


def _check(call: Call) -> Response:
    """Only the checks whose subject exists here."""
    admin = call.state["users"].get("admin", {"status": "active"})
    changed = admin["status"] != "changepassword"
    checks = {
        "Default Admin Credentials": (changed, "" if changed else "first password still in use"),
        "Read-Only Detector": (_writable(call).status == 200, ""),  # noqa: PLR2004
    }
    return json_response(
        200,
        {
            name: {
                "healthy": healthy,
                "message": message or None,
                "error": None,
                "details": None,
                "time": 0,
                "duration": 0,
                "timestamp": "1970-01-01T00:00:00.000Z",
            }
            for name, (healthy, message) in checks.items()
        },
    )


ROUTES = (
    Route("GET", "/v1/status", _readable, None),
    Route("GET", "/v1/status/writable", _writable, None),
    Route("GET", "/v1/status/check", _check, "nexus:metrics:read"),
)
