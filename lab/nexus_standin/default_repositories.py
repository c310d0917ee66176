"""The repositories of other formats that a fresh Nexus has: listed and deleted, never served.

They are here because a real server has them: a tool must leave alone what it does not manage,
and a member of the wrong format must be refused.
"""

from __future__ import annotations

from typing import Any

_CENTRAL = "https://maven-central.invalid/"
_NUGET = "https://nuget-gallery.invalid/v3/index.json"
_PUBLIC = ("maven-releases", "maven-snapshots", "maven-central")

Record = dict[str, Any]


def default_repositories() -> list[Record]:
    """Return the records of a fresh Nexus' own repositories."""
    return [
        _maven(_hosted("maven-releases", "maven2", "ALLOW_ONCE"), "RELEASE"),
        _maven(_hosted("maven-snapshots", "maven2", "ALLOW"), "SNAPSHOT"),
        _maven(_proxy("maven-central", "maven2", _CENTRAL), "RELEASE"),
        _maven(_group("maven-public", "maven2", *_PUBLIC), "MIXED"),
        _hosted("nuget-hosted", "nuget", "ALLOW"),
        _proxy("nuget.org-proxy", "nuget", _NUGET),
        _group("nuget-group", "nuget", "nuget-hosted", "nuget.org-proxy"),
    ]


def _record(name: str, format_: str, type_: str) -> Record:
    return {
        "name": name,
        "format": format_,
        "type": type_,
        "online": True,
        "storage": {"blobStoreName": "default", "strictContentTypeValidation": True},
    }


def _hosted(name: str, format_: str, policy: str) -> Record:
    record = _record(name, format_, "hosted")
    record["storage"]["writePolicy"] = policy
    return record


def _proxy(name: str, format_: str, remote: str) -> Record:
    return _record(name, format_, "proxy") | {
        "proxy": {"remoteUrl": remote, "contentMaxAge": 1440, "metadataMaxAge": 1440},
        "negativeCache": {"enabled": True, "timeToLive": 1440},
        "httpClient": {"blocked": False, "autoBlock": True},
    }


def _group(name: str, format_: str, *members: str) -> Record:
    return _record(name, format_, "group") | {"group": {"memberNames": list(members)}}


def _maven(record: Record, version_policy: str) -> Record:
    maven = {
        "versionPolicy": version_policy,
        "layoutPolicy": "STRICT",
        "contentDisposition": "INLINE",
    }
    return record | {"maven": maven}
