"""A group: its members in their order, the first good answer wins; nothing is written to it.

Source: GroupHandler.java (getFirst). Rights are asked of the group alone, not of its members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from ..web.message import Response
from .answers import not_found, page, registry_error
from .asks import Ask
from .layout import Layout

_PRO = (
    "Deploying to groups is a PRO-licensed feature. "
    "See https://links.sonatype.com/product-nexus-repository"
)


class Member(Protocol):
    """What a group asks of a repository; hosted and proxy have it."""

    settings: dict[str, Any]
    layout: Layout

    def answer(self, ask: Ask) -> Response: ...
    def tags(self, ask: Ask) -> list[str]: ...


Find = Callable[[str], "Member | Group | None"]


class Group:
    """Answers for one group.

    Args:
        settings: The repository as it was written by REST.
        find: Gives a repository by its name.
    """

    def __init__(self, settings: dict[str, Any], find: Find) -> None:
        self.settings = settings
        self._find = find

    def answer(self, ask: Ask) -> Response:
        """Answer one request."""
        if ask.request.method in {"POST", "PUT", "PATCH"}:
            return registry_error(405, "UNSUPPORTED", _PRO)
        if not ask.reads:
            text = "a group takes GET and HEAD only"
            return registry_error(405, "UNSUPPORTED", text)
        if ask.kind == "upload":
            return registry_error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
        members = [member for member in self.members() if member.settings["online"]]
        if ask.kind == "catalog":
            names = {name for member in members for name in member.layout.names()}
            return page(ask, "repositories", sorted(names))
        if ask.kind == "tags":
            tags = sorted({tag for member in members for tag in member.tags(ask)})
            return page(ask, "tags", tags, {"name": ask.name}) if tags else not_found(ask)
        return self._first(ask, members)

    def members(self) -> Iterator[Member]:
        """Yield hosted and proxy repositories in order; each group below is walked once."""
        seen: set[str] = set()
        yield from self._walk(seen)

    def stop(self) -> None:
        """Nothing runs for a group."""

    def forget(self) -> None:
        """Nothing is remembered here."""

    def _walk(self, seen: set[str]) -> Iterator[Member]:
        for name in self.settings["group"]["memberNames"]:
            repository = self._find(name)
            if name in seen or repository is None:
                continue
            seen.add(name)
            if isinstance(repository, Group):
                yield from repository._walk(seen)  # noqa: SLF001 - the same class
            else:
                yield repository

    def _first(self, ask: Ask, members: list[Member]) -> Response:
        for member in members:
            response = member.answer(ask)
            if response.good:
                return response
            response.drop()
        return not_found(ask)
