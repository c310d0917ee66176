"""A site taken away again: a plan first, the data only where that is asked for and typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from moorage.cli import Flags, assembled, options
from moorage.cli_runs import waiting
from moorage.errors import Refused
from moorage.terminal import consent, typed

if TYPE_CHECKING:
    from moorage.order import Assembly
    from moorage.report.text import Report


def destroy(context: Any, flags: Flags, *, purge_data: bool = False, images: bool = False) -> None:
    """Remove the stack, what was put on the nodes, and the lock.

    Args:
        purge_data: delete the data and their export too, once the stack's name was typed.
        images: remove the images that were built too.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    from moorage.runner import run as carry_out

    yes = flags.yes or options(context).yes
    with assembled(context, replace(flags, undo=True)) as (assembly, report):
        from moorage.order_destroy import NEEDS, folders, makers, refuse_under_way

        if not purge_data:
            refuse_under_way(assembly)
        found = makers(assembly, purge_data=purge_data, images=images)
        assembly.names, assembly.makers = tuple(found), found
        confirm = consent(yes=yes)
        if purge_data:
            confirm = _by_name(assembly, confirm)
        work = assembly.work(
            report, confirm=confirm, wait_seconds=waiting(flags.wait), vital=("purge",)
        )
        there = folders(assembly)
        work = replace(work, needs=NEEDS, known_after={})
        outcomes = carry_out(work, dry_run=assembly.dry_run)
        if assembly.dry_run:
            _tell(report, there)
            return
        asked = any(outcome.changes for outcome in outcomes)
        _forget(assembly, report, keep=not purge_data, confirm=None if asked else confirm)


def _by_name(assembly: Assembly, further: Callable[[str], None]) -> Callable[[str], None]:
    """Asks for the stack's name, whatever else was answered; once it was typed, as usual."""
    stack, path = assembly.site.stack.name, assembly.site.storage.export
    seen: list[str] = []

    def ask(question: str) -> None:
        if seen:
            further(question)
            return
        said = typed(f"type the stack's name, {stack}, to delete {path} for good:")
        if said != stack:
            raise Refused("the stack's name was not typed; nothing was done",
                          hint="without --purge-data the data are kept")  # fmt: skip
        seen.append(said)

    return ask


def _tell(report: Report, hosts: list[str]) -> None:
    if hosts:
        report.line(f"lock: lock and journal would go last, on {', '.join(hosts)}")


def _forget(
    assembly: Assembly, report: Report, *, keep: bool, confirm: Callable[[str], None] | None
) -> None:
    """Take lock and journal away, where all else is."""
    from moorage.order import lock_home
    from moorage.order_destroy import folders, forget

    hosts = folders(assembly)
    if not hosts:
        return
    home = lock_home(assembly.site)
    if confirm:
        confirm(f"take {home} away on {', '.join(hosts)}?")
    failures = forget(assembly, hosts, keep=keep)
    done = [name for name in hosts if name not in failures]
    if done:
        kept = f"; what was done stays in {home}.jsonl" if keep else ""
        report.line(f"lock: {home} was taken away on {', '.join(done)}{kept}")
    if failures:
        raise next(iter(failures.values()))
