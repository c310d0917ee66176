"""The step ``nodes``: from what is on the machines with Docker to what the inventory asks."""

from __future__ import annotations

from collections.abc import Mapping

from moorage.change import Action, Plan
from moorage.errors import MoorageError
from moorage.steps.base import asked, those_that_answer
from moorage.steps.nodes.desired import Common, NodeDesired
from moorage.steps.nodes.observe import NodeObserved, parse, probe
from moorage.steps.nodes.plan import Node
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet

Seen = Mapping[str, NodeObserved | MoorageError]


class NodesStep:
    """NFS client, the registry's CA, names, Docker Hub's mirror; each machine by itself."""

    name = "nodes"

    def __init__(self, fleet: Fleet, wanted: Mapping[str, NodeDesired], common: Common) -> None:
        self._fleet = fleet
        self._wanted = wanted
        self._common = common

    def observe(self, progress: Progress) -> Seen:
        seen: Seen = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> dict[str, Probe]:
        common = self._common
        return dict.fromkeys(self._wanted, probe(common.home, common.names, *common.kernel))

    def read(self, answers: Mapping[str, str | MoorageError], _progress: Progress) -> Seen:
        return {name: parse(answer, name) if isinstance(answer, str) else answer
                for name, answer in answers.items()}  # fmt: skip

    def plan(self, observed: Seen) -> Plan:
        answering, notes = those_that_answer(observed)
        nodes = [Node(name, self._wanted[name], seen, self._common)
                 for name, seen in answering.items()]  # fmt: skip
        return Plan(
            self.name,
            tuple(change for node in nodes for change in node.changes()),
            tuple(notes + [note for node in nodes for note in node.notes()]),
        )

    def carry_out(self, action: Action, progress: Progress) -> None:
        """Nothing: all its actions are scripts."""
