"""The privileges that exist: Nexus' own, those that come with each repository, the operator's.

Names and forms as Nexus makes them: ``nx-repository-view-<format>-<repository>-<action>``. The
automatic ones are computed, not stored: they live and die with their repository.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .store import State

Privilege = dict[str, Any]

VIEW_ACTIONS = ("*", "browse", "read", "edit", "add", "delete")
_ADMIN_ACTIONS = ("*", "browse", "read", "edit", "add", "delete")
_SCRIPT_ACTIONS = (*VIEW_ACTIONS, "run")
DOMAINS: dict[str, tuple[str, ...]] = {
    "analytics": ("*",),
    "blobstores": ("*", "create", "read", "update", "delete"),
    "capabilities": ("*", "create", "read", "update", "delete"),
    "healthcheck": ("*", "read", "update"),
    "metrics": ("*",),
    "privileges": ("*", "create", "read", "update", "delete"),
    "roles": ("*", "create", "read", "update", "delete"),
    "search": ("read",),
    "settings": ("*", "read", "update"),
    "tasks": ("*", "create", "read", "update", "delete", "start", "stop"),
    "users": ("*", "create", "read", "update", "delete"),
    "userschangepw": ("*", "create"),
}


def all_privileges(state: State) -> dict[str, Privilege]:
    """Return every privilege by its name."""
    found = {privilege["name"]: privilege for privilege in _automatic(state)}
    found.update(state["privileges"])
    return found


def permission(privilege: Privilege) -> str:
    """Return what a privilege grants, in Shiro's form."""
    kind = privilege["type"]
    if kind == "wildcard":
        return str(privilege["pattern"])
    actions = ",".join(action.lower() for action in privilege["actions"])
    actions = "*" if "all" in actions.split(",") else actions
    if kind == "application":
        return f"nexus:{privilege['domain']}:{actions}"
    if kind == "script":
        return f"nexus:script:{privilege['scriptName']}:{actions}"
    return f"nexus:{kind}:{privilege['format']}:{privilege['repository']}:{actions}"


def _automatic(state: State) -> Iterator[Privilege]:
    yield _wildcard("nx-all", "nexus:*", "All permissions")
    for domain, actions in DOMAINS.items():
        for action in actions:
            name = f"nx-{domain}-{'all' if action == '*' else action}"
            yield _application(name, domain, action)
    for action in _SCRIPT_ACTIONS:
        yield _script(action)
    places = [("*", "*"), ("docker", "*")]
    places += [(item["format"], name) for name, item in state["repositories"].items()]
    for format_, repository in places:
        for action in VIEW_ACTIONS:
            yield _repository("repository-view", format_, repository, action)
        for action in _ADMIN_ACTIONS:
            yield _repository("repository-admin", format_, repository, action)


def _wildcard(name: str, pattern: str, description: str) -> Privilege:
    return {
        "type": "wildcard",
        "name": name,
        "description": description,
        "readOnly": True,
        "pattern": pattern,
    }


def _application(name: str, domain: str, action: str) -> Privilege:
    return {
        "type": "application",
        "name": name,
        "description": f"{'All' if action == '*' else action.capitalize()} {domain} permissions",
        "readOnly": True,
        "domain": domain,
        "actions": [_api_action(action)],
    }


def _script(action: str) -> Privilege:
    return {
        "type": "script",
        "name": f"nx-script-*-{action}",
        "description": f"{action} permission for all scripts",
        "readOnly": True,
        "scriptName": "*",
        "actions": [_api_action(action)],
    }


def _repository(kind: str, format_: str, repository: str, action: str) -> Privilege:
    return {
        "type": kind,
        "name": f"nx-{kind}-{format_}-{repository}-{action}",
        "description": f"{action} permission of {kind} for {format_} {repository}",
        "readOnly": True,
        "format": format_,
        "repository": repository,
        "actions": [_api_action(action)],
    }


def _api_action(action: str) -> str:
    return "ALL" if action == "*" else action.upper()
