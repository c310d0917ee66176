"""Nexus moved to another node."""

from __future__ import annotations

from typing import Any

from moorage.cli import Flags, assembled
from moorage.cli_runs import carried_out


def relocate(context: Any, to: str, flags: Flags, *, fenced: str | None = None) -> None:
    """Stop Nexus, fence off where it was, and start it on another node.

    Args:
        to: inventory name of the node.
        fenced: names, with commas, of hosts that the operator has made sure are switched off.

    Raises:
        Exit: with the failure's lines and exit code.
    """
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
        carried_out(context, flags, assembly, report)
