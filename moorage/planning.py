"""What a run is made of, and its plans as far as they can be known."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moorage.change import Outcome
from moorage.errors import Locked, MoorageError
from moorage.gather import Gathered, Gatherer
from moorage.lock import Holder, Lock, locked
from moorage.report.text import Report
from moorage.steps.base import Foreseeing, Step

_RETRY_SECONDS = 2.0


@dataclass(frozen=True)
class Work:
    """What a run is made of.

    Args:
        steps: in the order in which they follow each other.
        needs: names of the steps that must not have failed before a step, by its name.
        known_after: names of the steps whose changes decide what a step sees, by its name.
        gatherer: looks at the site.
        report: told of everything as it happens.
        confirm: asks whether to go on; raises where not.
        lock: makes the locks for some plans.
        where: inventory name of the host whose lock and journal stand for a change's host.
        wait_seconds: how long another's lock is waited for.
        vital: names of the steps of which none may be refused before anything is begun.
    """

    steps: Sequence[Step]
    needs: Mapping[str, Sequence[str]]
    known_after: Mapping[str, Sequence[str]]
    gatherer: Gatherer
    report: Report
    confirm: Callable[[str], None]
    lock: Callable[[Sequence[Outcome]], Lock]
    where: Callable[[str], str]
    wait_seconds: float = 0.0
    vital: Collection[str] = ()


def look(work: Work) -> tuple[list[Outcome], Mapping[str, Holder]]:
    """Observe all steps side by side and plan them; give besides who holds a lock."""
    for step in work.steps:
        work.report.begin(step.name)
    try:
        gathered = work.gatherer.look(work.steps)
    finally:
        work.report.quiet()
    return planned(work, gathered), gathered.holders


def planned(work: Work, gathered: Gathered) -> list[Outcome]:
    """A plan for each step, as far as it can be known."""
    return plans(work.steps, work.known_after, gathered.observed)


def plans(
    steps: Sequence[Step], known_after: Mapping[str, Sequence[str]], observed: Mapping[str, Any]
) -> list[Outcome]:
    """A plan for each step of what it saw; arguments as :class:`Work` and Gathered have them."""
    outcomes: dict[str, Outcome] = {}
    for step in steps:
        before = [name for name in known_after.get(step.name, ()) if name in outcomes]
        first = [name for name in before if outcomes[name].changes or not outcomes[name].plan]
        if first:
            outcomes[step.name] = Outcome(
                step.name,
                unknown=f"known only after {' and '.join(first)} is applied{_foreseen(step)}",
            )
        else:
            outcomes[step.name] = outcome_of(step, observed[step.name])
    return list(outcomes.values())


def _foreseen(step: Step) -> str:
    told = step.foreseen() if isinstance(step, Foreseeing) else ""
    return f"; it asks for {told}" if told else ""


def outcome_of(step: Step, observed: object) -> Outcome:
    """The plan for what a step saw, or the failure."""
    try:
        if isinstance(observed, MoorageError):
            raise observed
        return Outcome(step.name, plan=step.plan(observed))
    except MoorageError as failure:
        failure.step = failure.step or step.name
        return Outcome(step.name, failure=failure)


def free(work: Work, outcomes: list[Outcome], holders: Mapping[str, Holder]) -> list[Outcome]:
    """The same plans once nobody else changes their hosts.

    Raises:
        Locked: somebody does, for longer than is waited.
    """
    deadline = time.monotonic() + work.wait_seconds
    waited = False
    while others := [holder for host in work.lock(outcomes).hosts
                     if (holder := holders.get(host)) and not holder.stale]:  # fmt: skip
        if time.monotonic() >= deadline:
            raise locked(others[0])
        waited = True
        until_free(work, work.lock(outcomes).hosts, others[0].told(), deadline)
        outcomes, holders = look(work)
    if waited:
        work.report.outcomes(outcomes, ())
    return outcomes


def until_free(work: Work, hosts: Sequence[str], told: str, deadline: float) -> None:
    """Wait until nobody else has one of these hosts, and ask for nothing but that meanwhile.

    Args:
        told: who has one now, in words.

    Raises:
        Locked: somebody has at the deadline.
    """
    while told:
        work.report.progress(work.steps[0].name, f"waiting: {told}")
        time.sleep(_RETRY_SECONDS)
        others = [one for one in work.gatherer.holders(hosts) if not one.stale]
        if others and time.monotonic() >= deadline:
            raise locked(others[0])
        told = others[0].told() if others else ""


def raise_first(outcomes: Sequence[Outcome]) -> None:
    """Raise the first failure, which tells of the others, each host's once.

    Raises:
        MoorageError: there is one.
    """
    failures = [outcome.failure for outcome in outcomes if outcome.failure]
    if not failures:
        return
    first = failures[0]
    told: dict[tuple[str | None, str], MoorageError] = {}
    for failure in failures:
        for one in (failure, *failure.also):
            # one host's silence is the failure of every step that asks it
            told.setdefault((one.host, one.message), one)
    if not isinstance(first, Locked):
        first.also = list(told.values())[1:]
    raise first
