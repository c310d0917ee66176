"""Cleanup policies: ``/internal/cleanup-policies`` (all editions) and ``/v1/…`` (Pro's).

Sources: CleanupPolicyResource.java of nexus-public for the internal one; the OpenAPI documents of
3.74 and 3.84 for the public one. A policy says what may go; its repositories name it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..permissions import ALL
from ..web.message import Response, json_response, text_response
from .call import Call, RefusalError, Route, empty, refuse_field

_INTERNAL = "/internal/cleanup-policies"
_PUBLIC = "/v1/cleanup-policies"
_EVERY_FORMAT = "*"
_CRITERIA = (
    "criteriaLastBlobUpdated",
    "criteriaLastDownloaded",
    "criteriaReleaseType",
    "criteriaAssetRegex",
    "retain",
    "sortBy",
)
# Formats whose components have versions of which Nexus knows releases from others.
_WITH_RELEASES = {"maven2", "npm", "yum", "pypi"}

Policy = dict[str, Any]


def _list(call: Call) -> Response:
    wanted = call.request.argument("format") or _EVERY_FORMAT
    found = [
        _shown(call, policy)
        for _, policy in sorted(call.state["cleanup_policies"].items())
        if wanted in {_EVERY_FORMAT, policy["format"]}
    ]
    return json_response(200, found)


def _read(call: Call) -> Response:
    return json_response(200, _shown(call, _known(call, call.arguments["name"])))


def _creator(status: int) -> Callable[[Call], Response]:
    def create(call: Call) -> Response:
        _check(call)
        name = call.body["name"]
        if name.lower() in (known.lower() for known in call.state["cleanup_policies"]):
            raise refuse_field("name", "Name is already used, must be unique (ignoring case)")
        policy = _save(call, name)
        return json_response(status, _shown(call, policy))

    return create


def _edit(call: Call) -> Response:
    return json_response(200, _shown(call, _changed(call, call.arguments["name"])))


def _edit_in_silence(call: Call) -> Response:
    _changed(call, call.arguments["policyName"])
    return empty(204)


def _delete(call: Call) -> Response:
    """One in use goes too, and its repositories lose its name."""
    name = call.arguments["name"]
    _known(call, name)
    with call.nexus.store.change() as draft:
        del draft["cleanup_policies"][name]
        for repository in draft["repositories"].values():
            names = (repository.get("cleanup") or {}).get("policyNames") or []
            if name in names:
                names.remove(name)
    return empty(204)


def _changed(call: Call, name: str) -> Policy:
    before = _known(call, name)
    _check(call)
    moved = call.body["format"] not in {before["format"], _EVERY_FORMAT}
    if moved and _users(call, name):
        raise refuse_field("format", "You cannot change the format of a policy that is in use.")
    return _save(call, name)


def _check(call: Call) -> None:
    """Refuse what the format does not have, an empty policy and a pattern that is none."""
    body, formats = call.body, {item["format"] for item in call.state["repositories"].values()}
    format_ = body["format"]
    if format_ not in formats | {"docker", "raw", _EVERY_FORMAT}:
        raise refuse_field("format", f"specified format {format_} is not valid.")
    if body.get("criteriaReleaseType") is not None and format_ not in _WITH_RELEASES:
        text = f"Specified format {format_} does not support the 'Release type' criteria."
        raise RefusalError(text_response(400, text))
    if all(body.get(name) is None for name in _CRITERIA[:4]):
        raise refuse_field("*", "At least one criterion is required")
    for name in _CRITERIA[:2]:
        if (days := body.get(name)) is not None and days < 1:
            raise refuse_field(name, "must be greater than or equal to 1")
    try:
        re.compile(body.get("criteriaAssetRegex") or "")
    except re.error as error:
        raise refuse_field("criteriaAssetRegex", f"Invalid regular expression: {error}") from None


def _save(call: Call, name: str) -> Policy:
    """Keep it under the name of the path; a body of another name renames nothing."""
    kept = {key: call.body.get(key) for key in ("format", "notes", *_CRITERIA)}
    with call.nexus.store.change() as draft:
        policy: Policy = {"name": name} | kept
        draft["cleanup_policies"][name] = policy
    return policy


def _known(call: Call, name: str) -> Policy:
    policy: Policy | None = call.state["cleanup_policies"].get(name)
    if policy is None:
        raise RefusalError(text_response(404, f"Cleanup policy {name} not found."))
    return policy


def _users(call: Call, name: str) -> list[str]:
    return sorted(
        repository["name"]
        for repository in call.state["repositories"].values()
        if name in ((repository.get("cleanup") or {}).get("policyNames") or ())
    )


def _shown(call: Call, policy: Policy) -> Policy:
    """Only the fields that this version's document has; the public one has no count of users."""
    known = call.nexus.document.properties("CleanupPolicyXO")
    if call.request.path.endswith(_PUBLIC) or f"{_PUBLIC}/" in call.request.path:
        known = call.nexus.document.properties("CleanupPolicyResourceXO")
    users = _users(call, policy["name"])
    full = policy | {"inUseCount": len(users), "repositories": users}
    return {name: value for name, value in full.items() if name in known}


_INTERNAL_ONE, _PUBLIC_ONE = f"{_INTERNAL}/{{name}}", f"{_PUBLIC}/{{name}}"

ROUTES = (
    Route("GET", _INTERNAL, _list, "nexus:settings:read"),
    Route("POST", _INTERNAL, _creator(200), ALL),
    Route("GET", _INTERNAL_ONE, _read, ALL),
    Route("PUT", _INTERNAL_ONE, _edit, ALL),
    Route("DELETE", _INTERNAL_ONE, _delete, ALL),
    Route("GET", _PUBLIC, _list, "nexus:settings:read"),
    Route("POST", _PUBLIC, _creator(201), ALL),
    Route("GET", _PUBLIC_ONE, _read, ALL),
    Route("PUT", f"{_PUBLIC}/{{policyName}}", _edit_in_silence, ALL),
    Route("DELETE", _PUBLIC_ONE, _delete, ALL),
)
