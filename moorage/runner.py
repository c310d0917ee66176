"""The one path of every step: observe, plan, stop or apply, observe again."""

from __future__ import annotations

from moorage.change import Plan
from moorage.errors import MoorageError, NotConverged
from moorage.report.text import Report
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
    for change in plan.changes:
        for action in change.actions:
            report.progress(action.summary)
            step.carry_out(action, report.progress)


def _verify(step: Step, report: Report) -> None:
    left = step.plan(step.observe(report.progress))
    if not left.empty:
        raise NotConverged(
            "applied, but not all is as asked",
            evidence=[
                f"{change.subject} on {change.host}: {difference.field} is "
                f"{difference.before}, wanted {difference.after}"
                for change in left.changes
                for difference in change.differences
            ],
            hint="someone or something undoes it; look at the host, then run again",
        )
