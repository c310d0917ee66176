"""A plan as data for other programs; its form is docs/plan.schema.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from moorage.change import Change, Outcome
from moorage.errors import MoorageError

SCHEMA = 1
"""Number of the form; it grows when a field goes or changes its meaning, not when one comes."""


def plan_data(site: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """All steps' plans as plain data.

    Args:
        site: path of the inventory.
    """
    return {
        "schema": SCHEMA,
        "site": site,
        "drift": any(outcome.changes for outcome in outcomes),
        "changes": sum(outcome.changes for outcome in outcomes),
        "steps": [_step(outcome) for outcome in outcomes],
    }


def _step(outcome: Outcome) -> dict[str, Any]:
    state = "changes" if outcome.changes else "unchanged"
    if outcome.unknown:
        state = "unknown"
    elif outcome.failure:
        state = "failed"
    plan = outcome.plan
    return {
        "step": outcome.step,
        "state": state,
        "reason": outcome.unknown or None,
        "error": _error(outcome.failure) if outcome.failure else None,
        "changes": [_change(change) for change in plan.changes] if plan else [],
        "notes": list(plan.notes) if plan else [],
    }


def _error(failure: MoorageError) -> dict[str, Any]:
    return {
        "exit_code": int(failure.exit_code), "host": failure.host, "message": failure.message,
        "details": [*failure.details(), *failure.besides()], "hint": failure.hint,
    }  # fmt: skip


def _change(change: Change) -> dict[str, Any]:
    return {
        "verb": change.verb,
        "subject": change.subject,
        "host": change.host,
        "differences": [
            {"field": item.field, "before": _plain(item.before), "after": _plain(item.after)}
            for item in change.differences
        ],
        "diff": change.diff,
        "actions": [action.summary for action in change.actions],
    }


def _plain(value: Any) -> Any:
    """A value as JSON has it; what it has not, as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return str(value)
