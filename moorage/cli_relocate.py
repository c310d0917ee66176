"""Nexus moved to another node."""

from __future__ import annotations

from typing import Any

from moorage.cli import Flags, assembled, options
from moorage.cli_runs import waiting
from moorage.terminal import consent


def relocate(context: Any, to: str, flags: Flags, *, fenced: str | None = None) -> None:
    """Stop Nexus, fence off where it was, and start it on another node.

    Args:
        to: inventory name of the node.
        fenced: names, with commas, of hosts that the operator has made sure are switched off.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    from moorage.runner import run as carry_out

    off = [name.strip() for name in (fenced or "").split(",") if name.strip()]
    with assembled(context, flags) as (assembly, report):
        from moorage import choice
        from moorage.order_relocate import refuse_request, relocate_step
        from moorage.order_upgrade import pull_step

        refuse_request(assembly.site, to, off)
        load = assembly.site.nexus.image.distribution == "load"
        assembly.makers = {
            "image": lambda: assembly.image_step([to]),
            **({} if load else {"pull": lambda: pull_step(assembly, [to])}),
            "relocate": lambda: relocate_step(assembly, to, off),
        }
        assembly.names = tuple(choice.applicable(assembly.site, tuple(assembly.makers)))
        work = assembly.work(
            report,
            confirm=consent(yes=flags.yes or options(context).yes),
            wait_seconds=waiting(flags.wait),
        )
        carry_out(work, dry_run=assembly.dry_run)
