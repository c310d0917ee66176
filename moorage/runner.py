"""The one path of every step: observe, plan, stop or apply, observe again."""

from __future__ import annotations

from moorage.change import Change, Plan, side_by_side, waves
from moorage.errors import Interrupted, MoorageError, NotConverged
from moorage.report.text import Report, shown
from moorage.steps.base import Step


def run(step: Step, report: Report, *, dry_run: bool) -> Plan:
    """Bring a step to what the inventory asks, or only say what that would take.

    Args:
        step: what to run.
        report: told of everything as it happens.
        dry_run: stop after the plan.

    Returns:
        The plan, carried out unless ``dry_run``.

    Raises:
        NotConverged: all was carried out, but differences are left.
        MoorageError: whatever stopped it; what is done already stays, and the next run goes on.
    """
    report.begin(step.name)
    try:
        plan = step.plan(step.observe(report.progress))
        report.plan(plan)
        if dry_run or plan.empty:
            report.result(plan, applied=False)
            return plan
        _apply(step, plan, report)
        _verify(step, report)
    except MoorageError as failure:
        failure.step = failure.step or step.name
        raise
    finally:
        report.quiet()
    report.result(plan, applied=True)
    return plan


def _apply(step: Step, plan: Plan, report: Report) -> None:
    done: list[str] = []

    def carry_out(change: Change) -> None:
        for action in change.actions:
            report.progress(action.summary)
            step.carry_out(action, report.progress)
        done.append(change.subject)

    try:
        for wave in waves(plan.changes):
            side_by_side(carry_out, wave)
    except KeyboardInterrupt:
        left = [change.subject for change in plan.changes if change.subject not in done]
        raise Interrupted("interrupted", done=done, left=left,
                          hint="run the same command again to carry on") from None  # fmt: skip


def _verify(step: Step, report: Report) -> None:
    left = step.plan(step.observe(report.progress))
    if not left.empty:
        raise NotConverged(
            "applied, but not all is as asked",
            evidence=[line for change in left.changes for line in _told(change)],
            hint="someone or something undoes it; look at the host, then run again",
        )


def _told(change: Change) -> list[str]:
    """What is left of a change, field by field, or as a diff where it is of a file."""
    where = f"{change.subject} on {change.host}"
    fields = [f"{where}: {item.field} is {shown(item.before)}, wanted {shown(item.after)}"
              for item in change.differences]  # fmt: skip
    return fields or [f"{where} is not as asked", *change.diff.splitlines()]
