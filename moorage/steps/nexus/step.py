"""The step ``nexus``: from a Nexus that answers to a registry that takes images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moorage.change import Action, Change, Difference, Plan, differences
from moorage.config.schema.base import is_ip
from moorage.config.schema.registry import Repository
from moorage.errors import Refused, RequestRefused
from moorage.steps.nexus.observe import REST, NexusObserved, observe, version_of
from moorage.steps.nexus.repositories import (
    Body,
    body,
    compared,
    masked_password,
    merged,
    ordered,
)
from moorage.transport.base import Progress
from moorage.transport.http import Web
from moorage.values import Secret

_TOKEN_REALM = "DockerToken"  # noqa: S105
_EULA_PAGE = "https://links.sonatype.com/products/nxrm/ce-eula"


@dataclass(frozen=True)
class NexusDesired:
    """What the inventory asks of Nexus."""

    accept_eula: bool
    anonymous: bool
    allowed_remotes: tuple[str, ...]
    repositories: Mapping[str, Repository]


@dataclass(frozen=True)
class Request:
    """One request that changes Nexus."""

    summary: str
    method: str
    path: str
    body: Any


@dataclass(frozen=True)
class ChangePassword:
    """Set admin's password to the configured one; Nexus then removes ``admin.password``."""

    summary: str = "set the password of admin to that of nexus.admin_password"


class NexusStep:
    """Observe with GETs, plan field by field, send only what differs.

    Args:
        web: Nexus by its name.
        ready: waits until Nexus can be written to; gives its version where it tells.
        password: admin's configured password.
        initial_password: reads the one of the first boot, None where there is none any more.
    """

    name = "nexus"

    def __init__(
        self,
        web: Web,
        wanted: NexusDesired,
        *,
        ready: Callable[[Progress], str | None],
        password: Secret,
        initial_password: Callable[[], Secret | None],
    ) -> None:
        self._web = web
        self._wanted = wanted
        self._ready = ready
        self._password = password
        self._initial_password = initial_password

    def observe(self, progress: Progress) -> NexusObserved:
        version = version_of(self._ready(progress))
        progress("reading Nexus")
        return observe(self._web, version, self._password, self._initial_password)

    def plan(self, observed: NexusObserved) -> Plan:
        changes = (
            *_password(observed),
            *self._eula(observed),
            *self._anonymous(observed),
            *_realms(observed),
            *_allowed_remotes(self._wanted.allowed_remotes, observed.ssrf_protection),
            *self._repositories(observed),
        )
        unmanaged = sorted(set(observed.repositories) - set(self._wanted.repositories))
        notes = (f"not managed, left alone: repositories {', '.join(unmanaged)}",)
        return Plan(self.name, changes, notes if unmanaged else ())

    def _eula(self, observed: NexusObserved) -> list[Change]:
        if observed.eula is None or observed.eula["accepted"]:
            return []
        if not self._wanted.accept_eula:
            raise Refused(
                "this Nexus serves no images until its licence is accepted",
                hint=f"read {_EULA_PAGE}, then set nexus.accept_eula: true",
            )
        accepted = {**observed.eula, "accepted": True}
        request = Request("accept the licence of the Community Edition, as nexus.accept_eula says",
                          "POST", f"{REST}/system/eula", accepted)  # fmt: skip
        difference = Difference("accepted", before=False, after=True)
        return [Change("update", "licence", "nexus", (difference,), (request,))]

    def _anonymous(self, observed: NexusObserved) -> list[Change]:
        wanted, seen = self._wanted.anonymous, observed.anonymous
        unanswered = "ConfigureAnonymousAccess" in observed.onboarding
        if seen.get("enabled") == wanted and not unanswered:
            return []
        before = "never answered" if unanswered else seen.get("enabled")
        request = Request(f"switch anonymous access {'on' if wanted else 'off'}", "PUT",
                          f"{REST}/security/anonymous", {**seen, "enabled": wanted})  # fmt: skip
        difference = Difference("enabled", before, wanted)
        return [Change("update", "anonymous access", "nexus", (difference,), (request,))]

    def _repositories(self, observed: NexusObserved) -> list[Change]:
        _refuse_taken_ports(self._wanted.repositories, observed.repositories)
        changes = []
        for name in ordered(self._wanted.repositories):
            repository = self._wanted.repositories[name]
            seen = observed.repositories.get(name)
            wanted = body(name, repository, observed.version)
            path = f"{REST}/repositories/docker/{repository.type}"
            if seen is None:
                request = Request(f"create {repository.type} repository {name}", "POST", path,
                                  wanted)  # fmt: skip
                found = tuple(Difference(field, None, value) for field, value in _told(wanted))
                changes.append(Change("create", f"repository {name}", "nexus", found, (request,)))
                continue
            _refuse_other_kind(name, repository, seen)
            found = compared(wanted, seen)
            if not found:
                continue
            if masked_password(seen):
                raise Refused(
                    f"repository {name} logs in to its remote with a password that Nexus does "
                    "not give out: changing it would erase that",
                    hint="make this change in Nexus by hand, where the password can be typed in",
                )
            request = Request(f"update repository {name}", "PUT", f"{path}/{name}",
                              merged(wanted, seen, observed.version))  # fmt: skip
            changes.append(Change("update", f"repository {name}", "nexus", found, (request,)))
        return changes

    def carry_out(self, action: Action, progress: Progress) -> None:  # noqa: ARG002
        if isinstance(action, ChangePassword):
            self._web.call(
                "PUT", f"{REST}/security/users/admin/change-password", text=self._password
            )
            self._web.log_in("admin", self._password)
            return
        assert isinstance(action, Request)  # noqa: S101
        try:
            self._web.call(action.method, action.path, body=action.body)
        except RequestRefused as failure:
            failure.hint = f"Nexus would not {action.summary}: mend what it names, run again"
            if "SSRF" in failure.body:
                failure.hint = "where that address is meant, add it to nexus.allowed_remotes"
            raise


