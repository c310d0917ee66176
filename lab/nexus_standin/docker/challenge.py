"""How a client is told to log in, and the tokens that it can log in for."""

from __future__ import annotations

from typing import Any

from ..auth import ANONYMOUS, TOKEN_REALM, Authenticator, Caller, WrongCredentialsError
from ..store import State
from ..web.message import Request, Response
from .answers import registry_error, registry_json
from .door import Door

_BASIC = 'BASIC realm="Sonatype Nexus Repository Manager"'


def unauthorized(request: Request, door: Door, *, basic: bool) -> Response:
    """Answer 401: Basic where the repository forces it, else Bearer with the token's address.

    The address is built from Host and X-Forwarded-Proto, as in Nexus.
    """
    text = "access to the requested resource is not authorized"
    response = registry_error(401, "UNAUTHORIZED", text)
    address = f"{door.base(request)}/v2/token"
    bearer = f'Bearer realm="{address}",service="{address}"'
    response.headers.append(("WWW-Authenticate", _BASIC if basic else bearer))
    return response


def forces_basic(state: State, repository: dict[str, Any] | None) -> bool:
    """Tell which challenge a repository gives.

    The root of path based routing belongs to no repository: Bearer there where one that can be
    reached by path allows it (an assumption).
    """
    if repository is not None:
        return bool(repository["docker"]["forceBasicAuth"])
    dockers = [item["docker"] for item in state["repositories"].values() if "docker" in item]
    return not any(item.get("pathEnabled") and not item["forceBasicAuth"] for item in dockers)


def token_answer(
    authenticator: Authenticator, state: State, request: Request, door: Door
) -> Response:
    """Answer a request for a token: for a user with Basic, for nobody where that is allowed."""
    if request.method != "GET":
        return registry_error(405, "UNSUPPORTED", "a token is had by GET")
    refusal = unauthorized(request, door, basic=True)
    if TOKEN_REALM not in state["realms"]:
        return refusal
    try:
        caller = authenticator.caller(request.headers.get("Authorization"))
    except WrongCredentialsError:
        return refusal
    if caller.anonymous:
        if not state["anonymous"]["enabled"]:
            return refusal
        # Nexus hands out anonymous Docker tokens to the user of this very name only.
        caller = Caller(ANONYMOUS, anonymous=True, state=state)
    return registry_json(200, {"token": authenticator.token(caller)})
