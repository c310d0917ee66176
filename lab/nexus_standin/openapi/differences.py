"""What the versions between the documents have and lack: applied to the nearest document.

Each row's version is the first OpenAPI document that has the field (of 17 that Sonatype published
from 3.67 on), or the first release tag of nexus-public that has the class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..versions import Version

Schemas = dict[str, Any]

_FLAG = {"type": "boolean"}
_TEXT = {"type": "string"}
_AUTHENTICATION = "HttpClientConnectionAuthenticationAttributes"
_HOSTED_STORAGE = "DockerHostedStorageAttributes"
_POLICIES = ["ALLOW", "ALLOW_ONCE", "DENY"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a schema, there from a version on."""

    schema: str
    name: str
    first: str
    shape: Any


FIELDS = (
    Field("DockerAttributes", "subdomain", "3.41", _TEXT),
    Field(_HOSTED_STORAGE, "latestPolicy", "3.41", _FLAG),
    Field("StorageAttributes", "writePolicy", "3.68.1", _TEXT),
    Field(_AUTHENTICATION, "preemptive", "3.68.1", _FLAG),
    Field(_AUTHENTICATION, "bearerToken", "3.81.1", _TEXT),
    Field("DockerAttributes", "pathEnabled", "3.84", _FLAG),
    Field("ProxyAttributes", "preserveEncodedCharacters", "3.90", _FLAG),
    Field("CleanupPolicyXO", "repositories", "3.94", {"type": "array", "items": _TEXT}),
)


def apply(schemas: Schemas, version: Version, newest: Schemas) -> None:
    """Make a document's schemas those of a version.

    Args:
        schemas: Changed in place.
        version: The version.
        newest: The schemas of the newest document, for what older ones leave unsaid.
    """
    for field in FIELDS:
        _set(schemas, field, there=version.since(field.first))
    _require(schemas, newest)
    _spell(schemas, version)
    if version.since("3.91"):
        schemas.get("HttpClientAttributes", {}).pop("required", None)


def _set(schemas: Schemas, field: Field, *, there: bool) -> None:
    properties = schemas.get(field.schema, {}).get("properties")
    if properties is None:
        return
    if there:
        properties.setdefault(field.name, field.shape)
    else:
        properties.pop(field.name, None)


def _require(schemas: Schemas, newest: Schemas) -> None:
    """Require what the newest document requires: older generators left the same beans' marks out.

    It says so from 3.94 on (``required``, ``minLength``); servers before it refused an absent
    remote address or an empty name as well, with "may not be empty".
    """
    for name, schema in schemas.items():
        known, now = schema.get("properties", {}), newest.get(name, {})
        wanted = [field for field in now.get("required", ()) if field in known]
        if wanted:
            schema["required"] = sorted({*schema.get("required", ()), *wanted})
        for field, shape in now.get("properties", {}).items():
            for mark in ("minLength", "minItems"):
                if field in known and mark in shape:
                    known[field].setdefault(mark, shape[mark])


def _spell(schemas: Schemas, version: Version) -> None:
    """The words of two fields: free text in the newest document, so they are named here."""
    policies = _POLICIES if version.since("3.87") else [word.lower() for word in _POLICIES]
    kinds = ["username", "ntlm", *(["bearerToken"] if version.since("3.81.1") else [])]
    for name, field, words in (
        (_HOSTED_STORAGE, "writePolicy", policies),
        (_AUTHENTICATION, "type", kinds),
        ("BlobStoreApiSoftQuota", "type", ["spaceRemainingQuota", "spaceUsedQuota"]),
        ("S3BlobStoreApiEncryption", "encryptionType", ["s3ManagedEncryption", _KMS]),
    ):
        shape = schemas.get(name, {}).get("properties", {}).get(field)
        if shape is not None:
            shape["enum"] = words


_KMS = "kmsManagedEncryption"
