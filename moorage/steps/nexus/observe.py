"""What Nexus has: a login that works, then a handful of GETs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import requests

from moorage.errors import MoorageError, Refused
from moorage.steps.nexus.repositories import Body, Version
from moorage.transport.http import Web, refusal
from moorage.values import Secret

REST = "/service/rest/v1"
ONBOARDING = "/service/rest/internal/ui/onboarding"
_OLDEST_WITH_REST = (3, 26, 0)
_RANDOM_PASSWORD_SINCE = (3, 17, 0)
_NEWEST_KNOWN = (3, 94, 0)


@dataclass(frozen=True)
class NexusObserved:
    """Nexus as it is.

    Args:
        login: whether the configured password works, or still the initial one.
        eula: disclaimer and acceptance; None on versions without.
        onboarding: what the first-boot wizard would still ask.
        ssrf_protection: as the server has it; None on versions without.
        repositories: as ``/v1/repositorySettings`` gives them, by name.
    """

    version: Version
    login: Literal["configured", "initial"]
    eula: dict[str, Any] | None
    onboarding: frozenset[str]
    anonymous: dict[str, Any]
    realms: tuple[str, ...]
    ssrf_protection: dict[str, Any] | None = None
    repositories: dict[str, Body] = field(default_factory=dict)


def version_of(text: str | None) -> Version:
    """A version's three numbers; the newest known where the server does not tell."""
    if not text:
        return _NEWEST_KNOWN
    major, minor, patch = (int(part) for part in text.split(".")[:3])
    return major, minor, patch


def observe(
    web: Web, version: Version, password: Secret, initial_password: Callable[[], Secret | None]
) -> NexusObserved:
    """Log in and read everything that Moorage manages.

    Args:
        web: Nexus by its name, writable.
        version: what the server says it is.
        password: the configured one.
        initial_password: reads the one that Nexus made at its first start, where there is one.

    Raises:
        Refused: no password known is taken, or the version has no REST API for repositories.
    """
    if version < _OLDEST_WITH_REST:
        raise Refused(
            f"Nexus {'.'.join(map(str, version))} has no REST API for repositories",
            hint="3.26 is the first that has one: set nexus.version to a later one",
        )
    login = _log_in(web, version, password, initial_password)

    def get(path: str) -> Any:
        return web.call("GET", path, ok=(200,)).json()

    settings = get(f"{REST}/repositorySettings")
    return NexusObserved(
        version=version,
        login=login,
        eula=_optional(web, f"{REST}/system/eula"),
        ssrf_protection=_optional(web, f"{REST}/security/ssrf-protection"),
        onboarding=_onboarding(web),
        anonymous=get(f"{REST}/security/anonymous"),
        realms=tuple(get(f"{REST}/security/realms/active")),
        repositories={item["name"]: item for item in settings},
    )


def _log_in(
    web: Web, version: Version, password: Secret, initial_password: Callable[[], Secret | None]
) -> Literal["configured", "initial"]:
    """One attempt a credential: the configured password, then the one of the first boot.

    Source of the file and of the fixed password before 3.17: nexus-public,
    StaticSecurityConfigurationSource.
    """
    if _taken(web, password):
        return "configured"
    tried = ["the password of nexus.admin_password"]
    try:
        initial = initial_password()
    except MoorageError as failure:
        initial = None
        tried.append(f"admin.password could not be read ({failure.host}: {failure.message})")
    if initial is not None:
        if _taken(web, initial):
            return "initial"
        tried.append("the export's admin.password")
    elif version < _RANDOM_PASSWORD_SINCE:
        if _taken(web, Secret("admin123")):
            return "initial"
        tried.append("the fixed first password of versions before 3.17")
    else:
        tried.append("no admin.password on the export: the first password was changed before")
    raise Refused(
        f"Nexus takes no password known for admin; tried: {'; '.join(tried)}",
        hint="put the password that admin has now behind nexus.admin_password's reference; "
        "nothing was reset",
    )


def _taken(web: Web, password: Secret) -> bool:
    web.log_in("admin", password)
    path = f"{REST}/security/users"
    answer = web.ask("GET", path, params={"userId": "admin"})
    if answer.status_code == requests.codes.unauthorized:
        return False
    if answer.status_code != requests.codes.ok:
        raise refusal("GET", path, answer)
    return True


def _optional(web: Web, path: str) -> dict[str, Any] | None:
    """What a path gives that only some versions have."""
    answer = web.call("GET", path, ok=(200, 404))
    found: dict[str, Any] | None = None
    if answer.status_code == requests.codes.ok:
        found = answer.json()
    return found


def _onboarding(web: Web) -> frozenset[str]:
    answer = web.call("GET", ONBOARDING, ok=(200, 404))
    if answer.status_code != requests.codes.ok:
        return frozenset()
    return frozenset(item["type"] for item in answer.json())
