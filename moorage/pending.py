"""A step whose plan is being carried out: what its hosts said last, and what is not done."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from moorage.change import Change, Plan
from moorage.errors import MoorageError, NotConverged
from moorage.gather import Answer
from moorage.planning import Work
from moorage.report.words import shown
from moorage.steps.base import HostStep, Step
from moorage.transport.base import brought_up_to_date


@dataclass
class Pending:
    """A step whose plan is being carried out.

    Args:
        answers: what its hosts said last.
        observed: what it made of that.
        partly: whether that was read host by host, at different times.
        undone: keys of the changes that failed or were left out.
        failures: why, in the order in which it was seen.
    """

    step: Step
    plan: Plan
    answers: dict[str, Answer]
    observed: Any = None
    partly: bool = False
    undone: list[tuple[str, str]] = field(default_factory=list)
    failures: list[MoorageError] = field(default_factory=list)
    _taking: threading.Lock = field(default_factory=threading.Lock)
    """Held while what one of several hosts said is taken over."""

    def blocker(self, change: Change) -> str:
        """The subject of a change that this one needs and that is not done; empty for none."""
        needed = self.undone if change.needs is None else change.needs
        return next((key[0] for key in needed if key in self.undone), "")

    def in_the_middle(self, change: Change) -> bool:
        """Whether a change leaves what a later one puts right, by the same actions if need be."""
        later = self.plan.changes[self.plan.changes.index(change) + 1 :]
        return any(one.otherwise == change.otherwise for one in later)

    def shown_by(self, change: Change) -> tuple[str, ...]:
        """The parts to read after a change; all of them after the last one of a plan."""
        return () if change is self.plan.changes[-1] else change.shown_by

    def saw(self, work: Work, host: str, output: str, *, whole: bool) -> None:
        """Take over what one host says now, wholly or in part."""
        assert isinstance(self.step, HostStep)  # noqa: S101
        newer = work.gatherer.taken(self.step, output)
        with self._taking:
            former = self.answers[host]
            keep = not whole and isinstance(former, str)
            self.answers[host] = brought_up_to_date(str(former), newer) if keep else newer
            self.observed = work.gatherer.read(self.step, self.answers)
            self.partly = len(self.answers) > 1 or not whole
            self.checked()

    def checked(self) -> None:
        """Raise what stood in the way of observing."""
        if isinstance(self.observed, MoorageError):
            raise self.observed


def not_converged(message: str, left: Sequence[Change]) -> NotConverged:
    """What is left of changes, field by field, or as a diff where it is of a file."""
    evidence = []
    for change in left:
        where = f"{change.subject} on {change.host}"
        fields = [f"{where}: {item.field} is {shown(item.before)}, wanted {shown(item.after)}"
                  for item in change.differences]  # fmt: skip
        evidence += fields or [f"{where} is not as asked", *change.diff.splitlines()]
    return NotConverged(
        message, evidence=evidence,
        hint="someone or something undoes it; look at the host, then run again",
    )  # fmt: skip
