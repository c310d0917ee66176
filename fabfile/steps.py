"""Tasks that bring the site to what its inventory asks."""

from __future__ import annotations

from typing import Any

from fabric import task

from fabfile.flags import CHANGES
from moorage.cli import Flags


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={**CHANGES, "chown_recursive": "give Nexus' account all files below the export too"},
)
def nfs_setup(
    c: Any,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
    chown_recursive: bool = False,
) -> None:
    """Make the NFS host export the directory for Nexus' data."""
    from moorage import cli_runs

    flags = Flags(inventory, dry_run, yes, wait, verbose, chown_recursive=chown_recursive)
    cli_runs.run(c, ["nfs"], flags)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={**CHANGES, "undo": "take out what was put in, and nothing else"},
)
def nodes_setup(
    c: Any,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
    undo: bool = False,
) -> None:
    """Make machines with Docker clients of the registry."""
    from moorage import cli_runs

    flags = Flags(inventory, dry_run, yes, wait, verbose, undo=undo)
    cli_runs.run(c, ["logins", "nodes"] if undo else ["nodes", "logins"], flags)


@task(auto_shortflags=False, help=CHANGES)  # type: ignore[untyped-decorator]
def build_image(
    c: Any,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Build the Nexus image and bring it to every node."""
    from moorage import cli_runs

    cli_runs.run(c, ["image"], Flags(inventory, dry_run, yes, wait, verbose))


@task(auto_shortflags=False, help=CHANGES)  # type: ignore[untyped-decorator]
def deploy(
    c: Any,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Deploy the stack and wait until Nexus answers."""
    from moorage import cli_runs

    cli_runs.run(c, ["stack"], Flags(inventory, dry_run, yes, wait, verbose))


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **CHANGES,
        "prune": "remove what is not in the inventory, after naming what it holds",
        "resend_passwords": "send the passwords that Nexus does not give out, such as a proxy's",
    },
)
def nexus_seed(
    c: Any,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
    prune: bool = False,
    resend_passwords: bool = False,
) -> None:
    """Make Nexus as the inventory says, from its first boot."""
    from moorage import cli_runs

    flags = Flags(inventory, dry_run, yes, wait, verbose, prune, resend_passwords)
    cli_runs.run(c, ["nexus"], flags)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **CHANGES,
        "who": "admin, or a user of the inventory",
        "to": "reference to the new password; default: one is made and written down",
    },
)
def rotate(
    c: Any,
    who: str,
    to: str | None = None,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Give admin or a robot a new password, everywhere."""
    from moorage import cli_rotate

    cli_rotate.rotate(c, who, Flags(inventory, dry_run, yes, wait, verbose), to=to)


@task(auto_shortflags=False, help=CHANGES)  # type: ignore[untyped-decorator]
def up(
    c: Any,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Do all steps in order, skip what is so, verify."""
    from moorage import cli_runs

    cli_runs.up(c, Flags(inventory, dry_run, yes, wait, verbose))


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False, help={**CHANGES, "force": "renew it although it has many days left"}
)
def certificate_renew(
    c: Any,
    inventory: str | None = None,
    force: bool = False,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Renew the certificate and hand it to Traefik."""
    from moorage import cli_runs

    cli_runs.certificate_renew(c, Flags(inventory, dry_run, yes, wait, verbose), force=force)
