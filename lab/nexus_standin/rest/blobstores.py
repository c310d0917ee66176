"""``/v1/blobstores``: where the repositories keep their content; only the type file is played."""

from __future__ import annotations

import shutil
from typing import Any

from ..docker.layout import content_size
from ..docker.places import blob_store_directory
from ..web.message import Response, json_response
from .call import Call, Route, empty, refuse_field, refuse_text

_BASE = "/v1/blobstores"
_FILE = f"{_BASE}/file"
_QUOTAS = ("spaceUsedQuota", "spaceRemainingQuota")


def _list(call: Call) -> Response:
    return json_response(200, [_shown(call, name) for name in sorted(call.state["blobstores"])])


def _create(call: Call) -> Response:
    name = call.body["name"]
    if name.lower() in (known.lower() for known in call.state["blobstores"]):
        raise refuse_field("name", "Name is already used, must be unique (ignoring case)")
    _check_quota(call.body)
    with call.nexus.store.change() as draft:
        draft["blobstores"][name] = _stored(call.body)
    blob_store_directory(call.nexus.settings.data, call.state, name).mkdir(
        parents=True, exist_ok=True
    )
    return empty(204)


def _read(call: Call) -> Response:
    return json_response(200, _known(call) | {"softQuotaAttributes": None})


def _update(call: Call) -> Response:
    """A new path would leave the content behind: refused here, whatever Nexus may do."""
    if call.body["path"] != _known(call)["path"]:
        raise refuse_field("path", "the stand-in does not move a blob store")
    _check_quota(call.body)
    with call.nexus.store.change() as draft:
        draft["blobstores"][call.arguments["name"]] = _stored(call.body)
    return empty(204)


def _delete(call: Call) -> Response:
    name = call.arguments["name"]
    _known(call)
    for repository in call.state["repositories"].values():
        if repository["storage"]["blobStoreName"] == name:
            raise refuse_text(400, f"Blob store {name} is in use and cannot be deleted")
    directory = blob_store_directory(call.nexus.settings.data, call.state, name)
    with call.nexus.store.change() as draft:
        del draft["blobstores"][name]
    shutil.rmtree(directory, ignore_errors=True)
    return empty(204)


def _known(call: Call) -> dict[str, Any]:
    name = call.arguments["name"]
    store: dict[str, Any] | None = call.state["blobstores"].get(name)
    if store is None:
        raise refuse_text(404, f"Blob store '{name}' not found.")
    return store


def _check_quota(body: dict[str, Any]) -> None:
    quota = body.get("softQuota")
    if quota and quota["type"] not in _QUOTAS:
        raise refuse_field("softQuota.type", f"must be one of {', '.join(_QUOTAS)}")


def _stored(body: dict[str, Any]) -> dict[str, Any]:
    return {"path": body["path"], "softQuota": body.get("softQuota")}


def _shown(call: Call, name: str) -> dict[str, Any]:
    directory = blob_store_directory(call.nexus.settings.data, call.state, name)
    count, size = content_size(directory)
    there = directory.is_dir()
    return {
        "name": name,
        "type": "File",
        "unavailable": not there,
        "blobCount": count,
        "totalSizeInBytes": size,
        "availableSpaceInBytes": shutil.disk_usage(directory).free if there else 0,
        "softQuota": call.state["blobstores"][name]["softQuota"],
        "softQuotaAttributes": None,
    }


ROUTES = (
    Route("GET", _BASE, _list, "nexus:blobstores:read"),
    Route("POST", _FILE, _create, "nexus:blobstores:create"),
    Route("GET", f"{_FILE}/{{name}}", _read, "nexus:blobstores:read"),
    Route("PUT", f"{_FILE}/{{name}}", _update, "nexus:blobstores:update"),
    Route("DELETE", f"{_BASE}/{{name}}", _delete, "nexus:blobstores:delete"),
)
