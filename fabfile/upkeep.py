"""Tasks that move Nexus, tidy up after it, or take the site away."""

from __future__ import annotations

from typing import Any

from fabric import task

from fabfile.flags import CHANGES
from moorage.cli import Flags


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **CHANGES,
        "to": "name of the node in the inventory",
        "fenced": "names of hosts that you have made sure are switched off, with commas",
    },
)
def relocate(
    c: Any,
    to: str,
    fenced: str | None = None,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Move Nexus to another node, its data fenced off.

    example: fab relocate --to swarm2 --dry-run
    """
    from moorage import cli_relocate

    flags = Flags(inventory, dry_run, yes, wait, verbose)
    cli_relocate.relocate(c, to, flags, fenced=fenced)


@task(auto_shortflags=False, help=CHANGES)  # type: ignore[untyped-decorator]
def clean(
    c: Any,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Remove old images, volumes and secrets from nodes.

    example: fab clean --dry-run
    """
    from moorage import cli_clean

    cli_clean.clean(c, Flags(inventory, dry_run, yes, wait, verbose))


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **CHANGES,
        "only": "types of tasks, with commas: cleanup-policies, docker-gc, docker-uploads, "
        "unused-blobs, compact-blob-store",
        "timeout": "how long one task may take; default: 4h",
    },
)
def gc(
    c: Any,
    only: str | None = None,
    timeout: str = "4h",
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Run Nexus' clean-up tasks and wait for their end.

    example: fab gc --only docker-gc,compact-blob-store --timeout 2h
    """
    from moorage import cli_clean

    flags = Flags(inventory, dry_run, yes, wait, verbose)
    cli_clean.gc(c, flags, only=only, timeout=timeout)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **CHANGES,
        "purge_data": "delete the data and their export too, after typing the stack's name",
        "images": "remove the images that were built too",
    },
)
def destroy(
    c: Any,
    inventory: str | None = None,
    purge_data: bool = False,
    images: bool = False,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Take the site away; the data and their export stay.

    example: fab destroy --images --dry-run
    """
    from moorage import cli_destroy

    flags = Flags(inventory, dry_run, yes, wait, verbose)
    cli_destroy.destroy(c, flags, purge_data=purge_data, images=images)