def _password(observed: NexusObserved) -> list[Change]:
    if observed.login == "configured":
        return []
    difference = Difference("password", "that of the first boot", "that of nexus.admin_password")
    return [Change("update", "user admin", "nexus", (difference,), (ChangePassword(),))]


def _realms(observed: NexusObserved) -> list[Change]:
    if _TOKEN_REALM in observed.realms:
        return []
    realms = [*observed.realms, _TOKEN_REALM]
    request = Request(f"add the realm {_TOKEN_REALM} after the others", "PUT",
                      f"{REST}/security/realms/active", realms)  # fmt: skip
    difference = Difference("active", ", ".join(observed.realms), ", ".join(realms))
    return [Change("update", "realms", "nexus", (difference,), (request,))]


def _allowed_remotes(wanted: tuple[str, ...], seen: dict[str, Any] | None) -> list[Change]:
    """Addresses that proxies may ask besides public ones; what others allowed stays.

    Source: the OpenAPI document of 3.94, ``/v1/security/ssrf-protection``; it came with 3.92.
    """
    if seen is None or not seen.get("enabled"):
        return []
    after = dict(seen)
    for key, names in (
        ("allowedIPs", [name for name in wanted if is_ip(name)]),
        ("allowedDomains", [name for name in wanted if not is_ip(name)]),
    ):
        after[key] = [
            *seen.get(key, []),
            *(name for name in names if name not in seen.get(key, [])),
        ]
    found = differences(after, seen)
    if not found:
        return []
    request = Request("let proxies ask the addresses of nexus.allowed_remotes", "PUT",
                      f"{REST}/security/ssrf-protection", after)  # fmt: skip
    return [Change("update", "SSRF protection", "nexus", found, (request,))]


def _refuse_taken_ports(wanted: Mapping[str, Repository], seen: Mapping[str, Body]) -> None:
    taken = {
        docker["httpPort"]: name
        for name, settings in seen.items()
        if name not in wanted and (docker := settings.get("docker") or {}).get("httpPort")
    }
    for name, repository in wanted.items():
        if repository.port in taken:
            raise Refused(
                f"port {repository.port}, wanted for {name}, is used by docker repository "
                f"{taken[repository.port]}",
                hint=f"give {name} another port, or take it from {taken[repository.port]} first",
            )


def _refuse_other_kind(name: str, repository: Repository, seen: Body) -> None:
    if seen.get("format") != "docker" or seen.get("type") != repository.type:
        raise Refused(
            f"repository {name} exists as {seen.get('format')} {seen.get('type')}, "
            f"not as docker {repository.type}",
            hint="Nexus cannot change that: give yours another name, or remove the old one by hand",
        )
    blob_store = (seen.get("storage") or {}).get("blobStoreName")
    if blob_store != repository.blob_store:
        raise Refused(
            f"repository {name} keeps its blobs in {blob_store}, not in {repository.blob_store}",
            hint="Nexus cannot move them by its API: set blob_store to what it is",
        )


def _told(wanted: Body) -> list[tuple[str, Any]]:
    """What is worth showing of a new repository."""
    fields: list[tuple[str, Any]] = [("docker.httpPort", wanted["docker"].get("httpPort"))]
    if "proxy" in wanted:
        fields.append(("proxy.remoteUrl", wanted["proxy"]["remoteUrl"]))
    if "group" in wanted:
        fields.append(("group.memberNames", ", ".join(wanted["group"]["memberNames"])))
    return [(field, value) for field, value in fields if value is not None]
