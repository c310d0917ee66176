"""Tasks on the site's hosts, for ``fab``: what runs on this machine is in ``tasks.py``."""

from __future__ import annotations

import logging
from typing import Any

from fabric import task

# Invoke's debug log tells the whole configuration, the sudo password with it
logging.getLogger("invoke").setLevel(logging.INFO)
logging.getLogger("fabric").setLevel(logging.INFO)

_INVENTORY = "name under inventories/ or path of a site.yml; default: MOORAGE_INVENTORY"
_DRY_RUN = "show what would change and stop"
_HELP = {"inventory": _INVENTORY, "dry_run": _DRY_RUN}


@task(auto_shortflags=False, help=_HELP)  # type: ignore[untyped-decorator]
def nfs_setup(c: Any, inventory: str | None = None, dry_run: bool = False) -> None:
    """Make the NFS host export the directory for Nexus' data."""
    from moorage import cli

    cli.run(c, ["nfs"], inventory=inventory, dry_run=dry_run)


@task(auto_shortflags=False, help=_HELP)  # type: ignore[untyped-decorator]
def build_image(c: Any, inventory: str | None = None, dry_run: bool = False) -> None:
    """Build the Nexus image and bring it to every node."""
    from moorage import cli

    cli.run(c, ["image"], inventory=inventory, dry_run=dry_run)


@task(auto_shortflags=False, help=_HELP)  # type: ignore[untyped-decorator]
def deploy(c: Any, inventory: str | None = None, dry_run: bool = False) -> None:
    """Deploy the stack and wait until Nexus answers."""
    from moorage import cli

    cli.run(c, ["stack"], inventory=inventory, dry_run=dry_run)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **_HELP,
        "prune": "remove what is not in the inventory, after naming what it holds",
        "resend_passwords": "send the passwords that Nexus does not give out, such as a proxy's",
    },
)
def nexus_seed(
    c: Any,
    inventory: str | None = None,
    dry_run: bool = False,
    prune: bool = False,
    resend_passwords: bool = False,
) -> None:
    """Make Nexus as the inventory says, from its first boot."""
    from moorage import cli

    cli.run(c, ["nexus"], inventory=inventory, dry_run=dry_run, prune=prune,
            resend_passwords=resend_passwords)  # fmt: skip


@task(auto_shortflags=False, help={"inventory": _INVENTORY})  # type: ignore[untyped-decorator]
def verify(c: Any, inventory: str | None = None) -> None:
    """Prove from outside that login, push and pull work."""
    from moorage import cli

    cli.verify(c, inventory=inventory)


@task(auto_shortflags=False, help=_HELP)  # type: ignore[untyped-decorator]
def up(c: Any, inventory: str | None = None, dry_run: bool = False) -> None:
    """Do all steps in order, skip what is so, verify."""
    from moorage import cli

    cli.up(c, inventory=inventory, dry_run=dry_run)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        "inventory": _INVENTORY,
        "trust_host_keys": "show unknown SSH host keys and write them down after a question",
    },
)
def doctor(c: Any, inventory: str | None = None, trust_host_keys: bool = False) -> None:
    """Check hosts, Swarm, names and certificate."""
    from moorage import cli

    cli.doctor(c, inventory=inventory, trust_host_keys=trust_host_keys)
