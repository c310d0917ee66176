"""Blob stores and cleanup policies as scripts have them, and as the REST API has them.

Names: FileBlobStore, S3BlobStore, BlobStoreQuotaSupport and CleanupPolicyConstants of nexus-public.
"""

from __future__ import annotations

from typing import Any

from .faults import ScriptFault

Body = dict[str, Any]

_MEGABYTE = 1_000_000
_DAY = 86_400
_QUOTA = "blobStoreQuotaConfig"
# Attribute of S3, and where the REST API has it below bucketConfiguration.
_S3 = {
    "bucket": ("bucket", "name"),
    "region": ("bucket", "region"),
    "prefix": ("bucket", "prefix"),
    "expiration": ("bucket", "expiration"),
    "accessKeyId": ("bucketSecurity", "accessKeyId"),
    "secretAccessKey": ("bucketSecurity", "secretAccessKey"),
    "sessionToken": ("bucketSecurity", "sessionToken"),
    "assumeRole": ("bucketSecurity", "role"),
    "endpoint": ("advancedBucketConnection", "endpoint"),
    "signertype": ("advancedBucketConnection", "signerType"),
    "forcepathstyle": ("advancedBucketConnection", "forcePathStyle"),
}
_CRITERIA = {
    "lastBlobUpdated": "criteriaLastBlobUpdated",
    "lastDownloaded": "criteriaLastDownloaded",
    "regex": "criteriaAssetRegex",
    "isPrerelease": "criteriaReleaseType",
}
_IN_SECONDS = ("lastBlobUpdated", "lastDownloaded")


def blob_store_body(asked: Body) -> tuple[str, Body]:
    """Return the path of the type and the body in terms of the REST API.

    Raises:
        ScriptFault: The type or an attribute is unknown.
    """
    attributes: Body = dict(asked["attributes"] or {})
    quota = attributes.pop(_QUOTA, None)
    body: Body = {"name": asked["name"]}
    if quota:
        limit = int(quota["quotaLimitBytes"])
        # The REST API takes the limit of S3 in MB, that of a file store in bytes.
        in_megabytes = asked["type"] == "S3"
        limit = limit // _MEGABYTE if in_megabytes else limit
        body["softQuota"] = {"type": quota["quotaType"], "limit": limit}
    own = attributes.pop(str(asked["type"]).lower(), {})
    if attributes:
        raise ScriptFault(f"unknown attributes of a blob store: {', '.join(attributes)}")
    if asked["type"] == "File":
        return "file", body | {"path": own.get("path")}
    if asked["type"] != "S3":
        raise ScriptFault(f"Blobstore type is not supported: {asked['type']}")
    return "s3", body | {"bucketConfiguration": _bucket(own)}


def _bucket(attributes: Body) -> Body:
    """All values are text in the attributes of S3."""
    bucket: Body = {}
    for name, value in attributes.items():
        if name not in _S3:
            raise ScriptFault(f"unknown attribute of S3: {name}")
        if not isinstance(value, str):
            raise ScriptFault(f"the attribute {name} of S3 must be text")
        part, field = _S3[name]
        bucket.setdefault(part, {})[field] = _read(field, value)
    return bucket


def _read(field: str, value: str) -> Any:
    if field == "forcePathStyle":
        return value == "true"
    return int(value) if field == "expiration" else value


def blob_store_attributes(store: Body) -> Body:
    """Return a blob store's attributes as a script reads them, secrets included."""
    if store["type"] == "File":
        found: Body = {"file": {"path": store["path"]}}
    else:
        pairs = (
            (name, store["bucket"].get(part) or {}, field) for name, (part, field) in _S3.items()
        )
        given = {name: part[field] for name, part, field in pairs if part.get(field) is not None}
        found = {"s3": {name: _text(value) for name, value in given.items()}}
    if quota := store["softQuota"]:
        limit = quota.get("limit") or 0
        found[_QUOTA] = {"quotaType": quota["type"], "quotaLimitBytes": limit}
    return found


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def policy_body(asked: Body) -> Body:
    """Return a cleanup policy in terms of the REST API; its days are seconds in a script.

    Raises:
        ScriptFault: A criterion is unknown, or no text.
    """
    body: Body = {name: asked[name] for name in ("name", "format", "notes")}
    for name, value in (asked["criteria"] or {}).items():
        if name not in _CRITERIA or not isinstance(value, str):
            raise ScriptFault(f"unknown criterion, or one that is no text: {name}")
        if name in _IN_SECONDS:
            body[_CRITERIA[name]] = int(value) // _DAY
        elif name == "isPrerelease":
            body[_CRITERIA[name]] = "PRERELEASES" if value == "true" else "RELEASES"
        else:
            body[_CRITERIA[name]] = value
    return body


def policy_shown(policy: Body) -> Body:
    """Return a cleanup policy as a script reads it."""
    criteria = {}
    for name, field in _CRITERIA.items():
        value = policy.get(field)
        if value is None:
            continue
        if name in _IN_SECONDS:
            criteria[name] = str(value * _DAY)
        else:
            criteria[name] = (
                str(value == "PRERELEASES").lower() if name == "isPrerelease" else value
            )
    shown = {name: policy.get(name) for name in ("name", "format", "notes")}
    return shown | {"mode": "delete", "criteria": criteria}
