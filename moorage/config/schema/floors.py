"""The first version of Nexus that has what an inventory asks for.

Source: the OpenAPI documents of 17 versions from 3.67 to 3.94; for `subdomain` and
`latestPolicy` nexus-public, DockerHostedStorageAttributes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moorage.config.schema.base import Model

Version = tuple[int, int, int]

REPOSITORY: dict[str, Version] = {
    "subdomain": (3, 41, 0),
    "redeploy_latest": (3, 41, 0),
    "path_routing": (3, 84, 0),
    "login.preemptive": (3, 68, 1),
    "login.token": (3, 81, 0),
    "preserve_encoded_characters": (3, 90, 0),
    "ecr": (3, 94, 0),
    "firewall": (3, 94, 0),
}
_BLOB_STORE: dict[str, Version] = {"pre_signed_urls": (3, 84, 0)}
_PRO = ("subdomain", "writable_member", "replication")
TASKS: Version = (3, 74, 0)
"""``POST /v1/tasks``: in the document of 3.74, not in that of 3.68.1."""


def repository_needs(repository: Model) -> Iterator[tuple[str, Version]]:
    """Keys that a repository sets, with the first version that has them."""
    yield from _needs(repository, REPOSITORY)


def blob_store_needs(store: Model) -> Iterator[tuple[str, Version]]:
    """Keys that a blob store sets, with the first version that has them."""
    yield from _needs(store, _BLOB_STORE)


def pro_only(repository: Model) -> Iterator[str]:
    """Keys that a repository sets and only Nexus Pro takes (the documents' own words)."""
    return (key for key in _PRO if getattr(repository, key, None) is not None)


def _needs(model: Model, floors: Mapping[str, Version]) -> Iterator[tuple[str, Version]]:
    for key, floor in floors.items():
        value: Any = model
        for step in key.split("."):
            value = getattr(value, step, None)
        if value is not None:
            yield key, floor
