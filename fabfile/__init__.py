"""Tasks on the site's hosts, for ``fab``: what runs on this machine is in ``tasks.py``."""

from __future__ import annotations

import logging
from typing import Any

from fabric import task

from moorage.cli import Flags, spare_collector

# Invoke's debug log tells the whole configuration, the sudo password with it
logging.getLogger("invoke").setLevel(logging.INFO)
logging.getLogger("fabric").setLevel(logging.INFO)

spare_collector()

_LOOKS = {
    "inventory": "name under inventories/ or path of a site.yml; default: MOORAGE_INVENTORY",
    "verbose": "tell each remote command with its exit code and time",
}
_CHANGES = {
    **_LOOKS,
    "dry_run": "show what would change and stop",
    "yes": "carry the plan out without a question; also: MOORAGE_YES=1",
    "wait": "how long to wait for another operator, such as 10m; default: not at all",
}


@task(auto_shortflags=False, help=_CHANGES)  # type: ignore[untyped-decorator]
def nfs_setup(
    c: Any,
    inventory: str | None = None,
    dry_run: bool = False,
    yes: bool = False,
    wait: str | None = None,
    verbose: bool = False,
) -> None:
    """Make the NFS host export the directory for Nexus' data."""
    from moorage import cli_runs

    cli_runs.run(c, ["nfs"], Flags(inventory, dry_run, yes, wait, verbose))


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={**_CHANGES, "undo": "take out what was put in, and nothing else"},
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


@task(auto_shortflags=False, help=_CHANGES)  # type: ignore[untyped-decorator]
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


@task(auto_shortflags=False, help=_CHANGES)  # type: ignore[untyped-decorator]
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
        **_CHANGES,
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
        **_CHANGES,
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


@task(auto_shortflags=False, help=_CHANGES)  # type: ignore[untyped-decorator]
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
    auto_shortflags=False,
    help={
        **_LOOKS,
        "step": "names of the steps to look at, with commas; default: all",
        "check": "end with 2 where anything would change",
        "json": "print the plan as data, by docs/plan.schema.json",
    },
)
def plan(
    c: Any,
    inventory: str | None = None,
    step: str | None = None,
    check: bool = False,
    json: bool = False,
    verbose: bool = False,
) -> None:
    """Show what would change, of all steps or some."""
    from moorage import cli_looks

    flags = Flags(inventory, verbose=verbose)
    cli_looks.plan(c, flags, step=step, check=check, as_json=json)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **_LOOKS,
        "slow_upload": "also upload for 70 s, longer than Traefik waits by default",
    },
)
def verify(
    c: Any, inventory: str | None = None, slow_upload: bool = False, verbose: bool = False
) -> None:
    """Prove from outside that login, push and pull work."""
    from moorage import cli_looks

    cli_looks.verify(c, Flags(inventory, verbose=verbose), slow_upload=slow_upload)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **_LOOKS,
        "trust_host_keys": "show unknown SSH host keys and write them down after a question",
    },
)
def doctor(
    c: Any, inventory: str | None = None, trust_host_keys: bool = False, verbose: bool = False
) -> None:
    """Check hosts, Swarm, names and certificate."""
    from moorage import cli_looks

    cli_looks.doctor(c, Flags(inventory, verbose=verbose), trust_host_keys=trust_host_keys)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False, help={**_CHANGES, "force": "renew it although it has many days left"}
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


@task(auto_shortflags=False, help=_LOOKS)  # type: ignore[untyped-decorator]
def lock_status(c: Any, inventory: str | None = None, verbose: bool = False) -> None:
    """Show who is changing which host."""
    from moorage import cli_locks

    cli_locks.lock_status(c, Flags(inventory, verbose=verbose))


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={**_LOOKS, "force": "take a live run's lock too, after typing the stack's name"},
)
def unlock(
    c: Any, inventory: str | None = None, force: bool = False, verbose: bool = False
) -> None:
    """Take away the locks that a dead run left behind."""
    from moorage import cli_locks

    cli_locks.unlock(c, Flags(inventory, verbose=verbose), force=force)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={**_LOOKS, "lines": "how many; default: 50", "json": "one JSON line a change"},
)
def history(
    c: Any,
    inventory: str | None = None,
    lines: str = "50",
    json: bool = False,
    verbose: bool = False,
) -> None:
    """Show who changed what, from the hosts' journals."""
    from moorage import cli_locks

    cli_locks.history(c, Flags(inventory, verbose=verbose), lines=lines, as_json=json)
