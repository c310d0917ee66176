"""The step ``relocate``: Nexus on another node, and never on two."""

from __future__ import annotations

from collections.abc import Mapping

from moorage.change import Action, Plan
from moorage.errors import MoorageError, Unreachable
from moorage.steps.base import answer_of, asked
from moorage.steps.pending_upgrade import UnderWay
from moorage.steps.relocate.desired import AwaitStart, RelocateDesired
from moorage.steps.relocate.observe import (
    NodeSeen,
    RelocateObserved,
    manager_probe,
    node_probe,
    parse_manager,
    parse_node,
    parse_server,
    server_probe,
)
from moorage.steps.relocate.plan import changes
from moorage.steps.relocate.refusals import refuse, refuse_stopped
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet
from moorage.transport.http import Web
from moorage.transport.nexus_status import nexus_status


class RelocateStep:
    """Move Nexus by the NFS host, one manager and all hosts of the Swarm.

    Args:
        manager: inventory name of the manager worked through; server: of the NFS host.
        web: Nexus by its name.
    """

    name = "relocate"

    def __init__(
        self, fleet: Fleet, manager: str, server: str, web: Web, wanted: RelocateDesired
    ) -> None:
        self._fleet = fleet
        self._manager = manager
        self._server = server
        self._web = web
        self._wanted = wanted
        self._left = UnderWay()

    def observe(self, progress: Progress) -> RelocateObserved:
        seen: RelocateObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> dict[str, Probe]:
        wanted = self._wanted
        node = node_probe(wanted.service, wanted.volume, wanted.servers)
        addresses = [machine.address for machine in wanted.swarm.values()]
        probes = {self._server: server_probe(wanted.path, wanted.file, addresses)}
        for name in wanted.swarm:
            probes[name] = manager_probe(node, wanted.home) if name == self._manager else node
        return probes

    def read(
        self, answers: Mapping[str, str | MoorageError], _progress: Progress
    ) -> RelocateObserved:
        wanted = self._wanted
        server = parse_server(answer_of(answers, self._server), wanted.path, self._server)
        swarm = parse_manager(answer_of(answers, self._manager), wanted.label, self._manager)
        nodes: dict[str, NodeSeen] = {}
        silent: dict[str, MoorageError] = {}
        for name in wanted.swarm:
            answer = answers[name]
            if isinstance(answer, Unreachable):
                silent[name] = answer
            elif isinstance(answer, MoorageError):
                raise answer
            else:
                nodes[name] = parse_node(answer, wanted.path, wanted.servers, name)
        there = wanted.to in nodes and nodes[wanted.to].containers
        return RelocateObserved(
            server=server, nodes=nodes, silent=silent, members=swarm.members,
            replicas=swarm.replicas, update=swarm.update, tasks=swarm.tasks,
            nexus=nexus_status(self._web) if there and swarm.replicas else None,
            pending=swarm.pending,
        )  # fmt: skip

    def plan(self, observed: RelocateObserved) -> Plan:
        wanted = self._wanted
        refuse(wanted, observed, self._manager, self._server)
        if observed.replicas:
            # what is noted although it runs is of a run long gone
            self._left = observed.pending
        elif observed.pending != self._left:
            refuse_stopped(wanted, observed, self._manager)
        found = tuple(changes(wanted, observed, self._manager, self._server))
        notes = [f"{name} does not answer and is not asked: {failure.message}"
                 for name, failure in observed.silent.items()]  # fmt: skip
        if found:
            notes += [f"{name} is taken for switched off, on your word" for name in wanted.fenced]
        return Plan(self.name, found, tuple(notes))

    def carry_out(self, action: Action, progress: Progress) -> None:
        assert isinstance(action, AwaitStart)  # noqa: S101
        self._wanted.scripts.wait(action.former_update, action.former_tasks, progress)
