"""Tasks that look at the site and change nothing."""

from __future__ import annotations

from typing import Any

from fabric import task

from fabfile.flags import LOOKS
from moorage.cli import Flags


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **LOOKS,
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
    """Show what would change, of all steps or some.

    example: fab plan --step nfs,stack --check
    """
    from moorage import cli_looks

    flags = Flags(inventory, verbose=verbose)
    cli_looks.plan(c, flags, step=step, check=check, as_json=json)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **LOOKS,
        "slow_upload": "also upload for 70 s, longer than Traefik waits by default",
    },
)
def verify(
    c: Any, inventory: str | None = None, slow_upload: bool = False, verbose: bool = False
) -> None:
    """Prove from outside that login, push and pull work.

    example: fab verify --slow-upload
    """
    from moorage import cli_looks

    cli_looks.verify(c, Flags(inventory, verbose=verbose), slow_upload=slow_upload)


@task(  # type: ignore[untyped-decorator]
    auto_shortflags=False,
    help={
        **LOOKS,
        "trust_host_keys": "show unknown SSH host keys and write them down after a question",
    },
)
def doctor(
    c: Any, inventory: str | None = None, trust_host_keys: bool = False, verbose: bool = False
) -> None:
    """Check hosts, Swarm, names and certificate.

    example: fab -H swarm1 doctor --trust-host-keys
    """
    from moorage import cli_looks

    cli_looks.doctor(c, Flags(inventory, verbose=verbose), trust_host_keys=trust_host_keys)
