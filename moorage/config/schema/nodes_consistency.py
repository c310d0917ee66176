"""Contradictions between what an inventory asks of its nodes and the rest of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from moorage.config.schema.registry import Proxy
from moorage.config.schema.suggest import suggestion

if TYPE_CHECKING:
    from moorage.config.schema.site import Site


def nodes_contradictions(site: Site) -> Iterator[tuple[str, str]]:
    """All of them, each with the field it shows at and what would be right."""
    login, users = site.nodes.login, site.nexus.users
    if login is not None and login not in users:
        yield "nodes.login", f'"{login}" is none of nexus.users{suggestion(login, users)}'
    elif login is not None and users[login].status == "disabled":
        yield "nodes.login", f'"{login}" may not log in: nexus.users.{login}.status'
    mirror = site.nodes.mirror
    if mirror is not None and "://" not in mirror:
        yield from ((f"nodes.{key}", text) for key, text in _mirror(site, mirror))


def _mirror(site: Site, name: str) -> Iterator[tuple[str, str]]:
    repositories = site.registry.repositories
    repository = repositories.get(name)
    if repository is None:
        yield "mirror", f'"{name}" is not a repository here{suggestion(name, repositories)}'
    elif not isinstance(repository, Proxy):
        # in a group an image of one's own by the name library/NAME would stand for Docker Hub's
        yield "mirror", f'"{name}" is no proxy: a mirror gives what Docker Hub has, nothing else'
    elif repository.index_type != "hub":
        yield "mirror", f'"{name}" is no proxy of Docker Hub: dockerd mirrors that alone'
    elif not site.nexus.anonymous:
        yield "mirror", "dockerd asks a mirror without a login: this needs nexus.anonymous: true"
