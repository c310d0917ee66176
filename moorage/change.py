"""What would be changed: differences, the actions that make them go away, and plans of both."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeVar

from moorage.errors import MoorageError

AT_ONCE = 8
"""Requests of one wave that are sent at the same time."""
HOSTS_AT_ONCE = 32
"""Hosts of one wave that are changed at the same time."""

Verb = Literal["create", "update", "remove"]
Part = TypeVar("Part")


class Action(Protocol):
    """One command, upload or request, as data: a plan holds it, only apply carries it out."""

    @property
    def summary(self) -> str:
        """What it does, in one line and without secrets."""
        ...


@dataclass(frozen=True)
class Difference:
    """One field that is not as asked; ``None`` stands for absent."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """One thing to create, update or remove.

    Args:
        verb: what happens to it.
        subject: the thing in the field's words, such as ``export /srv/nexus``.
        host: inventory name of the host it is on, or the endpoint.
        differences: field by field, old and new.
        actions: what apply carries out, in order.
        diff: unified diff, for files.
        shown_by: names of the parts of its host's probe that tell whether it took; empty for all.
        needs: subjects and hosts of the changes of the same plan that must be done before it;
            None for all that come before it.
        otherwise: actions that put things right where the others did not come to their end, be
            it by a failure or by Ctrl-C; each is tried, whatever becomes of the others.
        together: changes next to each other with the same word here do not depend on each other
            and may be carried out side by side, scripts host by host; empty where order matters.
    """

    verb: Verb
    subject: str
    host: str
    differences: tuple[Difference, ...] = ()
    actions: tuple[Action, ...] = ()
    diff: str = ""
    together: str = ""
    shown_by: tuple[str, ...] = ()
    needs: tuple[tuple[str, str], ...] | None = None
    otherwise: tuple[Action, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What it is of, the same in every plan: subject and host."""
        return self.subject, self.host

    @property
    def title(self) -> str:
        """It in one line, without values."""
        return f"{self.verb} {self.subject}"


@dataclass(frozen=True)
class Plan:
    """Ordered changes of one step; empty where everything is as asked.

    Args:
        step: name of the step.
        changes: in the order in which they are applied.
        notes: what the operator should know although nothing is done about it.
    """

    step: str
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.changes

    def same_as(self, other: Plan) -> bool:
        """Whether both show the operator the same changes."""
        return _shown(self) == _shown(other)


@dataclass(frozen=True)
class Outcome:
    """What came of one step: its plan, or why there is none.

    Args:
        plan: what would be or was changed.
        failure: what stopped it.
        unknown: why its state cannot be known yet, or why it was left out.
    """

    step: str
    plan: Plan | None = None
    failure: MoorageError | None = None
    unknown: str = ""

    @property
    def changes(self) -> int:
        return len(self.plan.changes) if self.plan else 0


def _shown(plan: Plan) -> list[Change]:
    # what is remembered for apply, such as ids of tasks, is not shown
    return [replace(change, actions=(), otherwise=()) for change in plan.changes]


def waves(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Changes in order, those that may be carried out side by side in one list."""
    for word, wave in itertools.groupby(changes, key=lambda change: change.together):
        if word:
            yield list(wave)
        else:
            yield from ([change] for change in wave)


def by_host(wave: Sequence[Change]) -> list[list[Change]]:
    """A wave's changes host by host, in their order on each."""
    lanes: dict[str, list[Change]] = {}
    for change in wave:
        lanes.setdefault(change.host, []).append(change)
    return list(lanes.values())


def side_by_side(
    work: Callable[[Part], None], wave: Sequence[Part], at_once: int = AT_ONCE
) -> None:
    """Do something about each part of a wave, several at once.

    After a failure or Ctrl-C no further one is begun, and those under way are waited for, so that
    it is known what was done.

    Raises:
        Exception: the first failure, in the order of the parts.
    """
    if len(wave) == 1:
        work(wave[0])
        return
    from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

    pool = ThreadPoolExecutor(min(at_once, len(wave)))
    try:
        begun = [pool.submit(work, part) for part in wave]
        wait(begun, return_when=FIRST_EXCEPTION)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    for one in begun:
        if not one.cancelled():
            one.result()


def differences(
    desired: Mapping[str, Any], observed: Mapping[str, Any] | None
) -> tuple[Difference, ...]:
    """The fields of ``desired`` that ``observed`` has otherwise; all of them where it is absent.

    Fields that only ``observed`` has are not managed and do not count.
    """
    seen: Mapping[str, Any] = observed or {}
    return tuple(
        Difference(field, seen.get(field), after)
        for field, after in desired.items()
        if observed is None or seen.get(field) != after
    )


def file_diff(path: str, before: str | None, after: str) -> str:
    """Unified diff of a file's text; the whole text where there was no file."""
    lines = difflib.unified_diff(
        (before or "").splitlines(), after.splitlines(), f"{path} (now)", path, lineterm=""
    )
    return "\n".join(lines)
