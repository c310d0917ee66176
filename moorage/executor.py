"""Fabric's executor, taught the inventory: ``-H`` selects, and is checked before anything runs.

Named in ``fabric.yaml``; it has no effect when set by a collection's own configuration.
"""

from __future__ import annotations

from typing import Any

from fabric.executor import Executor
from invoke.exceptions import Exit
from invoke.tasks import Call


class InventoryExecutor(Executor):  # type: ignore[misc]
    """Runs each task once; hands it the hosts of ``-H`` instead of a connection to each."""

    begun = False
    """Whether the line was understood, so that what fails is a task's own."""

    def expand_calls(self, calls: list[Any], apply_hosts: bool = True) -> list[Any]:
        """Make the flags of the line hold for all its tasks, and check ``-H``."""
        InventoryExecutor.begun = True
        if not apply_hosts:
            return super().expand_calls(calls, apply_hosts=False)  # type: ignore[no-any-return]
        calls = [call if isinstance(call, Call) else Call(task=call) for call in calls]
        ours = [call for call in calls if "inventory" in _parameters(call)]
        _share_inventory(ours)
        _refuse_ambiguous_dry_run(ours)
        core = self.core[0].args
        hosts = [name.strip() for name in (core.hosts.value or "").split(",") if name.strip()]
        if hosts and ours:
            from moorage.cli import selected_hosts

            hosts = selected_hosts(hosts, ours[0].kwargs.get("inventory"))
        settings = {"hosts": hosts, "debug": bool(core.debug.value)}
        # load_overrides would replace those of the flags: --dry, --identity, the sudo password
        self.config["moorage"] = settings
        return super().expand_calls(calls, apply_hosts=not ours)  # type: ignore[no-any-return]


def _parameters(call: Call) -> set[str]:
    return {str(argument.name) for argument in call.task.get_arguments()}


def _share_inventory(calls: list[Call]) -> None:
    """A flag binds to the task before it alone: let all tasks of the line have the same site."""
    given = {call.kwargs["inventory"] for call in calls if call.kwargs.get("inventory")}
    if len(given) > 1:
        raise Exit(f"error: one line, one inventory: {' and '.join(sorted(given))} were named", 3)
    for call in calls:
        if given:
            call.kwargs["inventory"] = next(iter(given))


def _refuse_ambiguous_dry_run(calls: list[Call]) -> None:
    if len(calls) > 1 and any(call.kwargs.get("dry_run") for call in calls):
        raise Exit(
            "error: --dry-run would hold for one of several tasks only\n"
            "  what to do: set MOORAGE_DRY_RUN=1 for the whole line",
            3,
        )
