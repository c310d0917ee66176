"""The step ``stop``: a new version that failed stands still before its data are taken back.

So it is left where that fails as well: with no Nexus that works on data that nobody is sure of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moorage.change import Action, Change, Difference, Plan
from moorage.errors import MoorageError
from moorage.steps.base import answer_of, asked
from moorage.steps.stack.standstill import Standstill
from moorage.transport.base import Probe, Progress, all_sections
from moorage.transport.fleet import Fleet
from moorage.transport.parsing import parser

_SUMMARY = "see whether Nexus stands still"
_PARTS = {
    "tasks": "docker service inspect --format '{{.Spec.Mode.Replicated.Replicas}}' -- \"$service\"",
    "held": '[ -s "$home/stopped" ] && [ -e "$home/stopped.hold" ]',
}


@dataclass(frozen=True)
class StopObserved:
    """What there is.

    Args:
        tasks: how many the service is to have; None where it is not there.
        held: whether nobody starts it again by himself.
    """

    tasks: int | None
    held: bool


class StopStep:
    """Stop Nexus, prove it, and let nobody start it by himself.

    Args:
        why: for whoever finds it stopped, in one line.
    """

    name = "stop"

    def __init__(self, fleet: Fleet, standstill: Standstill, why: str) -> None:
        self._fleet = fleet
        self._standstill = standstill
        self._why = why

    def observe(self, progress: Progress) -> StopObserved:
        seen: StopObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> Mapping[str, Probe]:
        still = self._standstill
        values = {"home": still.home, "service": still.service}
        return {still.manager: Probe(_SUMMARY, _PARTS, values)}

    @parser("the Swarm")
    def read(self, answers: Mapping[str, str | MoorageError], _progress: Progress) -> StopObserved:
        manager = self._standstill.manager
        found = all_sections(answer_of(answers, manager), _PARTS, _SUMMARY, manager)
        tasks = found["tasks"]
        return StopObserved(int(tasks.text) if tasks.ok else None, found["held"].ok)

    def plan(self, observed: StopObserved) -> Plan:
        if observed.tasks is None or (observed.tasks == 0 and observed.held):
            return Plan(self.name)
        still = self._standstill
        actions = (*still.stop(self._why, lambda: None), still.hold())
        change = Change("update", f"service {still.service}", still.manager,
                        (Difference("tasks", str(observed.tasks), "0"),), actions)  # fmt: skip
        return Plan(self.name, (change,))

    def carry_out(self, action: Action, _progress: Progress) -> None:
        raise AssertionError(f"every action of this step is a script: {action.summary}")
