"""Contradictions between what an inventory says of Nexus and of its repositories.

Blob stores, cleanup policies, roles and privileges may be on the server without being declared,
so only a plan can tell that one is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from moorage.config.schema.floors import TASKS, Version, blob_store_needs, repository_needs
from moorage.config.schema.registry import Group, Hosted
from moorage.config.schema.suggest import suggestion

if TYPE_CHECKING:
    from moorage.config.schema.site import Site

_OWN_USERS = ("admin", "anonymous")
_REST: Version = (3, 26, 0)
_BASE_URL: Version = (3, 82, 0)


def nexus_contradictions(site: Site) -> Iterator[tuple[str, str]]:
    """All of them, each with the field it shows at and what would be right."""
    yield from _too_old(site)
    yield from _roles(site)
    yield from _users(site)
    yield from _tasks(site)
    yield from _stores(site)


def _too_old(site: Site) -> Iterator[tuple[str, str]]:
    """What the version lacks; below 3.26 scripts do much that the API of later ones lacks."""
    nexus = site.nexus
    major, minor, patch = (int(part) for part in nexus.version.split("."))
    version = (major, minor, patch)
    for name, repository in site.registry.repositories.items():
        for key, floor in repository_needs(repository):
            if version < floor:
                yield f"registry.repositories.{name}.{key}", _since(floor, nexus.version)
    for name, store in nexus.blob_stores.items():
        for key, floor in blob_store_needs(store):
            if version < floor:
                yield f"nexus.blob_stores.{name}.{key}", _since(floor, nexus.version)
    if nexus.tasks and _REST <= version < TASKS:
        yield "nexus.tasks", _since(TASKS, nexus.version)
    if nexus.base_url not in ("auto", None) and _REST <= version < _BASE_URL:
        yield "nexus.base_url", _since(_BASE_URL, nexus.version)


def _since(floor: Version, version: str) -> str:
    return f"Nexus has this since {'.'.join(map(str, floor))}, and nexus.version is {version}"


def _roles(site: Site) -> Iterator[tuple[str, str]]:
    repositories = site.registry.repositories
    for name, role in site.nexus.roles.items():
        field = f"nexus.roles.{name}"
        for key in ("pull", "push", "delete"):
            for index, repository in enumerate(getattr(role, key)):
                place = f"{field}.{key}[{index}]"
                if repository not in repositories:
                    known = suggestion(repository, repositories)
                    yield place, f'"{repository}" is not a repository here{known}'
                elif key != "pull" and not isinstance(repositories[repository], Hosted):
                    yield place, f'"{repository}" is not hosted: only there can be {_DOES[key]}'
    yield from _circle({name: role.roles for name, role in site.nexus.roles.items()})


_DOES = {"push": "pushed to", "delete": "deleted from"}


def _circle(parts: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    try:
        TopologicalSorter(parts).prepare()
    except CycleError as found:
        name = found.args[1][0]
        yield f"nexus.roles.{name}.roles", f'"{name}" would be a part of itself'


def _users(site: Site) -> Iterator[tuple[str, str]]:
    for name in site.nexus.users:
        if name == "admin":
            yield "nexus.users.admin", "admin's password is nexus.admin_password's"
        elif name in _OWN_USERS:
            yield f"nexus.users.{name}", "this user is Nexus' own: see nexus.anonymous"


def _tasks(site: Site) -> Iterator[tuple[str, str]]:
    repositories = site.registry.repositories
    for name, task in site.nexus.tasks.items():
        if task.type != "docker-gc":
            continue
        field, repository = f"nexus.tasks.{name}.repository", task.repository
        if repository not in repositories:
            known = suggestion(repository, repositories)
            yield field, f'"{repository}" is not a repository here{known}'
        elif isinstance(repositories[repository], Group):
            yield field, f'"{repository}" is a group, which keeps nothing itself'


def _stores(site: Site) -> Iterator[tuple[str, str]]:
    paths: dict[str, str] = {}
    for name, store in site.nexus.blob_stores.items():
        path = getattr(store, "path", None)
        if path is not None and path in paths:
            field = f"nexus.blob_stores.{name}.path"
            yield field, f'"{path}" is the path of {paths[path]} already'
        elif path is not None:
            paths[path] = name
