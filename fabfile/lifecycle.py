"""Tasks that keep the site well over the years: backups, upgrades, and the ways back."""

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
    """Back Nexus' data up, as of one moment.

    example: fab backup --verify --yes
    """
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
    """Prove a backup by restoring it beside the service.

    example: fab backup-verify --wait 30m
    """
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
    """Put a backup in the place of the data.

    example: fab restore --dry-run
    """
    from moorage import cli_backup

    flags = Flags(inventory, dry_run, yes, wait, verbose)
    cli_backup.restore(c, flags, generation=from_, any_version=any_version)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **CHANGES,
        "to": "the version of Nexus, such as 3.95.0",
        "base": "what its image is built upon, where nexus.image.base has a tag that does not tell",
        "back": "bring the version back that ran before an upgrade that is not over",
    },
)
def upgrade(
    c: Any,
    to: str | None = None,
    base: str | None = None,
    back: bool = False,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Bring Nexus to another version, or back.

    example: fab upgrade --to 3.95.0 --dry-run
    """
    from moorage import cli_upgrade

    flags = Flags(inventory, dry_run, yes, wait, verbose)
    cli_upgrade.upgrade(c, flags, to=to, base=base, back=back)


@task(auto_shortflags=False, help=CHANGES)  # type: ignore[untyped-decorator]
def rollback(
    c: Any,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Undo the last change of the stack.

    example: fab rollback --dry-run
    """
    from moorage import cli_rollback

    cli_rollback.rollback(c, Flags(inventory, dry_run, yes, wait, verbose))
