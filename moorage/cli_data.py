"""``fab data-move``: Nexus' data, from a node's own disk to the export."""

from __future__ import annotations

from typing import Any

from moorage.cli import Flags, assembled
from moorage.cli_runs import carried_out


def move(context: Any, flags: Flags, *, source: str | None, checksums: str) -> None:
    """Copy, stop, copy the rest, compare, and start with the export; see the step ``data``.

    Args:
        source: inventory name of the node to copy from, where that is not clear.
        checksums: ``all`` or ``sample``.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    from moorage.order import lock_home
    from moorage.order_data import data_step

    with assembled(context, flags) as (assembly, report):
        step = data_step(
            assembly.fleet, assembly.site, assembly.manager, assembly.nexus_web(),
            lock_home(assembly.site), source=source or "", checksums=checksums,
        )  # fmt: skip
        carried_out(context, flags, assembly, report, {"data": lambda: step})
