"""``/internal/ui/onboarding``: what is left of the first-run wizard."""

from __future__ import annotations

from ..permissions import ALL
from ..web.message import Response, json_response
from .call import Call, Route
from .passwords import change_admin_password


def _items(call: Call) -> Response:
    state = call.state
    admin = state["users"].get("admin", {"status": "active"})
    eula = not state["eula_accepted"] and call.nexus.version.asks_for_consent
    items = (
        ("ChangeAdminPassword", 0, admin["status"] == "changepassword"),
        ("CommunityEula", 1, eula),
        ("CommunityDiscover", 2, eula),
        ("ConfigureAnonymousAccess", 3, not state["anonymous_saved"]),
    )
    return json_response(
        200, [{"type": name, "priority": priority} for name, priority, due in items if due]
    )


_BASE = "/internal/ui/onboarding"
ROUTES = (
    Route("GET", _BASE, _items, ALL, documented=False),
    Route(
        "PUT",
        f"{_BASE}/change-admin-password",
        change_admin_password,
        ALL,
        text=True,
        documented=False,
    ),
)
