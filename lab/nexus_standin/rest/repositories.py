"""``/v1/repositories`` and ``/v1/repositorySettings``: what all formats have in common."""

from __future__ import annotations

from typing import Any

from ..docker.layout import content_size
from ..docker.places import registry_root
from ..web.message import Response, json_response
from .call import LOGIN, Call, RefusalError, Route, empty, refuse_text
from .repository_shapes import Shapes

_ONE = "/v1/repositories/{repositoryName}"


def shapes(call: Call) -> Shapes:
    """Return how this version shows repositories to this caller."""
    return Shapes(call.nexus.document, call.state, call.request.base_url)


def _list(call: Call) -> Response:
    """Open to everybody, filtered by the right to browse."""
    found = [
        _row(call, repository)
        for repository in _sorted(call)
        if _may(call, repository, "view", "browse")
    ]
    return json_response(200, found)


def _settings(call: Call) -> Response:
    """All repositories in full, filtered by the right to read their settings."""
    found = [
        shapes(call).settings(repository)
        for repository in _sorted(call)
        if _may(call, repository, "admin", "read")
    ]
    return json_response(200, found)


def _read(call: Call) -> Response:
    repository = _known(call)
    if not _may(call, repository, "view", "browse"):
        raise RefusalError(empty(403))
    return json_response(200, _row(call, repository))


def _row(call: Call, repository: dict[str, Any]) -> dict[str, Any]:
    """With its size in bytes, where the version tells it and the repository holds anything."""
    shown = shapes(call).row(repository)
    if "size" in shown and repository["format"] == "docker" and repository["type"] != "group":
        root = registry_root(call.nexus.settings.data, call.state, repository)
        shown["size"] = content_size(root)[1]
    return shown


def _delete(call: Call) -> Response:
    """Groups lose the member without a word (RepositoryManagerImpl.delete)."""
    repository = _known(call)
    if not _may(call, repository, "admin", "delete"):
        raise RefusalError(empty(403))
    name = repository["name"]
    with call.nexus.store.change() as draft:
        del draft["repositories"][name]
        draft["components"].pop(name, None)
        for other in draft["repositories"].values():
            members = other.get("group", {}).get("memberNames", [])
            if name in members:
                members.remove(name)
    call.nexus.plane.follow()
    call.nexus.plane.discard(repository)
    return empty(204)


def _invalidate_cache(call: Call) -> Response:
    repository = _known(call)
    if not _may(call, repository, "admin", "edit"):
        raise RefusalError(empty(403))
    if repository["type"] == "hosted":
        raise refuse_text(400, "You can invalidate cache of proxy or group repository only")
    call.nexus.plane.invalidate(repository["name"])
    return empty(204)


def _sorted(call: Call) -> list[dict[str, Any]]:
    return [repository for _, repository in sorted(call.state["repositories"].items())]


def _known(call: Call) -> dict[str, Any]:
    """Names are one whatever their case."""
    name = call.arguments["repositoryName"].lower()
    for known, repository in call.state["repositories"].items():
        if known.lower() == name:
            found: dict[str, Any] = repository
            return found
    raise RefusalError(empty(404))


def _may(call: Call, repository: dict[str, Any], kind: str, action: str) -> bool:
    place = f"{repository['format']}:{repository['name']}"
    return call.caller.may(f"nexus:repository-{kind}:{place}:{action}")


ROUTES = (
    Route("GET", "/v1/repositories", _list, None),
    Route("GET", "/v1/repositorySettings", _settings, LOGIN),
    Route("GET", _ONE, _read, LOGIN),
    Route("DELETE", _ONE, _delete, LOGIN),
    Route("POST", f"{_ONE}/invalidate-cache", _invalidate_cache, LOGIN),
)
