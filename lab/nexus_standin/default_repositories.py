"""The repositories of other formats that a fresh Nexus has: listed, never served.

They are here because a real server has them: a tool must leave alone what it does not manage,
and a member of the wrong format must be refused.
"""

from __future__ import annotations

from typing import Any

_CENTRAL = "https://maven-central.invalid/"
_NUGET = "https://nuget-gallery.invalid/v3/index.json"


def default_repositories() -> list[dict[str, Any]]:
    """Return the records of a fresh Nexus' own repositories."""
    return [
        _record("maven-releases", "maven2", "hosted"),
        _record("maven-snapshots", "maven2", "hosted"),
        _record("maven-central", "maven2", "proxy", remote=_CENTRAL),
        _record(
            "maven-public",
            "maven2",
            "group",
            members=["maven-releases", "maven-snapshots", "maven-central"],
        ),
        _record("nuget-hosted", "nuget", "hosted"),
        _record("nuget.org-proxy", "nuget", "proxy", remote=_NUGET),
        _record("nuget-group", "nuget", "group", members=["nuget-hosted", "nuget.org-proxy"]),
    ]


def _record(
    name: str, format_: str, type_: str, *, remote: str = "", members: list[str] | None = None
) -> dict[str, Any]:
    record: dict[str, Any] = {
        "name": name,
        "format": format_,
        "type": type_,
        "online": True,
        "storage": {"blobStoreName": "default", "strictContentTypeValidation": True},
    }
    if remote:
        record["proxy"] = {"remoteUrl": remote, "contentMaxAge": 1440, "metadataMaxAge": 1440}
    if members is not None:
        record["group"] = {"memberNames": members}
    return record
