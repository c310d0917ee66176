"""Repositories as the REST API wants and gives them, pure.

Source: Nexus' own OpenAPI documents of 3.74, 3.84 and 3.94, ``/v1/repositories/docker/*``;
nexus-public 3.77.1, SimpleApiRepositoryAdapter, for what a GET gives.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from moorage.change import Difference
from moorage.config.schema.registry import Group, Hosted, Proxy, Repository
from moorage.steps.nexus.api import Body, Version
from moorage.steps.nexus.versions import ROUTING_RULE_NAME, UPPER_CASE_POLICIES

_ONLY_IN_ANSWERS = ("format", "type", "url")


def body(name: str, repository: Repository, version: Version) -> Body:
    """The request that makes a repository, with every field that Moorage manages."""
    wanted: Body = {
        "name": name,
        "online": repository.online,
        "storage": {
            "blobStoreName": repository.blob_store,
            "strictContentTypeValidation": repository.strict_content_type,
        },
        "docker": {
            "v1Enabled": repository.v1,
            "forceBasicAuth": repository.force_basic_auth,
        },
    }
    if repository.port is not None:
        wanted["docker"]["httpPort"] = repository.port
    if isinstance(repository, Hosted):
        upper = version >= UPPER_CASE_POLICIES
        policy = repository.write_policy
        wanted["storage"]["writePolicy"] = policy.upper() if upper else policy
    elif isinstance(repository, Proxy):
        wanted.update(_proxy(repository))
    else:
        wanted["group"] = {"memberNames": list(repository.members)}
    return wanted


def _proxy(repository: Proxy) -> Body:
    return {
        "proxy": {
            "remoteUrl": repository.remote,
            "contentMaxAge": repository.content_max_age,
            "metadataMaxAge": repository.metadata_max_age,
        },
        "negativeCache": {
            "enabled": repository.negative_cache > 0,
            "timeToLive": repository.negative_cache,
        },
        "httpClient": {"blocked": False, "autoBlock": repository.auto_block},
        "dockerProxy": {"indexType": repository.index.upper()},
    }


def flat(value: Body, prefix: str = "") -> dict[str, Any]:
    """A body's leaves by dotted path; lists are leaves."""
    leaves: dict[str, Any] = {}
    for key, item in value.items():
        path = f"{prefix}{key}"
        if isinstance(item, Mapping):
            leaves.update(flat(dict(item), f"{path}."))
        else:
            leaves[path] = item
    return leaves


def compared(wanted: Body, seen: Body) -> tuple[Difference, ...]:
    """The managed fields that the server has otherwise.

    The write policy is compared in any case: servers up to 3.86 document lower case and newer
    ones upper case. A port that is no longer wanted counts.
    """
    there = flat(seen)
    after = flat(wanted)
    after.setdefault("docker.httpPort", None)
    return tuple(
        Difference(path, there.get(path), value)
        for path, value in after.items()
        if _plain(there.get(path)) != _plain(value)
    )


def _plain(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def merged(wanted: Body, seen: Body, version: Version) -> Body:
    """The PUT that changes the managed fields alone: it replaces the whole, so the rest is sent
    back as it was read.
    """
    whole = _without_nulls({key: value for key, value in copy.deepcopy(seen).items()
                            if key not in _ONLY_IN_ANSWERS})  # fmt: skip
    if version < ROUTING_RULE_NAME and "routingRuleName" in whole:
        whole["routingRule"] = whole.pop("routingRuleName")
    if "httpPort" not in wanted["docker"]:
        whole.get("docker", {}).pop("httpPort", None)
    _lay_over(whole, wanted)
    return whole


def _without_nulls(value: Body) -> Body:
    return {key: _without_nulls(item) if isinstance(item, dict) else item
            for key, item in value.items() if item is not None}  # fmt: skip


def _lay_over(whole: Body, wanted: Body) -> None:
    for key, item in wanted.items():
        if isinstance(item, dict) and isinstance(whole.get(key), dict):
            _lay_over(whole[key], item)
        else:
            whole[key] = item


def masked_password(seen: Body) -> bool:
    """Whether the server keeps a password for the remote, which it never gives out."""
    return bool((seen.get("httpClient") or {}).get("authentication"))


def ordered(repositories: Mapping[str, Repository]) -> list[str]:
    """Names so that every group comes after its members."""
    done: list[str] = []

    def add(names: Iterable[str]) -> None:
        for name in names:
            repository = repositories[name]
            if isinstance(repository, Group):
                add(member for member in repository.members if member not in done)
            if name not in done:
                done.append(name)

    add(repositories)
    return done
