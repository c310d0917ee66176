"""``change-password``: text/plain and nothing else; the first password's file goes with it."""

from __future__ import annotations

from .. import passwords
from ..boot import password_file
from ..permissions import ALL
from ..web.message import Response, text_response
from .call import Call, RefusalError, Route, empty, refuse_text


def change_admin_password(call: Call) -> Response:
    """Set the password of ``admin``, as the first-run wizard does."""
    return _set(call, "admin")


def _change(call: Call) -> Response:
    return _set(call, call.arguments["userId"])


def _set(call: Call, user_id: str) -> Response:
    set_password(call, user_id)
    if user_id == "admin":
        password_file(call.nexus.settings.data).unlink(missing_ok=True)
    return empty(204)


def set_password(call: Call, user_id: str) -> None:
    """Set the password that is the body; the file of the first one stays where it is.

    Raises:
        RefusalError: The password is blank, or there is no such user.
    """
    password = call.body
    if not password.strip():
        raise RefusalError(text_response(400, "Password must be supplied."))
    if user_id not in call.state["users"]:
        raise refuse_text(404, f"User '{user_id}' not found.")
    with call.nexus.store.change() as draft:
        user = draft["users"][user_id]
        user["password"] = passwords.hashed(password)
        if user["status"] == "changepassword":
            user["status"] = "active"


ROUTES = (Route("PUT", "/v1/security/users/{userId}/change-password", _change, ALL, text=True),)
