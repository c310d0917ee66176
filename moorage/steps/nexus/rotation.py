"""The step ``rotate``: a new password for one user, and proof that the old one is dead.

The new secret is written down first, then the server is changed, then the new secret takes the
place of the old one. Wherever a run is cut off, the next one finds out which of the two the server
takes, by one attempt each, and goes on from there.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from moorage.change import Action, Change, Difference, Plan
from moorage.errors import Refused
from moorage.steps.nexus.api import ChangePassword, NexusApi, version_of
from moorage.steps.nexus.deadline import Deadline
from moorage.steps.nexus.step import way_to
from moorage.transport.base import Progress
from moorage.transport.http import Web
from moorage.values import Secret

LENGTH = 40
_LETTERS = string.ascii_letters + string.digits
ADMIN = "admin"
HERE = "here"
"""What a plan calls the operator's own machine, where secrets are kept."""


class Place(Protocol):
    """Where a new secret is written: beside the one in use, then in its place."""

    def beside(self) -> Secret | None: ...

    def put_beside(self, secret: Secret) -> None: ...

    def put_in_place(self) -> None: ...


@dataclass(frozen=True)
class Rotation:
    """One user's password, and where old and new are kept.

    Args:
        user: whose.
        field: dotted path of the reference in the inventory.
        reference: of the password in use.
        current: gives the password in use.
        admin: gives admin's, which changes those of others.
        place: where the new one is written; None where Moorage cannot write there.
        given: gives the one that ``--to`` leads to; None where a new one is made.
        given_by: the reference of ``--to``.
    """

    user: str
    field: str
    reference: str
    current: Callable[[], Secret]
    admin: Callable[[], Secret]
    place: Place | None
    given: Callable[[], Secret] | None = None
    given_by: str = ""


@dataclass(frozen=True)
class RotationObserved:
    """How far a rotation is.

    Args:
        beside: whether the new secret lies beside the one in use.
        changed: whether the server takes the new one, and no longer the old one.
        in_place: whether the new one has taken the old one's place.
        other: whether ``--to`` leads to another one than an interrupted rotation set.
    """

    beside: bool
    changed: bool
    in_place: bool = False
    other: bool = False


def generated() -> Secret:
    """A new password: letters and digits, which no program's arguments or files trip over."""
    return Secret("".join(secrets.choice(_LETTERS) for _ in range(LENGTH)))


