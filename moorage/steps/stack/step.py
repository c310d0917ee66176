"""The step ``stack``: labels on nodes, the deployed stack, and a Nexus that answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from moorage.change import Action, Plan
from moorage.errors import MoorageError, Refused, Unreachable
from moorage.ingress.running import running_version
from moorage.steps.base import asked
from moorage.steps.stack.converge import Wait
from moorage.steps.stack.desired import Await, StackDesired
from moorage.steps.stack.labels import label_changes
from moorage.steps.stack.local_data import MoveFirst, move_first
from moorage.steps.stack.observe import (
    NodeObserved,
    StackObserved,
    manager_probe,
    node_probe,
    parse_manager,
    parse_node,
)
from moorage.steps.stack.placement import holder, where_to
from moorage.steps.stack.refusals import later, refuse
from moorage.steps.stack.services import service_changes
from moorage.steps.stack.uncompared import not_compared
from moorage.steps.stack.volumes import former_changes, volume_changes
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet
from moorage.transport.http import Web
from moorage.transport.nexus_status import nexus_status


class StackStep:
    """Deploy through one manager; look at every node that may run Nexus."""

    name = "stack"

    def __init__(
        self, fleet: Fleet, manager: str, web: Web, wanted: StackDesired,
        for_traefik: Callable[[str], StackDesired] | None = None,
    ) -> None:  # fmt: skip
        """A step.

        Args:
            wanted: what is asked; but for the labels where ``for_traefik`` is given.
            for_traefik: what is asked in front of a version of Traefik that is still to be told.
        """
        self._fleet = fleet
        self._manager = manager
        self._web = web
        self._wanted = wanted
        self._for_traefik = for_traefik

    def observe(self, progress: Progress) -> StackObserved:
        seen: StackObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> dict[str, Probe]:
        wanted, manager = self._wanted, self._manager
        asked_for = (wanted.stack, wanted.image, wanted.volume)
        node = node_probe(*asked_for)
        whole = manager_probe(
            *asked_for, tuple(wanted.fields()), traefik=self._for_traefik is not None,
            home=wanted.home,
        )  # fmt: skip
        return {manager: whole, **{name: node for name in wanted.eligible if name != manager}}

    def read(self, answers: Mapping[str, str | MoorageError], _progress: Progress) -> StackObserved:
        wanted, manager = self._wanted, self._manager
        failed = {name: output for name, output in answers.items()
                  if isinstance(output, MoorageError)}  # fmt: skip
        if manager in failed:
            raise failed[manager]
        seen = parse_manager(str(answers[manager]), manager, wanted.addresses)
        nodes: dict[str, NodeObserved] = {}
        for name in (name for name in wanted.eligible if name not in failed):
            try:
                nodes[name] = parse_node(str(answers[name]), name, wanted.service, wanted.volume)
            except Unreachable as failure:
                failed[name] = failure
            except MoorageError as failure:
                if not wanted.pinned:
                    raise
                failed[name] = failure
        if wanted.pinned:
            # the others are no business of the stack: Nexus may not start there
            where = holder(wanted, nodes, seen.swarm)
            if where in failed:
                raise failed[where] if where == manager else where_to(failed[where], where, wanted)
            nodes, failed = {where: nodes[where]}, {}
        # only silence is a node's own business: a refusal stops everything
        refused = [failure for failure in failed.values() if not isinstance(failure, Unreachable)]
        if refused or not nodes:
            raise next(iter([*refused, *failed.values()]))
        return StackObserved(
            nodes=nodes,
            unreachable={name: failure.message for name, failure in failed.items()},
            swarm=seen.swarm,
            networks=seen.networks,
            services=seen.services,
            updates=seen.updates,
            tasks=seen.tasks,
            nexus=nexus_status(self._web) if wanted.service in seen.services else None,
            traefik=seen.traefik,
            pending=seen.pending,
        )

    def plan(self, observed: StackObserved) -> Plan:
        wanted, manager = self._wanted, self._manager
        if self._for_traefik is not None:
            wanted = self._for_traefik(running_version(observed.traefik, wanted.network))
        if data := move_first(wanted, observed, manager):
            return Plan(self.name, (data,), (*wanted.advice, *wanted.limits))
        refuse(wanted, observed, manager)
        services = service_changes(wanted, observed, manager)
        changes = (
            *label_changes(wanted, observed, manager, last=not services),
            *volume_changes(wanted, observed, manager),
            *services,
            *former_changes(wanted, observed),
        )
        notes = [*wanted.advice, *wanted.limits]
        notes += [f"{place} of the stack template is not compared with what runs"
                  for place in not_compared(dict(wanted.compose))]  # fmt: skip
        notes += later(wanted, observed)
        notes += [f"{name} does not answer, its image and volume are unknown: {reason}"
                  for name, reason in observed.unreachable.items()]  # fmt: skip
        return Plan(self.name, changes, tuple(notes))

    def carry_out(self, action: Action, progress: Progress) -> None:
        if isinstance(action, MoveFirst):
            raise Refused(
                f"Nexus' data are in {action.place}: to deploy would leave them behind",
                host=self._manager, hint="run fab data-move first, which takes them to the export",
            )  # fmt: skip
        assert isinstance(action, Await)  # noqa: S101
        self._await(action, progress)

    def _await(self, action: Await, progress: Progress) -> None:
        wanted = self._wanted
        wait = Wait(
            self._fleet.host(self._manager),
            action.service,
            wanted.converge_seconds,
            former_update=action.former_update,
            former_tasks=action.former_tasks,
        )
        wait.until_converged(progress)
        wait.seconds = wanted.startup_seconds
        wait.until_writable(self._web, progress)
