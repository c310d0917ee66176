"""Blob stores: directories and S3 buckets.

Source: the OpenAPI documents, ``/v1/blobstores/*``; nexus-public 3.77.1, FileBlobStoreApiModel,
BlobStoreQuotaSupport and S3BlobStoreConfigurationMapper for the units of a quota's limit: the
documents say MB, but what a file store is given counts as bytes, and what S3 is given in MB is
given back in bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from moorage.change import Change, Difference
from moorage.config.schema.base import in_bytes
from moorage.config.schema.blobstores import BlobStore, FileStore, S3Store
from moorage.errors import Refused
from moorage.steps.nexus.api import REST, Body, NexusObserved, Request, Resolve, Version
from moorage.steps.nexus.desired import NexusDesired
from moorage.steps.nexus.fields import at, compared, flat, given, merged, present, secrets_in
from moorage.steps.nexus.versions import NO_S3_EXPIRATION

_MB = 1_000_000
_TYPES = {"file": "File", "s3": "S3"}
_QUOTAS = {"remaining": "spaceRemainingQuota", "used": "spaceUsedQuota"}
_ENCRYPTIONS = {"s3": "s3ManagedEncryption", "kms": "kmsManagedEncryption"}
_FIXED = {"path": "path", "bucketConfiguration.bucket.name": "bucket",
          "bucketConfiguration.bucket.prefix": "prefix"}  # fmt: skip
"""What cannot be changed: the blobs would be left behind."""
_LISTED = (
    "name", "type", "unavailable", "blobCount", "totalSizeInBytes", "availableSpaceInBytes",
    "softQuotaAttributes", "url",
)  # fmt: skip
"""Keys of the list, and others that only answers have."""
_S3_ANSWERS = ("activeRegion", "advancedConnection", "security")


def changes(wanted: NexusDesired, seen: NexusObserved) -> Iterator[Change]:
    """Those of the inventory.

    Raises:
        Refused: what cannot be changed is otherwise.
    """
    for name, store in wanted.blob_stores.items():
        body = wanted_body(name, store, seen.version, wanted.secret)
        path, field = f"{REST}/blobstores/{store.type}", f"nexus.blob_stores.{name}"
        there = seen.blob_stores.get(name)
        if there is None:
            request = Request(f"create blob store {name}", "POST", path,
                              present({"name": name, **body}), field,
                              (f"{REST}/blobstores", "name", name))  # fmt: skip
            shown = tuple(Difference(leaf, None, value) for leaf, value in flat(body).items()
                          if leaf not in set(secrets_in(body)))  # fmt: skip
            yield Change("create", f"blob store {name}", "nexus", shown, (request,))
            continue
        found = _differences(name, store, body, there)
        if wanted.resend_passwords:
            found += tuple(Difference(leaf, "kept by Nexus", "sent again")
                           for leaf in secrets_in(body))  # fmt: skip
        if found:
            request = Request(f"update blob store {name}", "PUT", f"{path}/{name}",
                              _whole(name, store, body, there), field)  # fmt: skip
            yield Change("update", f"blob store {name}", "nexus", found, (request,))


def wanted_body(name: str, store: BlobStore, version: Version, secret: Resolve) -> Body:
    """What Moorage manages of a blob store; the limit of a quota as it is sent."""
    quota = {"softQuota": _quota(store)} if store.quota else {}
    if isinstance(store, FileStore):
        return {"path": store.path, **quota}
    return {"name": name, "bucketConfiguration": _bucket(store, version, secret), **quota}


def _quota(store: BlobStore) -> Body:
    assert store.quota is not None  # noqa: S101
    limit = in_bytes(store.quota.limit)
    unit = _MB if isinstance(store, S3Store) else 1
    return {"type": _QUOTAS[store.quota.type], "limit": limit // unit}


def _bucket(store: S3Store, version: Version, secret: Resolve) -> Body:
    bucket: Body = {"name": store.bucket, "region": store.region, **given(prefix=store.prefix)}
    if version < NO_S3_EXPIRATION:
        bucket["expiration"] = store.expiration
    security = given(
        accessKeyId=store.access_key_id,
        secretAccessKey=secret(store.secret_access_key) if store.secret_access_key else None,
        sessionToken=secret(store.session_token) if store.session_token else None,
        role=store.role,
    )
    connection = given(
        endpoint=store.endpoint,
        forcePathStyle=store.path_style,
        signerType=store.signer,
        maxConnectionPoolSize=store.max_connections,
    )
    encryption: Body = {}
    if store.encryption is not None:
        kind = _ENCRYPTIONS[store.encryption.type]
        encryption = {"encryptionType": kind, **given(encryptionKey=store.encryption.key)}
    parts = {"bucketSecurity": security, "advancedBucketConnection": connection,
             "encryption": encryption}  # fmt: skip
    return {
        "bucket": bucket,
        **{key: part for key, part in parts.items() if part},
        **given(preSignedUrlEnabled=store.pre_signed_urls),
    }


def _differences(name: str, store: BlobStore, body: Body, seen: Body) -> tuple[Difference, ...]:
    field = f"nexus.blob_stores.{name}"
    if seen["type"] != _TYPES[store.type]:
        raise Refused(f"blob store {name} exists with type {seen['type']}, not {store.type}",
                      hint=f"give {field} another name, or set its type to what it is")  # fmt: skip
    found = []
    for difference in compared(body, seen):
        if difference.field in _FIXED:
            raise Refused(
                f"{field}.{_FIXED[difference.field]} is {difference.before} in Nexus, not "
                f"{difference.after}, and cannot be changed: the blobs would be left behind",
                hint="set it to what it is, or declare a blob store of another name",
            )
        in_bytes_it_is = difference.field == "softQuota.limit" and isinstance(store, S3Store)
        if not (in_bytes_it_is and difference.before == difference.after * _MB):
            found.append(difference)
    return tuple(found)


def _whole(name: str, store: BlobStore, body: Body, seen: Body) -> Body:
    whole = merged(body, seen, answers=_LISTED)
    if isinstance(store, FileStore):
        return whole
    for key in _S3_ANSWERS:
        whole["bucketConfiguration"].pop(key, None)
    if store.quota is None and (limit := at(seen, "softQuota.limit")):
        whole["softQuota"] = {**whole["softQuota"], "limit": limit // _MB}
    return {"name": name, **whole}
