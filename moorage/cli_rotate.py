"""``fab rotate``: a new password, and everything that uses it brought up to date."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from moorage.choice import ORDER
from moorage.cli import Flags, assembled
from moorage.cli_runs import carried_out, run
from moorage.config.schema.suggest import suggestion
from moorage.errors import Refused

if TYPE_CHECKING:
    from moorage.config.schema.site import Site
    from moorage.order import Assembly
    from moorage.steps.nexus.rotation import RotateStep, Rotation

_USED_BY = {"nexus.image.login.": "stack"}
"""Steps that hand a password on, by where the inventory refers to it."""


def rotate(context: Any, who: str, flags: Flags, *, to: str | None = None) -> None:
    """Rotate one password, then run the steps that hand it on.

    Args:
        who: ``admin``, or a user of the inventory.
        to: the reference that the new password comes from; None for a new one, where Moorage may
            write the secret.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    with assembled(context, flags) as (assembly, report):
        rotation = _rotation(assembly, who, to)
        followers = list(_followers(assembly.site, rotation))
        carried_out(context, flags, assembly, report, {"rotate": lambda: _step(assembly, rotation)})
        if followers:
            report.line(f"rotate: what uses it comes next: {', '.join(followers)}")
        dry_run = assembly.dry_run
    if followers and not dry_run:
        instead = {rotation.reference: to} if to and rotation.place is None else {}
        run(context, followers, replace(flags, instead=instead))


def _step(assembly: Assembly, rotation: Rotation) -> RotateStep:
    from moorage.config.schema.base import seconds
    from moorage.steps.nexus.rotation import RotateStep

    site = assembly.site
    return RotateStep(
        assembly.nexus_web(), rotation, ready=assembly.ready,
        seconds=seconds(site.nexus.seed_timeout),
    )  # fmt: skip


def _rotation(assembly: Assembly, who: str, to: str | None) -> Rotation:
    """What is rotated.

    Raises:
        Refused: no such user, a reference that others use too, or nowhere to write to.
    """
    from moorage.config.schema.base import secret_reference
    from moorage.config.secret_places import place_of
    from moorage.steps.nexus.rotation import Rotation

    site = assembly.site
    field, reference = _reference(site, who)
    _refuse_shared(site, field, reference)
    place = place_of(reference, site, os.environ)
    if to is not None:
        try:
            secret_reference(to)
        except ValueError as cause:
            raise Refused(f"--to: {cause}") from None
    elif place is None:
        kind = reference.partition(":")[0]
        raise Refused(
            f"{field} is {reference}, and Moorage cannot write to {kind}:",
            hint="put the new password elsewhere and name that place: --to env:NEW_PASSWORD",
        )
    return Rotation(
        user=who,
        field=field,
        reference=reference,
        current=lambda: assembly.secret(reference),
        admin=lambda: assembly.secret(site.nexus.admin_password),
        place=place,
        given=(lambda: assembly.secret(to)) if to else None,
        given_by=to or "",
    )


def _reference(site: Site, who: str) -> tuple[str, str]:
    """Field and reference of a user's password.

    Raises:
        Refused: the inventory has no such user, or has it disabled.
    """
    if who == "admin":
        return "nexus.admin_password", site.nexus.admin_password
    user = site.nexus.users.get(who)
    if user is None:
        known = ("admin", *site.nexus.users)
        raise Refused(f"the inventory has no user {who}{suggestion(who, known)}",
                      hint=f"one of {', '.join(known)}")  # fmt: skip
    if user.status == "disabled":
        raise Refused(f"nexus.users.{who} is disabled: it has no use for a password")
    return f"nexus.users.{who}.password", user.password


def _refuse_shared(site: Site, field: str, reference: str) -> None:
    """Make sure that the new secret is no other user's as well.

    Raises:
        Refused: it would be.
    """
    users = {"nexus.admin_password": site.nexus.admin_password} | {
        f"nexus.users.{name}.password": user.password for name, user in site.nexus.users.items()
    }
    others = [other for other, theirs in users.items() if theirs == reference and other != field]
    if others:
        raise Refused(f"{reference} is that of {', '.join(others)} too",
                      hint="give each user a secret of its own")  # fmt: skip


def _followers(site: Site, rotation: Rotation) -> Iterator[str]:
    """The steps that hand this password on, in their order."""
    fields = [place for place, value in _flat(site.model_dump(by_alias=True))
              if value == rotation.reference]  # fmt: skip
    used = {step for field in fields for prefix, step in _USED_BY.items()
            if field.startswith(prefix)}  # fmt: skip
    if f"nexus.users.{site.nodes.login}.password" in fields:
        used.add("logins")
    yield from (name for name in ORDER if name in used)


def _flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{place}.{key}" if place else str(key))
    else:
        yield place, value
