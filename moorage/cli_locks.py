"""Tasks on locks and journals: who is at work, an end to what was left behind, who did what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moorage import lock_shell
from moorage.cli import Flags, assembled, options
from moorage.errors import MoorageError, Refused
from moorage.journal import history as read_history
from moorage.lock import Holder, holder, locked
from moorage.order import Assembly, lock_home
from moorage.terminal import typed
from moorage.transport.base import sections


def _states(assembly: Assembly, names: list[str]) -> Mapping[str, Holder | MoorageError | None]:
    """Who has the lock of each host."""
    script = lock_shell.read(lock_home(assembly.site)).script()
    return assembly.fleet.each(
        names, lambda host: holder(sections(host.read(script)).get("state"), host.name)
    )


def _names(context: Any, assembly: Assembly) -> list[str]:
    return list(options(context).hosts) or list(assembly.site.named_hosts())


def lock_status(context: Any, flags: Flags) -> None:
    """Print who has the lock of each host.

    Raises:
        Exit: a host could not be looked at.
    """
    with assembled(context, flags, any_host=True) as (assembly, report):
        failures = []
        for name, found in _states(assembly, _names(context, assembly)).items():
            if isinstance(found, MoorageError):
                failures.append(found)
                report.line(f"{name}: not known: {found.message}")
            elif found is None:
                report.line(f"{name}: free")
            else:
                stale = "stale, " if found.stale else ""
                report.line(f"{name}: {found.told()} ({stale}last sign of life {found.age} s ago)")
        if failures:
            raise failures[0]


def unlock(context: Any, flags: Flags, *, force: bool = False) -> None:
    """Take away the locks that runs left behind; a live one's only by force.

    Args:
        force: take a live run's lock too, once the stack's name was typed.

    Raises:
        Exit: 6 where a lock is live, 3 where the name was not typed.
    """
    with assembled(context, flags, any_host=True) as (assembly, report):
        states = _states(assembly, _names(context, assembly))
        failures = [found for found in states.values() if isinstance(found, MoorageError)]
        held = [found for found in states.values() if isinstance(found, Holder)]
        live = [found for found in held if not found.stale]
        if live and not force:
            failure = locked(live[0])
            failure.hint = "it is at work; to take its lock all the same: fab unlock --force"
            raise failure
        for found in live:
            report.line(f"{found.host}: {found.told()} (last sign of life {found.age} s ago)")
        stack = assembly.site.stack.name
        if live and typed(f"type the stack's name, {stack}, to take the lock:") != stack:
            raise Refused("the stack's name was not typed; nothing was unlocked")
        for found in held:
            script = lock_shell.release(lock_home(assembly.site), found.key, "interrupted")
            assembly.fleet.host(found.host).change(script).require(script, found.host)
            report.line(f"{found.host}: unlocked; it was {found.told()}")
        if not held and not failures:
            report.line("no host is locked")
        if failures:
            raise failures[0]


def history(context: Any, flags: Flags, *, lines: str = "50", as_json: bool = False) -> None:
    """Print the last changes of all hosts, oldest first.

    Args:
        lines: how many.
        as_json: one JSON line a change.

    Raises:
        Exit: a journal could not be read.
    """
    with assembled(context, flags, any_host=True) as (assembly, report):
        if not lines.isdecimal() or not int(lines):
            raise Refused(f"--lines: {lines} is not a number of lines")
        names = _names(context, assembly)
        home = lock_home(assembly.site)
        entries, failures = read_history(assembly.fleet, home, names, int(lines))
        for entry in entries:
            report.line(json.dumps(entry.data(), ensure_ascii=False) if as_json else entry.line())
        if not entries and not failures and not as_json:
            report.line("nothing was changed yet")
        if failures:
            raise failures[0]
