"""``fab backup``, ``fab backup-verify``, ``fab restore``: from their flags to a run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moorage.cli import Flags, assembled, options
from moorage.cli_runs import carried_out
from moorage.errors import Refused
from moorage.terminal import typed

if TYPE_CHECKING:
    from moorage.steps.base import Step


def backup(context: Any, flags: Flags, *, verify: bool) -> None:
    """Make a backup, and remove those that are too many.

    Args:
        verify: prove it: restore it beside the service and compare.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    from moorage.steps.backup.generations import name_at

    new = name_at(datetime.now(UTC))
    with assembled(context, flags) as (assembly, report):
        from moorage.order_backup import Backups

        backups = Backups(assembly)
        rehearsal: dict[str, Callable[[], Step]] = {
            "rehearsal": lambda: backups.rehearsal(new if verify else "", wanted=verify),
        }
        made: dict[str, Callable[[], Step]] = {"backup": lambda: backups.backup(new)}
        # what a dead run left of a rehearsal goes first: it takes room
        makers = {**made, **rehearsal} if verify else {**rehearsal, **made}
        carried_out(context, flags, assembly, report, makers)


def backup_verify(context: Any, flags: Flags, *, generation: str | None) -> None:
    """Prove a backup that is there: restore it beside the service and compare.

    Args:
        generation: its name; None for the newest.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    with assembled(context, flags) as (assembly, report):
        from moorage.order_backup import Backups

        backups = Backups(assembly)
        makers: dict[str, Callable[[], Step]] = {
            "rehearsal": lambda: backups.rehearsal(generation or "", wanted=True),
        }
        carried_out(context, flags, assembly, report, makers)


def restore(context: Any, flags: Flags, *, generation: str | None, any_version: bool) -> None:
    """Put a backup in the place of the present data, which are moved aside.

    Args:
        generation: its name; None for the newest.
        any_version: take one of another version of Nexus too.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    from moorage.steps.backup.generations import name_at

    stamp = name_at(datetime.now(UTC))
    with assembled(context, flags) as (assembly, report):
        from moorage.order_restore import prepared
        from moorage.steps.backup import Wish

        wish = Wish(generation or "", stamp, any_version=any_version)
        ready, makers = prepared(assembly, wish)
        stack = assembly.site.stack.name
        yes = flags.yes or options(context).yes
        carried_out(context, flags, ready, report, makers, confirm=_agreement(stack, yes=yes),
                    whole=True)  # fmt: skip


def _agreement(stack: str, *, yes: bool) -> Callable[[str], None]:
    """Asks for the stack's name, since data are exchanged; ``--yes`` is the answer."""

    def ask(question: str) -> None:
        if yes:
            return
        if typed(f"{question} Type the stack's name, {stack}:") != stack:
            raise Refused("the stack's name was not typed; nothing was restored")

    return ask
