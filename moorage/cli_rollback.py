"""``fab rollback``: from its flags to a run."""

from __future__ import annotations

from typing import Any

from moorage.cli import Flags, assembled
from moorage.cli_runs import carried_out


def rollback(context: Any, flags: Flags) -> None:
    """Deploy the stack as it was before its last change, where that did not touch the data.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    with assembled(context, flags) as (assembly, report):
        from moorage.order_upgrade import rollback_step

        carried_out(context, flags, assembly, report, {"rollback": lambda: rollback_step(assembly)})
