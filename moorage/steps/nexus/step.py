"""The step ``nexus``: from a Nexus that answers to a registry that takes images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moorage.change import Action, Change, Difference, Plan
from moorage.config.schema.registry import Repository
from moorage.errors import Refused, RequestRefused
from moorage.steps.nexus import security
from moorage.steps.nexus.api import (
    REST,
    Body,
    ChangePassword,
    NexusApi,
    NexusObserved,
    Request,
    Scope,
    Version,
    dotted,
    version_of,
)
from moorage.steps.nexus.deadline import Deadline
from moorage.steps.nexus.login import Passwords, log_in
from moorage.steps.nexus.repositories import (
    body,
    compared,
    masked_password,
    merged,
    ordered,
)
from moorage.steps.nexus.rest import RestApi
from moorage.steps.nexus.versions import REST_API
from moorage.transport.base import Progress
from moorage.transport.http import Web
from moorage.values import Secret

_SECONDS = 1800.0


@dataclass(frozen=True)
class NexusDesired:
    """What the inventory asks of Nexus."""

    accept_eula: bool
    anonymous: bool
    allowed_remotes: tuple[str, ...]
    repositories: Mapping[str, Repository]


class NexusStep:
    """Observe with GETs, plan field by field, send only what differs.

    Args:
        web: Nexus by its name.
        ready: waits until Nexus can be written to; gives its version where it tells.
        password: admin's configured password.
        initial_password: reads the one of the first boot, None where there is none any more.
        former_password: the one that admin had before, where the inventory tells.
        seconds: how long everything may take together, once Nexus can be written to.
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
        former_password: Callable[[], Secret] | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        self._web = web
        self._wanted = wanted
        self._ready = ready
        self._passwords = Passwords(password, initial_password, former_password)
        self._seconds = seconds
        self._api: NexusApi | None = None

    def observe(self, progress: Progress) -> NexusObserved:
        version = version_of(self._ready(progress))
        progress("reading Nexus")
        if self._api is None:
            deadline = Deadline(self._seconds, "nexus.seed_timeout")
            self._api = way_to(self._web, version, deadline)
        login = log_in(self._api, version, self._passwords)
        return self._api.read(self._scope(), login)

    def _scope(self) -> Scope:
        return Scope(allowed_remotes=bool(self._wanted.allowed_remotes))

    def plan(self, observed: NexusObserved) -> Plan:
        wanted = self._wanted
        changes = (
            *security.password(self._passwords.configured, observed),
            *security.licence(wanted.accept_eula, observed),
            *security.realms(observed),
            *security.anonymous(wanted.anonymous, observed),
            *security.allowed_remotes(wanted.allowed_remotes, observed),
            *self._repositories(observed),
        )
        unmanaged = sorted(set(observed.repositories) - set(self._wanted.repositories))
        notes = (f"not managed, left alone: repositories {', '.join(unmanaged)}",)
        return Plan(self.name, changes, notes if unmanaged else ())

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
        assert self._api is not None  # noqa: S101  a plan comes from what was observed
        if isinstance(action, ChangePassword):
            self._api.change_password(action.user, action.password)
            if action.user == "admin":
                self._api.log_in(action.password)
            return
        assert isinstance(action, Request)  # noqa: S101
        try:
            self._api.send(action)
        except RequestRefused as failure:
            failure.hint = f"Nexus would not {action.summary}: mend what it names, run again"
            if "SSRF" in failure.body:
                failure.hint = "where that address is meant, add it to nexus.allowed_remotes"
            raise


def way_to(web: Web, version: Version, deadline: Deadline) -> NexusApi:
    """The way to a server, by the version that it says it is.

    Raises:
        Refused: there is none.
    """
    if version >= REST_API:
        return RestApi(web, version, deadline)
    raise Refused(
        f"Nexus {dotted(version)} has no REST API for repositories",
        hint=f"{dotted(REST_API)} is the first that has one: set nexus.version to a later one",
    )


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
