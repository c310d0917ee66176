"""What a REST handler gets and gives: the call, its route, and refusals in Nexus' shapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..auth import Caller
from ..store import State
from ..web.message import Request, Response, json_response

if TYPE_CHECKING:
    from ..nexus import Nexus

# The permission of routes that ask only for some user; their handlers judge the rest.
LOGIN = "login"


class RefusalError(Exception):
    """The call is refused; carries the answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"refused with {response.status}")
        self.response = response


@dataclass(frozen=True, slots=True)
class Call:
    """One REST call that has passed authentication, rights and the check of its body.

    Attributes:
        nexus: The running stand-in.
        request: The request; its body has been read where the route takes one.
        caller: Who asks.
        arguments: The values of the path's variables.
        body: The JSON body, or the text of a ``text/plain`` one; None where none is taken.
    """

    nexus: Nexus
    request: Request
    caller: Caller
    arguments: dict[str, str]
    body: Any

    @property
    def state(self) -> State:
        return self.nexus.store.state


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint.

    Attributes:
        method: The HTTP method.
        template: The path below ``/service/rest``, spelt as in the OpenAPI document.
        answer: The handler.
        permission: What the caller needs; None: open to everybody.
        text: The body is ``text/plain`` and never JSON.
        documented: False for endpoints that no document beside this code lists.
        schema: The schema of the body of such an endpoint.
    """

    method: str
    template: str
    answer: Callable[[Call], Response]
    permission: str | None
    text: bool = False
    documented: bool = True
    schema: dict[str, Any] | None = None


def refuse_field(field: str, message: str) -> RefusalError:
    """Refuse with 400 and Nexus' array of ``id`` and ``message``."""
    return RefusalError(json_response(400, [{"id": field, "message": message}]))


def refuse_text(status: int, message: str) -> RefusalError:
    """Refuse with a JSON string."""
    return RefusalError(json_response(status, message))


def refuse_quoted(first: str, *suppressed: str) -> RefusalError:
    """Refuse with 400 and text in quotes, newlines raw: not JSON, but so is Nexus' own.

    Source: createRepository in AbstractRepositoriesApiResource.java joins the message of any
    other exception with the suppressed ones.
    """
    text = "\n".join((first, *suppressed))
    header = ("Content-Type", "application/json")
    return RefusalError(Response(400, f'"{text}"'.encode(), [header]))


def empty(status: int) -> Response:
    """Answer without a body."""
    return Response(status)
