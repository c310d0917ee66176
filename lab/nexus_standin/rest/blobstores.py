"""``/v1/blobstores``: where the repositories keep their content, of the types File and S3.

Behind an S3 blob store there is no S3 here: what the settings say is kept and shown, and the
content lies in a directory like that of the others. The limit of a quota is kept in bytes: a file
store takes and gives bytes, whatever its document says, S3 takes MB and gives bytes. Sources:
FileBlobStoreApiModel, S3BlobStoreApiModelMapper and S3BlobStoreApiConfigurationMapper of
nexus-public.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

from ..docker.layout import content_size
from ..docker.places import blob_store_directory
from ..web.message import Response, json_response
from .call import Call, Route, empty, refuse_field, refuse_text

_BASE = "/v1/blobstores"
_FILE, _S3 = "File", "S3"
_MEGABYTE = 1_000_000
_SECURITY = ("accessKeyId", "role", "sessionToken")
_CONNECTION = ("endpoint", "signerType", "forcePathStyle", "maxConnectionPoolSize")

BlobStore = dict[str, Any]


def _list(call: Call) -> Response:
    return json_response(200, [_row(call, name) for name in sorted(call.state["blobstores"])])


def _creator(type_: str, status: int) -> Callable[[Call], Response]:
    def create(call: Call) -> Response:
        name = call.body["name"]
        if name.lower() in (known.lower() for known in call.state["blobstores"]):
            raise refuse_field("name", "Name is already used, must be unique (ignoring case)")
        _check_type(call, type_)
        _save(call, name, type_)
        _directory(call, name).mkdir(parents=True, exist_ok=True)
        return empty(status)

    return create


def _read_file(call: Call) -> Response:
    store = _known(call, _FILE)
    full = {
        "path": store["path"],
        "softQuota": store["softQuota"],
        "softQuotaAttributes": None,
    }
    known = call.nexus.document.properties("FileBlobStoreApiModel")
    return json_response(200, {name: value for name, value in full.items() if name in known})


def _read_s3(call: Call) -> Response:
    store = _known(call, _S3)
    shown = {"name": call.arguments["name"], "type": _S3, "softQuota": store["softQuota"]}
    return json_response(200, shown | {"bucketConfiguration": _bucket_shown(call, store)})


def _bucket_shown(call: Call, store: BlobStore) -> dict[str, Any]:
    """The secret key is never shown, the session token is; a part without a value is null."""
    parts = store["bucket"]
    bucket = {name: parts["bucket"].get(name) for name in ("region", "name", "prefix")}
    if "expiration" in call.nexus.document.properties("S3BlobStoreApiBucket"):
        bucket["expiration"] = parts["bucket"].get("expiration") or 0
    security = _part(parts.get("bucketSecurity"), _SECURITY)
    connection = _part(parts.get("advancedBucketConnection"), _CONNECTION)
    if connection:
        connection["forcePathStyle"] = bool(connection["forcePathStyle"])
    return {
        "bucket": bucket,
        "bucketSecurity": security | {"secretAccessKey": None} if security else None,
        "encryption": _part(parts.get("encryption"), ("encryptionType", "encryptionKey")),
        "advancedBucketConnection": connection,
        "failoverBuckets": parts.get("failoverBuckets"),
        "activeRegion": None,
    }


def _part(given: dict[str, Any] | None, names: tuple[str, ...]) -> dict[str, Any] | None:
    shown = {name: (given or {}).get(name) for name in names}
    return shown if any(value is not None for value in shown.values()) else None


def _update_file(call: Call) -> Response:
    """A new path would leave the content behind: refused here, whatever Nexus may do."""
    if call.body["path"] != _known(call, _FILE)["path"]:
        raise refuse_field("path", "the stand-in does not move a blob store")
    _save(call, call.arguments["name"], _FILE)
    return empty(204)


def _update_s3(call: Call) -> Response:
    """Replace all of it: a secret that is left out is gone. Here an unknown name is 400.

    Source: S3BlobStoreApiUpdateValidation.java.
    """
    name = call.arguments["name"]
    store = call.state["blobstores"].get(name)
    if store is None:
        raise refuse_field("name", f"Specified S3 blob store doesn't exist: {name}")
    if call.body["name"].lower() != name.lower():
        raise refuse_field("name", "Renaming an S3 blob store is not supported")
    if store["type"] != _S3:
        raise refuse_field("*", f"Blob store {name} is not an S3 blob store")
    _check_type(call, _S3)
    _save(call, name, _S3)
    return empty(204)


def _delete(call: Call) -> Response:
    name = call.arguments["name"]
    _known(call)
    for repository in call.state["repositories"].values():
        if repository["storage"]["blobStoreName"] == name:
            raise refuse_text(400, f"Blob store {name} is in use and cannot be deleted")
    directory = _directory(call, name)
    with call.nexus.store.change() as draft:
        del draft["blobstores"][name]
    shutil.rmtree(directory, ignore_errors=True)
    return empty(204)


def _quota_status(call: Call) -> Response:
    """Tell whether the limit is passed; a soft quota stops nobody."""
    store, name = _known(call), call.arguments["name"]
    quota = store["softQuota"]
    if not quota:
        return _quota_answer(name, f"Blob store {name} has no quota", violated=False)
    row, limit = _row(call, name), quota.get("limit") or 0
    if quota["type"] == "spaceUsedQuota":
        used = row["totalSizeInBytes"]
        text = f"Blob store {name} is using {used} bytes of a limit of {limit}"
        return _quota_answer(name, text, violated=used > limit)
    left = row["availableSpaceInBytes"]
    text = f"Blob store {name} has {left} bytes left, its limit is {limit}"
    return _quota_answer(name, text, violated=left < limit)


def _quota_answer(name: str, message: str, *, violated: bool) -> Response:
    return json_response(200, {"isViolation": violated, "message": message, "blobStoreName": name})


def _known(call: Call, type_: str | None = None) -> BlobStore:
    name = call.arguments["name"]
    store: BlobStore | None = call.state["blobstores"].get(name)
    if store is None or type_ not in {None, store["type"]}:
        raise refuse_text(404, f"Blob store '{name}' not found.")
    return store


def _check_type(call: Call, type_: str) -> None:
    if type_ == _S3 and call.body.get("type") not in {None, _S3, _S3.lower()}:
        raise refuse_field("type", f"not the type of this endpoint: {call.body['type']}")


def _save(call: Call, name: str, type_: str) -> None:
    store: BlobStore = {"type": type_, "path": name, "softQuota": call.body.get("softQuota")}
    if type_ == _S3:
        if quota := store["softQuota"]:
            store["softQuota"] = quota | {"limit": (quota.get("limit") or 0) * _MEGABYTE}
        store["bucket"] = call.body["bucketConfiguration"]
    else:
        store["path"] = call.body["path"]
    with call.nexus.store.change() as draft:
        draft["blobstores"][name] = store


def _row(call: Call, name: str) -> dict[str, Any]:
    store, directory = call.state["blobstores"][name], _directory(call, name)
    count, size = content_size(directory)
    there = directory.is_dir()
    full = {
        "name": name,
        "type": store["type"],
        "unavailable": not there,
        "blobCount": count,
        "totalSizeInBytes": size,
        "availableSpaceInBytes": shutil.disk_usage(directory).free if there else 0,
        "softQuota": store["softQuota"],
        "softQuotaAttributes": None,
    }
    known = call.nexus.document.properties("GenericBlobStoreApiResponse")
    return {field: value for field, value in full.items() if field in known}


def _directory(call: Call, name: str) -> Any:
    return blob_store_directory(call.nexus.settings.data, call.state, name)


_CREATE, _READ, _UPDATE = (f"nexus:blobstores:{action}" for action in ("create", "read", "update"))
_FILE_ONE, _S3_ONE = f"{_BASE}/file/{{name}}", f"{_BASE}/s3/{{name}}"

ROUTES = (
    Route("GET", _BASE, _list, _READ),
    Route("POST", f"{_BASE}/file", _creator(_FILE, 204), _CREATE),
    Route("GET", _FILE_ONE, _read_file, _READ),
    Route("PUT", _FILE_ONE, _update_file, _UPDATE),
    Route("POST", f"{_BASE}/s3", _creator(_S3, 201), _CREATE),
    Route("GET", _S3_ONE, _read_s3, _READ),
    Route("PUT", _S3_ONE, _update_s3, _UPDATE),
    Route("DELETE", f"{_BASE}/{{name}}", _delete, "nexus:blobstores:delete"),
    Route("GET", f"{_BASE}/{{name}}/quota-status", _quota_status, _READ),
)
