"""The gate before every registry: licence, login, rights; then the repository answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..auth import Caller, WrongCredentialsError
from ..web.message import Request, Response, text_response
from .answers import not_found, registry_error, registry_json
from .asks import Ask, ask_for
from .challenge import forces_basic, token_answer, unauthorized
from .door import Door

if TYPE_CHECKING:
    from ..nexus import Nexus

_EULA = "You must accept the End User License Agreement (EULA)"
# SecurityFacetSupport.java; asked of the repository that the client addresses, not of members.
_ACTIONS = {
    "GET": "read",
    "HEAD": "read",
    "POST": "add",
    "PATCH": "add",
    "PUT": "edit",
    "DELETE": "delete",
}


def answer_docker(nexus: Nexus, request: Request, door: Door) -> Response:
    """Answer one request of the Docker Registry API."""
    state = nexus.store.state
    if nexus.version.asks_for_consent and not state["eula_accepted"]:
        return text_response(403, _EULA)
    ask = ask_for(door.path, request)
    settings = _settings(nexus, door)
    if settings is None and door.repository is not None:
        return not_found(Ask("unknown", door.repository, "", request))
    if ask.kind == "token":
        return token_answer(nexus.authenticator, state, request, door)
    refusal = _refusal(nexus, ask, door, settings)
    if refusal:
        return refusal
    if ask.kind == "ping":
        return registry_json(200, {})
    response = _repository_answer(nexus, ask, settings)
    door.send_back(request, response)
    return response


def _settings(nexus: Nexus, door: Door) -> dict[str, Any] | None:
    found = nexus.store.state["repositories"].get(door.repository or "")
    by_path = bool(door.image_prefix)
    if found is None or found["format"] != "docker":
        return None
    if by_path and not found["docker"].get("pathEnabled"):
        return None
    settings: dict[str, Any] = found
    return settings


def _refusal(
    nexus: Nexus, ask: Ask, door: Door, settings: dict[str, Any] | None
) -> Response | None:
    request = ask.request
    basic = forces_basic(nexus.store.state, settings)
    authorization = request.headers.get("Authorization")
    if authorization is None:
        return unauthorized(request, door, basic=basic)
    try:
        caller = nexus.authenticator.caller(authorization)
    except WrongCredentialsError:
        return unauthorized(request, door, basic=basic)
    if settings is None or _may(caller, settings["name"], request.method):
        return None
    if caller.anonymous:
        return unauthorized(request, door, basic=basic)
    text = "access to the requested resource is not authorized"
    return registry_error(403, "DENIED", text)


def _may(caller: Caller, repository: str, method: str) -> bool:
    action = _ACTIONS.get(method, "read")
    return caller.may(f"nexus:repository-view:docker:{repository}:{action}")


def _repository_answer(nexus: Nexus, ask: Ask, settings: dict[str, Any] | None) -> Response:
    repository = nexus.plane.repository(settings["name"]) if settings else None
    if settings is None or repository is None or ask.kind == "unknown":
        return registry_error(404, "NOT_FOUND", "the registry has no such path")
    if not settings["online"]:
        return registry_error(503, "UNAVAILABLE", "Repository offline")
    return repository.answer(ask)
