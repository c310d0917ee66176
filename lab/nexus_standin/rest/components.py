"""``/v1/components``, ``/v1/assets`` and ``/v1/search``: what the repositories hold.

One component of a Docker repository is one tag of one image, as in Nexus: from what its registry
holds. What other formats hold, and Docker repositories without a registry program, stands in the
state: ``components``, by repository a list of names and versions. Pages are small on purpose: a
client has to follow the continuation token.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ..docker.answers import media_type
from ..docker.group import Group
from ..docker.layout import Layout
from ..web.message import Response, json_response
from .call import LOGIN, Call, RefusalError, Route, empty, refuse_field

_PAGE_SIZE = 10
# Query parameters of the document that are played, and the field each one is compared with.
_FILTERS = {
    "repository": "repository",
    "format": "format",
    "name": "name",
    "version": "version",
    "docker.imageName": "name",
    "docker.imageTag": "version",
}

Component = dict[str, Any]


def _components(call: Call) -> Response:
    return _page(call, list(_of(call, _asked(call))))


def _all_assets(call: Call) -> Response:
    found = [asset for component in _of(call, _asked(call)) for asset in component["assets"]]
    return _page(call, found)


def _asked(call: Call) -> str:
    """Return the repository that is asked for, which must be there and may be browsed."""
    name = call.request.argument("repository") or ""
    repository = call.state["repositories"].get(name)
    if repository is None:
        raise RefusalError(empty(404))
    if not _may_browse(call, repository):
        raise RefusalError(empty(403))
    return name


def _search(call: Call) -> Response:
    """Find components; repositories that may not be browsed are left out."""
    filters = dict(call.request.query)
    filters.pop("continuationToken", None)
    if unplayed := sorted(filters.keys() - _FILTERS.keys()):
        raise refuse_field(f"PARAMETER {unplayed[0]}", "not played by the Nexus stand-in")
    found = [
        component
        for name, repository in sorted(call.state["repositories"].items())
        if repository["type"] != "group" and _may_browse(call, repository)
        for component in _of(call, name)
        if all(component[_FILTERS[key]] == value for key, value in filters.items())
    ]
    return _page(call, found)


def _page(call: Call, found: list[Component]) -> Response:
    token = call.request.argument("continuationToken")
    ids = [component["id"] for component in found]
    if token is not None and token not in ids:
        raise refuse_field("PARAMETER continuationToken", "Invalid continuationToken")
    start = ids.index(token) + 1 if token is not None else 0
    shown = found[start : start + _PAGE_SIZE]
    more = start + _PAGE_SIZE < len(found)
    answer = {"items": shown, "continuationToken": shown[-1]["id"] if more else None}
    return json_response(200, answer)


def _of(call: Call, name: str) -> Iterator[Component]:
    for held in call.state["components"].get(name, ()):
        yield _held(call, name, held)
    running = call.nexus.plane.repository(name)
    if running is None:
        return
    layouts = [running.layout] if not isinstance(running, Group) else []
    if isinstance(running, Group):
        layouts = [member.layout for member in running.members()]
    seen: set[tuple[str, str]] = set()
    for layout in layouts:
        for image in layout.names():
            for tag in layout.tags(image):
                if (image, tag) not in seen:
                    seen.add((image, tag))
                    yield _component(call, name, layout, image, tag)


def _held(call: Call, repository: str, held: dict[str, str]) -> Component:
    format_ = call.state["repositories"][repository]["format"]
    name, version = held["name"], held["version"]
    common = {"repository": repository, "format": format_}
    asset = {"id": _id(repository, f"{name}/{version}"), "path": f"{name}/{version}"} | common
    return {
        "id": _id(repository, f"{name}:{version}"),
        "group": None,
        "name": name,
        "version": version,
        "assets": [asset],
    } | common


def _component(call: Call, repository: str, layout: Layout, image: str, tag: str) -> Component:
    return {
        "id": _id(repository, f"{image}:{tag}"),
        "repository": repository,
        "format": "docker",
        "group": None,
        "name": image,
        "version": tag,
        "assets": list(_assets(call, repository, layout, image, tag)),
    }


def _assets(
    call: Call, repository: str, layout: Layout, image: str, tag: str
) -> Iterator[dict[str, Any]]:
    digest = layout.tag(image, tag)
    file = layout.blob(digest) if digest else None
    if file is None or digest is None:
        return
    path = f"/v2/{image}/manifests/{tag}"
    written = datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="milliseconds")
    yield {
        "id": _id(repository, path),
        "repository": repository,
        "format": "docker",
        "path": path,
        "downloadUrl": f"{call.request.base_url}/repository/{repository}{path}",
        "checksum": {"sha256": digest.removeprefix("sha256:")},
        "contentType": media_type(file.read_bytes()),
        "fileSize": file.stat().st_size,
        "lastModified": written,
        "blobCreated": written,
        "blobStoreName": call.state["repositories"][repository]["storage"]["blobStoreName"],
    }


def _id(repository: str, text: str) -> str:
    return base64.urlsafe_b64encode(f"{repository}:{text}".encode()).decode().rstrip("=")


def _may_browse(call: Call, repository: dict[str, Any]) -> bool:
    place = f"{repository['format']}:{repository['name']}"
    return call.caller.may(f"nexus:repository-view:{place}:browse")


ROUTES = (
    Route("GET", "/v1/components", _components, LOGIN),
    Route("GET", "/v1/assets", _all_assets, LOGIN),
    Route("GET", "/v1/search", _search, LOGIN),
)
