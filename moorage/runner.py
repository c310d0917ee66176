"""The one path of every run: observe, plan, show, stop or apply."""

from __future__ import annotations

from collections.abc import Sequence

from moorage.change import Outcome
from moorage.planning import Work, free, look, raise_first
from moorage.report.words import count


def run(work: Work, *, dry_run: bool) -> list[Outcome]:
    """Bring steps to what the inventory asks, or only say what that would take.

    Args:
        dry_run: stop after the plan.

    Returns:
        What would be or was changed, step by step.

    Raises:
        Refused: the plan was not confirmed.
        Locked: another operator is changing one of the hosts.
        MoorageError: that of the first step that failed; what is done already stays.
    """
    outcomes, holders = look(work)
    work.report.outcomes(outcomes, [holder.told() for holder in holders.values()])
    if dry_run:
        work.report.summary(outcomes)
    elif any(outcome.changes for outcome in outcomes):
        _refuse_halves(work, outcomes)
        outcomes = free(work, outcomes, holders)
        _refuse_halves(work, outcomes)
        work.confirm(f"carry out {count(sum(one.changes for one in outcomes), 'change')}?")
        from moorage.apply import apply

        outcomes = apply(work, outcomes)
    raise_first(outcomes)
    return outcomes


def _refuse_halves(work: Work, outcomes: Sequence[Outcome]) -> None:
    """Begin nothing where what is known now would stop it half-way.

    Raises:
        MoorageError: that of a step without which nothing is begun.
    """
    if any(outcome.failure and outcome.step in work.vital for outcome in outcomes):
        raise_first(outcomes)
