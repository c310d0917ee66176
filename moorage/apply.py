"""Carries plans out under the lock: change by change, each looked at again and written down."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from moorage import journal, lock_shell
from moorage.acting import Acting
from moorage.change import (
    HOSTS_AT_ONCE,
    Change,
    Outcome,
    Plan,
    by_host,
    side_by_side,
    waves,
)
from moorage.errors import Interrupted, Locked, MoorageError
from moorage.gather import Answer, Gathered
from moorage.lock import Lock
from moorage.pending import Pending, not_converged
from moorage.planning import Work, outcome_of, planned, until_free
from moorage.steps.base import HostStep, RunScript, Step

LOCKING = "lock"
"""What failed where a run came to nothing before its first step."""


def apply(work: Work, told: Sequence[Outcome]) -> list[Outcome]:
    """Carry out what was shown, planned once more under the lock.

    Raises:
        Locked: another operator was quicker, or took the lock over.
        Refused: what is there now asks for other changes, and those were not confirmed.
    """
    lock = work.lock(told)
    session = _Session(work, lock, {outcome.step: outcome for outcome in told})
    try:
        with lock.kept():
            return session.run(_take(work, lock))
    except KeyboardInterrupt:
        work.report.line("interrupted: giving the lock back; Ctrl-C again leaves at once")
        raise Interrupted(
            "interrupted; Swarm goes on with what it was told", done=session.done,
            left=session.left(), hint="run the same command again to carry on",
        ) from None  # fmt: skip
    finally:
        for host, failure in lock.release(session.results).items():
            why = f"({failure.message}): it turns stale by itself in 2 minutes"
            work.report.line(f"note: the lock on {host} could not be given back {why}")


def _take(work: Work, lock: Lock) -> Gathered:
    """Lock all hosts in their order and look at everything again, as one.

    Raises:
        Locked: one is another's for longer than is waited.
    """
    deadline = time.monotonic() + work.wait_seconds
    while True:
        known_dead = dict(lock.dead)
        try:
            return work.gatherer.look(work.steps, lock)
        except Locked as failure:
            lock.release({})
            if lock.dead != known_dead:
                continue
            if time.monotonic() >= deadline:
                raise
            hosts = [host for host in lock.hosts if host not in lock.passed]
            until_free(work, hosts, failure.message, deadline)
        except MoorageError as failure:
            failure.step = failure.step or LOCKING
            raise


@dataclass
class _Session:
    """One run under its locks.

    Args:
        told: what the operator has seen, by step.
        results: how the last changes noted on a host ended, which its journal does not have yet.
        done: what was carried out and took, and where.
    """

    work: Work
    lock: Lock
    told: dict[str, Outcome]
    results: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    acting: Acting = field(init=False)

    def __post_init__(self) -> None:
        self.acting = Acting(self.work, self.lock, self.results)

    def left(self) -> list[str]:
        """What was shown and is not done."""
        return [told for outcome in self.told.values() if outcome.plan
                for change in outcome.plan.changes
                if (told := _subject(change)) not in self.done]  # fmt: skip

    def run(self, gathered: Gathered) -> list[Outcome]:
        """All steps; one that fails stops those that need it."""
        done: dict[str, Outcome] = {}
        changed: set[str] = set()
        first = {outcome.step: outcome for outcome in planned(self.work, gathered)}
        for step in self.work.steps:
            needs = self.work.needs.get(step.name, ())
            stopped = [
                name
                for name in needs
                if name in done and (done[name].failure or done[name].unknown)
            ]
            if stopped:
                reason = f"left out, since {' and '.join(stopped)} failed"
                done[step.name] = Outcome(step.name, unknown=reason)
                self.work.report.line(f"{step.name}: {reason}")
                continue
            self.work.report.begin(step.name)
            outcome, seen = first[step.name], gathered
            # what was to be known later came about meanwhile, perhaps between the two looks
            later = outcome.unknown or (outcome.failure and self.told[step.name].unknown)
            if changed & set(needs) or later:
                seen = self.work.gatherer.look([step])
                outcome = outcome_of(step, seen.observed[step.name])
            done[step.name] = self._step(step, outcome, seen.answers.get(step.name, {}))
            changed |= {step.name} if outcome.changes else set()
        return list(done.values())

    def _step(self, step: Step, outcome: Outcome, answers: dict[str, Answer]) -> Outcome:
        report, plan = self.work.report, outcome.plan
        if plan is None or plan.empty:
            report.outcome(outcome)
            return outcome
        self._agree(step, plan)
        pending = Pending(step, plan, answers)
        try:
            self._changes(pending)
        except MoorageError as failure:
            for one in (failure, *failure.also):
                one.step = one.step or step.name
            if isinstance(failure, Locked):
                raise
            return Outcome(step.name, plan, failure)
        finally:
            report.quiet()
        report.applied(plan)
        return outcome

    def _agree(self, step: Step, plan: Plan) -> None:
        """Ask again where the plan is not the one that was shown; lock what it needs besides."""
        before = self.told[step.name].plan
        if before is None or not plan.same_as(before):
            self.work.report.plan(plan)
            why = "now it can be known" if before is None else "it has changed since it was shown"
            self.work.confirm(f"{step.name}: {why}: carry this out?")
        wanted = self.work.lock([Outcome(step.name, plan)])
        known = {*self.lock.taken, *(self.lock.passed & wanted.besides)}
        self.lock.hosts = [host for host in wanted.hosts if host not in known]
        self.lock.manager = self.lock.manager or wanted.manager
        self.lock.others |= wanted.others
        self.lock.besides = wanted.besides
        if self.lock.hosts:
            self.work.gatherer.look([], self.lock)
        self.lock.require_over()

    def _changes(self, pending: Pending) -> None:
        for wave in waves(pending.plan.changes):
            todo = [change for change in wave if change.actions and self._may(pending, change)]
            scripts = any(isinstance(action, RunScript)
                          for change in todo for action in change.actions)  # fmt: skip
            if len(todo) > 1 and not scripts:
                self._wave(pending, todo)
                continue
            lanes = by_host(todo)
            if lanes:
                side_by_side(lambda lane: self._lane(pending, lane), lanes, HOSTS_AT_ONCE)
        if pending.failures:
            first, *first.also = pending.failures
            raise first
        if pending.partly:
            self._look(pending)
        left = pending.step.plan(pending.observed)
        if not left.empty:
            raise not_converged("applied, but not all is as asked", left.changes)

    def _lane(self, pending: Pending, lane: list[Change]) -> None:
        """Changes of one host of a wave, one after the other."""
        for change in lane:
            with self._noted(pending, change):
                self._change(pending, change)

    def _may(self, pending: Pending, change: Change) -> bool:
        blocker = pending.blocker(change)
        if blocker:
            pending.undone.append(change.key)
            self.work.report.line(f"{pending.step.name} on {change.host}: left out: "
                                  f"{change.title}, since {blocker} failed")  # fmt: skip
        return not blocker

    @contextlib.contextmanager
    def _noted(self, pending: Pending, change: Change) -> Iterator[None]:
        """Keep a failure for later, since what does not need the change goes on."""
        try:
            yield
        except Locked:
            raise
        except MoorageError as failure:
            self.results[self._at(change.host)] = failure.result
            pending.undone.append(change.key)
            failure.host = failure.host or change.host
            pending.failures.append(failure)
        else:
            self.done.append(_subject(change))

    def _wave(self, pending: Pending, wave: list[Change]) -> None:
        """Changes by other means than scripts, several at once; looked at again together."""
        step, where = pending.step, self.work.where(wave[0].host)
        self.acting.note(where, "\n".join(
            journal.beginning(self.lock.me, step.name, change, change.actions[0])
            for change in wave
        ))  # fmt: skip
        results = dict.fromkeys((change.key for change in wave), lock_shell.LEFT)

        def carry_out(change: Change) -> None:
            results[change.key] = "failed"
            for action in change.actions:
                self.work.report.progress(step.name, action.summary)
                step.carry_out(action, self.work.gatherer.progress(step.name))
            results[change.key] = "done"

        try:
            with self._noted(pending, wave[0]):
                side_by_side(carry_out, wave)
                self._look(pending, where)
                left = {one.key: one for one in step.plan(pending.observed).changes}
                missed = [left[change.key] for change in wave if change.key in left]
                results |= {change.key: "failed" for change in missed}
                if missed:
                    raise not_converged("done, but it did not take", missed)
        finally:
            self.results[self._at(where)] = "\n".join(results.values())
            pending.undone += [key for key, result in results.items() if result != "done"]
            self.done += [_subject(one) for one in wave[1:] if results[one.key] == "done"]

    def _change(self, pending: Pending, change: Change) -> None:
        """One change, then a look at what it changed."""
        seen = self.acting.all_of(pending, change)
        try:
            self._took(pending, change, seen)
        except BaseException as cause:
            if pending.in_the_middle(change):
                self.acting.put_right(pending, change, cause)
            raise

    def _took(self, pending: Pending, change: Change, seen: str) -> None:
        """Look at what a change changed, and raise where it is not so."""
        where, at = self.work.where(change.host), self._at(change.host)
        self.results[at] = "failed"
        if seen and getattr(change.actions[-1], "host", where) == where:
            pending.saw(self.work, where, seen, whole=not pending.shown_by(change))
        elif change is pending.plan.changes[-1]:
            self._look(pending)
        else:
            self._look(pending, change.host, change.shown_by)
        left = [one for one in pending.step.plan(pending.observed).changes
                if one.key == change.key]  # fmt: skip
        if left:
            raise not_converged("done, but it did not take", left)
        self.results[at] = "done"

    def _at(self, host: str) -> str:
        """The name of the machine whose journal has what is done about a host."""
        return self.lock.machine(self.work.where(host))

    def _look(self, pending: Pending, host: str = "", parts: Sequence[str] = ()) -> None:
        """Observe the step again: one host of it, or all."""
        gatherer, step = self.work.gatherer, pending.step
        probe = gatherer.probe(step, host, parts) if isinstance(step, HostStep) else None
        if probe is not None:
            output = gatherer.fleet.host(host).read(probe.script())
            pending.saw(self.work, host, output, whole=not parts)
            return
        gathered = gatherer.look([pending.step])
        pending.answers = gathered.answers.get(pending.step.name, {})
        pending.observed = gathered.observed[pending.step.name]
        pending.partly = False
        pending.checked()


def _subject(change: Change) -> str:
    """What a change is of: the same thing may be on several hosts."""
    return f"{change.subject} on {change.host}"
