"""Tasks that keep the site well over the years: backups, and what is made of them."""

from __future__ import annotations

from typing import Any

from fabric import task

from fabfile.flags import CHANGES
from moorage.cli import Flags


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={**CHANGES, "verify": "prove it: restore it beside the service and compare"},
)
def backup(
    c: Any,
    inventory: str | None = None,
    verify: bool = False,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Back Nexus' data up, as of one moment."""
    from moorage import cli_backup

    cli_backup.backup(c, Flags(inventory, dry_run, yes, wait, verbose), verify=verify)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={**CHANGES, "from": "name of the backup; default: the newest"},
)
def backup_verify(
    c: Any,
    from_: str | None = None,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Prove a backup by restoring it beside the service."""
    from moorage import cli_backup

    flags = Flags(inventory, dry_run, yes, wait, verbose)
    cli_backup.backup_verify(c, flags, generation=from_)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **CHANGES,
        "from": "name of the backup; default: the newest",
        "any_version": "take a backup of another version of Nexus too",
    },
)
def restore(
    c: Any,
    from_: str | None = None,
    any_version: bool = False,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Put a backup in the place of the data."""
    from moorage import cli_backup

    flags = Flags(inventory, dry_run, yes, wait, verbose)
    cli_backup.restore(c, flags, generation=from_, any_version=any_version)
