"""What a way to a server gives and takes: plain data in the shapes of the REST API.

There are two ways behind one Protocol: :mod:`rest` for 3.26 and later, :mod:`script` for older
servers. Planning knows neither; it reads :class:`NexusObserved` and gives :class:`Request`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from moorage.values import Secret

REST = "/service/rest/v1"
INTERNAL = "/service/rest/internal"

Body = dict[str, Any]
Version = tuple[int, int, int]
Resolve = Callable[[str], Secret]
"""Gives the secret that a reference leads to."""
Login = Literal["configured", "initial", "former"]

_NEWEST_KNOWN = (3, 94, 0)


def version_of(text: str | None) -> Version:
    """A version's three numbers; the newest known where the server does not tell."""
    if not text:
        return _NEWEST_KNOWN
    major, minor, patch = (int(part) for part in text.split(".")[:3])
    return major, minor, patch


def dotted(version: Version) -> str:
    """A version as it is written."""
    return ".".join(map(str, version))


@dataclass(frozen=True)
class Request:
    """One request that changes Nexus, in terms of the REST API.

    Args:
        summary: what it does, in one line and without secrets.
        method: POST, PUT or DELETE.
        path: from the server's root.
        body: sent as JSON; a :class:`Secret` in it is revealed by the transport while it is sent.
        field: dotted path of what the inventory says of it, for the server's messages.
        listed: where a created thing shows: a path that gives a list (or a page with ``items``),
            the key to look at and its value. A POST without an answer is sent again only when
            the thing is not there.
    """

    summary: str
    method: str
    path: str
    body: Any = None
    field: str = ""
    listed: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class ChangePassword:
    """Set a user's password; for admin Nexus then removes ``admin.password``.

    Args:
        user: whose.
        summary: what it does, in one line.
        password: what it will be.
    """

    user: str
    summary: str
    password: Secret


@dataclass(frozen=True)
class Holding:
    """What a repository holds.

    Args:
        components: how many were counted, each a tag of an image.
        more: whether counting stopped before the end.
        other: files that belong to no component (counted for other formats than docker).
    """

    components: int = 0
    more: bool = False
    other: bool = False

    @property
    def empty(self) -> bool:
        return not (self.components or self.more or self.other)


@dataclass(frozen=True)
class Scope:
    """What is to be read; what nobody asks for costs no request.

    Args:
        users: passwords to be tried, one attempt each, by user; None reads no users.
        roles, cleanup_policies: whether these are read.
        tasks: names of the inventory's; where there are any, all tasks are read.
        blob_stores: names of those whose settings are read; the list itself always is.
        base_url, allowed_remotes: whether these are read.
        held: names of the inventory's repositories, where what the others hold is to be counted.
    """

    users: Mapping[str, Secret] | None = None
    roles: bool = False
    cleanup_policies: bool = False
    tasks: frozenset[str] = frozenset()
    blob_stores: frozenset[str] = frozenset()
    base_url: bool = False
    allowed_remotes: bool = False
    held: frozenset[str] | None = None


@dataclass(frozen=True)
class NexusObserved:
    """Nexus as it is, in the shapes that the newest REST API's GETs give.

    None stands for what this server does not have, or what nobody asked for (:class:`Scope`).

    Args:
        edition: ``COMMUNITY``, ``OSS`` or ``PRO`` as the Server header says; empty where it does
            not.
        login: which password of admin's works.
        eula: disclaimer and acceptance, ``/v1/system/eula``; since 3.77.
        onboarding: what the first-boot wizard would still ask, by type.
        anonymous: ``/v1/security/anonymous``.
        realms: ids of the active realms, in order.
        ssrf_protection: ``/v1/security/ssrf-protection``; since 3.92.
        capabilities: ``/v1/capabilities``, all of them.
        repositories: ``/v1/repositorySettings``, by name.
        blob_stores: ``/v1/blobstores``, by name; with those of ``/v1/blobstores/<type>/<name>``
            for the names of the scope.
        cleanup_policies: by name.
        tasks: ``/v1/tasks``.
        task_types: ids of the tasks that can be made; None where none can be made by the API.
        roles: ``/v1/security/roles``, by id.
        users: ``/v1/security/users`` of the source ``default``, by id.
        right_passwords: users that the configured password was taken from.
        holdings: what repositories hold that are not in the inventory, by name.
    """

    version: Version
    login: Login
    anonymous: Body
    realms: tuple[str, ...]
    onboarding: frozenset[str] = frozenset()
    eula: Body | None = None
    edition: str = ""
    ssrf_protection: Body | None = None
    capabilities: tuple[Body, ...] | None = None
    repositories: Mapping[str, Body] = field(default_factory=dict)
    blob_stores: Mapping[str, Body] = field(default_factory=dict)
    cleanup_policies: Mapping[str, Body] | None = None
    tasks: tuple[Body, ...] | None = None
    task_types: frozenset[str] | None = None
    roles: Mapping[str, Body] | None = None
    users: Mapping[str, Body] | None = None
    right_passwords: frozenset[str] = frozenset()
    holdings: Mapping[str, Holding] = field(default_factory=dict)


class NexusApi(Protocol):
    """A way to one server."""

    def takes(self, user: str, password: Secret) -> bool:
        """Whether the server takes a login; one attempt, and nobody is logged in by it.

        Raises:
            Unreachable: no answer.
            RequestRefused: an answer that says neither yes nor no.
        """
        ...

    def log_in(self, password: Secret) -> None:
        """Ask everything as admin from now on."""
        ...

    def read(self, scope: Scope, login: Login) -> NexusObserved:
        """What is there; changes nothing.

        Raises:
            Unreachable: no answer.
            RequestRefused: admin may not read it.
            Refused: the server lacks what this way needs, such as ``scripts.allowCreation``.
        """
        ...

    def send(self, request: Request) -> None:
        """Carry out one request; may be called from several threads at once.

        Raises:
            Unreachable: no answer in time; it may or may not have taken.
            RequestRefused: the server's own messages.
        """
        ...

    def change_password(self, user: str, password: Secret) -> None:
        """Set a user's password.

        Raises:
            Unreachable, RequestRefused: as :meth:`send`.
        """
        ...
