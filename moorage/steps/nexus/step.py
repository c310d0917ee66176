"""The step ``nexus``: from a Nexus that answers to a registry that takes images."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from moorage.change import Action, Plan
from moorage.errors import Refused, RequestRefused
from moorage.steps.nexus import (
    blob_stores,
    cleanup,
    people,
    preflight,
    prune,
    repository_plan,
    security,
    tasks,
)
from moorage.steps.nexus.api import (
    ChangePassword,
    NexusApi,
    NexusObserved,
    Request,
    Version,
    dotted,
    version_of,
)
from moorage.steps.nexus.deadline import Deadline
from moorage.steps.nexus.desired import NexusDesired
from moorage.steps.nexus.login import Passwords, log_in
from moorage.steps.nexus.rest import RestApi
from moorage.steps.nexus.script import ScriptApi
from moorage.steps.nexus.versions import REST_API, SCRIPT_API
from moorage.steps.nexus.words import in_the_inventorys_words
from moorage.transport.base import Progress
from moorage.transport.http import Web
from moorage.transport.parsing import parser
from moorage.values import Secret

_SECONDS = 1800.0
_NOT_ALLOWED = (403, 404, 405)


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
        return self._api.read(self._wanted.scope(), login)

    def foreseen(self) -> str:
        wanted = self._wanted
        kinds = {
            "repositories": [f"{name} ({one.type})" for name, one in wanted.repositories.items()],
            "blob stores": list(wanted.blob_stores),
            "cleanup policies": list(wanted.cleanup_policies),
            "roles": list(wanted.roles), "users": list(wanted.users), "tasks": list(wanted.tasks),
        }  # fmt: skip
        return "; ".join(f"{kind} {', '.join(names)}" for kind, names in kinds.items() if names)

    def plan(self, observed: NexusObserved) -> Plan:
        return plan(self._wanted, observed, self._passwords.configured)

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
            raise _explained(failure, action) from failure.__cause__
        if self._wanted.resend_passwords:
            # what was sent again is not to be planned once more when the result is looked at
            self._wanted = dataclasses.replace(self._wanted, resend_passwords=False)


@parser("Nexus")
def plan(wanted: NexusDesired, seen: NexusObserved, password: Secret) -> Plan:
    """All changes in the order of what things are made of; pure.

    Raises:
        Refused: what Nexus would not do, or do wrong.
    """
    preflight.check(wanted, seen)
    changes = (
        *security.password(password, seen),
        *security.licence(wanted.accept_eula, seen),
        *security.base_url(wanted.base_url, seen),
        *security.realms(seen),
        *security.anonymous(wanted.anonymous, seen),
        *security.allowed_remotes(wanted.allowed_remotes, seen),
        *blob_stores.changes(wanted, seen),
        *cleanup.changes(wanted, seen),
        *repository_plan.changes(wanted, seen),
        *people.role_changes(wanted, seen),
        *people.user_changes(wanted, seen),
        *tasks.changes(wanted, seen),
        *prune.changes(wanted, seen),
    )
    notes = (
        *security.base_url_note(wanted.base_url, explicit=wanted.base_url_explicit, seen=seen),
        *tasks.notes(wanted, seen),
        *prune.notes(wanted, seen),
    )
    return Plan("nexus", changes, notes)


def way_to(web: Web, version: Version, deadline: Deadline) -> NexusApi:
    """The way to a server, by the version that it says it is.

    Raises:
        Refused: there is none.
    """
    if version >= REST_API:
        return RestApi(web, version, deadline)
    if version >= SCRIPT_API:
        return ScriptApi(web, version, deadline)
    raise Refused(
        f"Nexus {dotted(version)} is older than what Moorage knows",
        hint=f"set nexus.version to {dotted(SCRIPT_API)} or later",
    )


def _explained(failure: RequestRefused, request: Request) -> RequestRefused:
    """The same failure in the inventory's words, with what to do."""
    lines = in_the_inventorys_words(request.field, failure.body.splitlines())
    failure.body = "\n".join(lines)
    failure.hint = f"Nexus would not {request.summary}: mend what it names, run again"
    if "SSRF" in failure.body:
        failure.hint = "where that address is meant, add it to nexus.allowed_remotes"
    elif failure.status in _NOT_ALLOWED and not failure.body:
        failure.hint = (
            f"Nexus would not {request.summary}: its edition may lack this; "
            f"take {request.field or 'it'} out of the inventory, and do it by hand"
        )
    return failure
