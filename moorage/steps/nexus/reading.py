"""What a server with the REST API has, with the fewest requests, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from moorage.steps.nexus.api import (
    INTERNAL,
    REST,
    Body,
    Holding,
    Login,
    NexusObserved,
    Scope,
    Version,
)
from moorage.steps.nexus.versions import EULA, SSRF_PROTECTION, capabilities_path, cleanup_path
from moorage.values import Secret

if TYPE_CHECKING:
    from moorage.steps.nexus.rest import RestApi

_ABSENT = (404,)
_NOT_HERE = (403, 404, 405)
"""Answers of an edition that lacks a thing."""
_MOST_PAGES = 10
_DETAILED = {"File": "file", "S3": "s3"}
"""Type of a blob store as the list has it, and its path."""

_LICENSED = "PRO"
"""The edition that has no licence to accept."""

Readings = Mapping[str, Callable[[], Any]]


def read(api: RestApi, scope: Scope, version: Version, edition: str, login: Login) -> NexusObserved:
    """Everything of the scope: first what is known to be there, then what that led to."""
    found = api.together(_first(api, scope, version, edition))
    for name, settings in _blob_stores(api, scope, found["blob_stores"]).items():
        found["blob_stores"][name] |= settings
    if scope.tasks - {task["name"] for task in found.get("tasks") or ()}:
        found["task_types"] = _task_types(api)
    if scope.users:
        found["right_passwords"] = _right_passwords(api, scope.users, found["users"])
    if scope.held is not None:
        found["holdings"] = _holdings(api, scope.held, found["repositories"])
    return NexusObserved(version=version, edition=edition, login=login, **found)


def _first(api: RestApi, scope: Scope, version: Version, edition: str) -> Readings:
    """Readings by the field of :class:`NexusObserved` that they fill."""
    readings: dict[str, Callable[[], Any]] = {
        "repositories": lambda: _by("name", api.get(f"{REST}/repositorySettings")),
        "blob_stores": lambda: _by("name", api.get(f"{REST}/blobstores")),
        "anonymous": lambda: api.get(f"{REST}/security/anonymous"),
        "realms": lambda: tuple(api.get(f"{REST}/security/realms/active")),
        "onboarding": partial(_onboarding, api),
    }
    if version >= EULA and edition != _LICENSED:
        readings["eula"] = lambda: api.get(f"{REST}/system/eula", missing=_ABSENT)
    if scope.allowed_remotes and version >= SSRF_PROTECTION:
        path = f"{REST}/security/ssrf-protection"
        readings["ssrf_protection"] = lambda: api.get(path, missing=_ABSENT)
    if scope.base_url and (capabilities := capabilities_path(version)):
        readings["capabilities"] = partial(_capabilities, api, capabilities)
    if scope.cleanup_policies and (cleanup := cleanup_path(version, edition)):
        readings["cleanup_policies"] = lambda: _by("name", api.get(cleanup, missing=_NOT_HERE))
    if scope.tasks:
        readings["tasks"] = partial(_tasks, api)
    if scope.roles:
        readings["roles"] = lambda: _by("id", api.get(f"{REST}/security/roles"))
    if scope.users is not None:
        readings["users"] = partial(_users, api)
    return readings


def _users(api: RestApi) -> dict[str, Body] | None:
    """Local ones; without a source the answer stops at 100."""
    return _by("userId", api.get(f"{REST}/security/users", {"source": "default"}))


def _onboarding(api: RestApi) -> frozenset[str]:
    found = api.get(f"{INTERNAL}/ui/onboarding", missing=_ABSENT)
    return frozenset(item["type"] for item in found or ())


def _blob_stores(api: RestApi, scope: Scope, listed: Mapping[str, Body]) -> dict[str, Body]:
    """The settings of those that the inventory has; the list lacks paths and buckets."""
    return api.together({
        name: partial(api.get, f"{REST}/blobstores/{_DETAILED[store['type']]}/{name}")
        for name, store in listed.items()
        if name in scope.blob_stores and store["type"] in _DETAILED
    })  # fmt: skip


def _right_passwords(
    api: RestApi, passwords: Mapping[str, Secret], there: Mapping[str, Body]
) -> frozenset[str]:
    """Users whose password is the inventory's. Only who may log in at all can tell."""
    answers = api.together({
        name: partial(api.takes, name, password)
        for name, password in passwords.items()
        if there.get(name, {}).get("status") == "active"
    })  # fmt: skip
    return frozenset(name for name, taken in answers.items() if taken)


def _holdings(api: RestApi, kept: frozenset[str], there: Mapping[str, Body]) -> dict[str, Holding]:
    return api.together({
        name: partial(_holding, api, settings)
        for name, settings in there.items() if name not in kept
    })  # fmt: skip


def _by(key: str, items: Iterable[Body] | None) -> dict[str, Body] | None:
    return None if items is None else {item[key]: item for item in items}


def _capabilities(api: RestApi, path: str) -> tuple[Body, ...] | None:
    found = api.get(path, missing=_NOT_HERE)
    return None if found is None else tuple(found)


def _tasks(api: RestApi) -> tuple[Body, ...]:
    """All of them: the page has a token, but there is no parameter to give it back by."""
    return tuple(api.get(f"{REST}/tasks")["items"])


def _task_types(api: RestApi) -> frozenset[str] | None:
    found = api.get(f"{REST}/tasks/templates", missing=_NOT_HERE)
    return None if found is None else frozenset(item["type"] for item in found)


def _holding(api: RestApi, settings: Body) -> Holding:
    """Components page by page, to a bound: it is for a person to read, not for a bill.

    A group holds nothing itself. Formats other than docker have files without a component too.
    """
    if settings["type"] == "group":
        return Holding()
    token: str | None
    name, counted, token = settings["name"], 0, None
    for _ in range(_MOST_PAGES):
        more: dict[str, str] = {"continuationToken": token} if token else {}
        page = api.get(f"{REST}/components", {"repository": name, **more})
        counted += len(page["items"])
        token = page.get("continuationToken")
        if not token:
            break
    other = False
    if not counted and settings["format"] != "docker":
        assets = api.get(f"{REST}/assets", {"repository": name}, missing=_ABSENT)
        other = assets is None or bool(assets["items"])
    return Holding(counted, more=bool(token), other=other)
