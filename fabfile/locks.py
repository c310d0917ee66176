"""Tasks about who is at work on a host, and what was done there."""

from __future__ import annotations

from typing import Any

from fabric import task

from fabfile.flags import LOOKS
from moorage.cli import Flags


@task(auto_shortflags=False, help=LOOKS)  # type: ignore[untyped-decorator]
def lock_status(c: Any, inventory: str | None = None, verbose: bool = False) -> None:
    """Show who is changing which host.

    example: fab lock-status --inventory prod
    """
    from moorage import cli_locks

    cli_locks.lock_status(c, Flags(inventory, verbose=verbose))


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={**LOOKS, "force": "take a live run's lock too, after typing the stack's name"},
)
def unlock(
    c: Any, inventory: str | None = None, force: bool = False, verbose: bool = False
) -> None:
    """Take away the locks that a dead run left behind.

    example: fab unlock --force
    """
    from moorage import cli_locks

    cli_locks.unlock(c, Flags(inventory, verbose=verbose), force=force)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={**LOOKS, "lines": "how many; default: 50", "json": "one JSON line a change"},
)
def history(
    c: Any,
    inventory: str | None = None,
    lines: str = "50",
    json: bool = False,
    verbose: bool = False,
) -> None:
    """Show who changed what, from the hosts' journals.

    example: fab history --lines 20
    """
    from moorage import cli_locks

    cli_locks.history(c, Flags(inventory, verbose=verbose), lines=lines, as_json=json)
