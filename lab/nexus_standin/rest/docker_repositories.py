"""``/v1/repositories/docker/{hosted,proxy,group}``: make, read and replace one repository."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..web.message import Response, json_response
from .call import LOGIN, Call, RefusalError, Route, empty, refuse_text
from .repositories import shapes
from .repository_checks import check_changed, check_new

_BASE = "/v1/repositories/docker"
Handler = Callable[[Call], Response]


def _creator(type_: str) -> Handler:
    def create(call: Call) -> Response:
        name = call.body["name"]
        _check_right(call, name, "add")
        check_new(call, type_)
        _save(call, type_)
        return empty(201)

    return create


def _reader(type_: str) -> Handler:
    def read(call: Call) -> Response:
        """404 too where the right to read it is missing: the list is filtered, not refused."""
        repository = _known(call, type_)
        name = call.arguments["repositoryName"]
        if repository is None or not call.caller.may(_right(name, "read")):
            raise refuse_text(404, "Repository not found")
        return json_response(200, shapes(call).settings(repository))

    return read


def _updater(type_: str) -> Handler:
    def update(call: Call) -> Response:
        """Replace the whole: what the body leaves out is gone."""
        _check_right(call, call.arguments["repositoryName"], "edit")
        before = _known(call, type_)
        if before is None:
            return empty(404)
        check_changed(call, type_, before)
        _save(call, type_)
        return empty(204)

    return update


def _save(call: Call, type_: str) -> None:
    record = call.body | {"format": "docker", "type": type_}
    if type_ == "hosted":
        # Kept and read in upper case whatever the version writes (a Java enumeration).
        storage = record["storage"]
        record["storage"] = storage | {"writePolicy": storage["writePolicy"].upper()}
    with call.nexus.store.change() as draft:
        draft["repositories"][record["name"]] = record
    call.nexus.plane.follow()


def _known(call: Call, type_: str) -> dict[str, Any] | None:
    repository: dict[str, Any] | None = call.state["repositories"].get(
        call.arguments["repositoryName"]
    )
    mine = repository and (repository["format"], repository["type"]) == ("docker", type_)
    return repository if mine else None


def _right(name: str, action: str) -> str:
    return f"nexus:repository-admin:docker:{name}:{action}"


def _check_right(call: Call, name: str, action: str) -> None:
    if not call.caller.may(_right(name, action)):
        raise RefusalError(empty(403))


def _routes(type_: str) -> tuple[Route, ...]:
    one = f"{_BASE}/{type_}/{{repositoryName}}"
    return (
        Route("POST", f"{_BASE}/{type_}", _creator(type_), LOGIN),
        Route("GET", one, _reader(type_), LOGIN),
        Route("PUT", one, _updater(type_), LOGIN),
    )


ROUTES = (*_routes("hosted"), *_routes("proxy"), *_routes("group"))