class RotateStep:
    """Rotate one password.

    Args:
        web: Nexus by its name.
        ready: waits until Nexus can be written to; gives its version where it tells.
        seconds: how long everything may take together.
    """

    name = "rotate"

    def __init__(
        self, web: Web, rotation: Rotation, *, ready: Callable[[Progress], str | None],
        seconds: float,
    ) -> None:  # fmt: skip
        self._web = web
        self._rotation = rotation
        self._ready = ready
        self._seconds = seconds
        self._api: NexusApi | None = None
        self._old: Secret | None = None
        self._new: Secret | None = None
        self._old_dead = False
        self._in_place = False

    def observe(self, progress: Progress) -> RotationObserved:
        api = self._way(progress)
        rotation = self._rotation
        progress(f"looking at the password of {rotation.user}")
        if self._in_place:
            self._require_new(api)
            return RotationObserved(beside=True, changed=True, in_place=True)
        self._old = self._old or rotation.current()
        beside = rotation.place.beside() if rotation.place else None
        given = rotation.given() if rotation.given else None
        if given == self._old and not beside:
            raise Refused(f"{rotation.given_by} leads to the password in use: nothing to change",
                          hint="put the new one behind it")  # fmt: skip
        if not self._old_dead and self._taken(api, self._old):
            return self._before(beside, given)
        # one attempt is all the proof there is, and all that is made
        self._old_dead = True
        self._new = self._new or beside or given
        self._require_new(api)
        return RotationObserved(
            beside=beside is not None, changed=True, other=given not in (None, self._new)
        )

    def _before(self, beside: Secret | None, given: Secret | None) -> RotationObserved:
        """The server still takes the old one."""
        self._new = given or beside or self._new or generated()
        if beside == self._old:
            # cut off between the two halves of putting it in place
            self._new, self._old_dead = beside, True
            return RotationObserved(beside=True, changed=True)
        return RotationObserved(beside=beside == self._new, changed=False)

    def plan(self, observed: RotationObserved) -> Plan:
        rotation = self._rotation
        if observed.in_place:
            return Plan(self.name)
        changes = []
        shown = rotation.given_by or "a new one, beside the one in use"
        if rotation.place and not observed.beside:
            difference = Difference("new secret", None, shown)
            changes.append(Change("create", f"new secret for {rotation.reference}", HERE,
                                  (difference,), (Keep(rotation.reference),)))  # fmt: skip
        if not observed.changed:
            after = "the new secret" if rotation.place else f"that of {rotation.given_by}"
            difference = Difference("password", f"that of {rotation.field}", after)
            assert self._new is not None  # noqa: S101  observed before
            action = ChangePassword(rotation.user, f"set the password of {rotation.user}",
                                    self._new)  # fmt: skip
            changes.append(Change("update", f"user {rotation.user}", "nexus", (difference,),
                                  (action,)))  # fmt: skip
        if rotation.place:
            difference = Difference("secret", "the old one", "the new one")
            changes.append(Change("update", f"secret {rotation.reference}", HERE, (difference,),
                                  (PutInPlace(rotation.reference),)))  # fmt: skip
        return Plan(self.name, tuple(changes), tuple(self._notes(observed)))

    def _notes(self, observed: RotationObserved) -> list[str]:
        rotation, notes = self._rotation, []
        if observed.changed:
            notes.append(f"the server takes the new password of {rotation.user} already, and the "
                         "old one no more: a rotation that was cut off is carried on")  # fmt: skip
        if observed.other:
            notes.append(f"{rotation.given_by} leads to another one; rotate once more for that")
        if not rotation.place:
            kind = rotation.reference.partition(":")[0]
            notes.append(f"{kind}: is not for Moorage to write: have {rotation.reference} lead to "
                         f"what {rotation.given_by} does, once this is done")  # fmt: skip
        return notes

    def carry_out(self, action: Action, progress: Progress) -> None:  # noqa: ARG002
        assert self._new is not None  # noqa: S101  a plan comes from what was observed
        if isinstance(action, Keep):
            assert self._rotation.place is not None  # noqa: S101
            self._rotation.place.put_beside(self._new)
        elif isinstance(action, PutInPlace):
            assert self._rotation.place is not None  # noqa: S101
            self._rotation.place.put_in_place()
            self._in_place = True
        else:
            assert isinstance(action, ChangePassword)  # noqa: S101
            assert self._api is not None  # noqa: S101
            self._api.change_password(action.user, action.password)
            if action.user == ADMIN:
                self._api.log_in(action.password)

    def _way(self, progress: Progress) -> NexusApi:
        """The way to the server, logged in as admin where another user's password is rotated."""
        version = version_of(self._ready(progress))
        if self._api is None:
            api = way_to(self._web, version, Deadline(self._seconds, "nexus.seed_timeout"))
            if self._rotation.user != ADMIN:
                admin = self._rotation.admin()
                if not api.takes(ADMIN, admin):
                    raise Refused(
                        "Nexus does not take the password of nexus.admin_password",
                        hint="rotate or seed admin's first: fab rotate admin, fab nexus-seed",
                    )
                api.log_in(admin)
            self._api = api
        return self._api

    def _taken(self, api: NexusApi, password: Secret) -> bool:
        user = self._rotation.user
        taken = api.takes(user, password)
        if taken and user == ADMIN:
            api.log_in(password)
        return taken

    def _require_new(self, api: NexusApi) -> None:
        """Prove that the new one is taken.

        Raises:
            Refused: neither old nor new is: somebody else has changed it.
        """
        rotation = self._rotation
        if self._new is not None and self._taken(api, self._new):
            return
        tried = f"that of {rotation.field}"
        if self._new is not None:
            tried += f" and the new one of {rotation.given_by or 'the rotation before'}"
        way = ("put the one that it has now behind the reference" if rotation.user == ADMIN else
               "put the one that it has now behind the reference, or have it set anew: "
               "fab nexus-seed")  # fmt: skip
        raise Refused(
            f"Nexus takes no password known for {rotation.user}: somebody else has changed it, or "
            f"there is no such user; tried, once: {tried}",
            hint=f"{way}; nothing was guessed",
        )


@dataclass(frozen=True)
class Keep:
    """Write the new secret beside the one in use."""

    reference: str

    @property
    def summary(self) -> str:
        return f"write a new secret beside {self.reference}"


@dataclass(frozen=True)
class PutInPlace:
    """Let the new secret take the old one's place."""

    reference: str

    @property
    def summary(self) -> str:
        return f"put the new secret in the place of {self.reference}"
