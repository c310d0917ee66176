"""The step ``stack``: labels on nodes, the deployed stack, and a Nexus that answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from moorage.change import Action, Change, Difference, Plan
from moorage.errors import MoorageError, Refused, Unreachable
from moorage.steps.base import RunScript, asked
from moorage.steps.stack import scripts
from moorage.steps.stack.composed import Fields, not_compared, stack_fields
from moorage.steps.stack.converge import Wait
from moorage.steps.stack.observe import (
    NodeObserved,
    StackObserved,
    manager_probe,
    node_probe,
    parse_manager,
    parse_node,
)
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet
from moorage.transport.http import Web
from moorage.transport.nexus_status import nexus_status

_DIGEST_LABEL = "moorage.dockerfile"


@dataclass(frozen=True)
class StackDesired:
    """The stack that is to run.

    Args:
        stack: its name.
        service: full name of the service that is Nexus.
        compose: the rendered stack file, and the same parsed.
        image: reference of the image, and the digest its label must carry.
        eligible: inventory names of the hosts that may run Nexus.
        label: the node label that says so, as key and value; None without placement.
        volume: name and driver options of the volume; the name may be Docker's own.
        nocopy: whether the volume is mounted without copying the image's files into it.
        network: network of the ingress, which must be there already.
        converge_seconds: how long the task may take; startup_seconds: how long Nexus may.
        image_pending: whether the image will be on its nodes before this plan is applied.
        advice: what is allowed but unwise.
    """

    stack: str
    service: str
    compose_text: str
    compose: Mapping[str, Any]
    image: str
    image_digest: str
    from_registry: bool
    eligible: tuple[str, ...]
    label: tuple[str, str] | None
    volume: str
    volume_options: Mapping[str, str]
    nocopy: bool
    uid: int
    network: str | None
    converge_seconds: float
    startup_seconds: float
    image_pending: bool = False
    advice: tuple[str, ...] = ()


@dataclass(frozen=True)
class Await:
    """Wait until the service has converged and Nexus answers."""

    service: str
    former_update: str
    former_tasks: frozenset[str]

    @property
    def summary(self) -> str:
        return f"wait until {self.service} has converged and Nexus can be written to"


class StackStep:
    """Deploy through one manager; look at every node that may run Nexus."""

    name = "stack"

    def __init__(self, fleet: Fleet, manager: str, web: Web, wanted: StackDesired) -> None:
        self._fleet = fleet
        self._manager = manager
        self._web = web
        self._wanted = wanted

    def observe(self, progress: Progress) -> StackObserved:
        seen: StackObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> dict[str, Probe]:
        wanted, manager = self._wanted, self._manager
        node = node_probe(wanted.image, wanted.volume)
        whole = manager_probe(wanted.stack, wanted.image, wanted.volume)
        return {manager: whole, **{name: node for name in wanted.eligible if name != manager}}

    def read(self, answers: Mapping[str, str | MoorageError], _progress: Progress) -> StackObserved:
        wanted, manager = self._wanted, self._manager
        failed = {name: output for name, output in answers.items()
                  if isinstance(output, MoorageError)}  # fmt: skip
        # only silence is a node's own business: a refusal stops everything
        refused = [failure for failure in failed.values() if not isinstance(failure, Unreachable)]
        if refused or manager in failed or len(failed) == len(wanted.eligible):
            raise failed.get(manager) or next(iter([*refused, *failed.values()]))
        seen = parse_manager(str(answers[manager]), manager)
        nodes = {name: parse_node(str(answers[name]), name)
                 for name in wanted.eligible if name not in failed}  # fmt: skip
        return StackObserved(
            nodes=nodes,
            unreachable={name: failure.message for name, failure in failed.items()},
            swarm=seen.swarm,
            networks=seen.networks,
            services=seen.services,
            updates=seen.updates,
            tasks=seen.tasks,
            nexus=nexus_status(self._web) if wanted.service in seen.services else None,
        )

    def plan(self, observed: StackObserved) -> Plan:
        wanted = self._wanted
        self._refuse(observed)
        changes = [*self._labels(observed), *self._services(observed)]
        notes = [*wanted.advice]
        notes += [f"{place} of the stack template is not compared with what runs"
                  for place in not_compared(dict(wanted.compose))]  # fmt: skip
        notes += [f"{name} does not answer, its image and volume are unknown: {reason}"
                  for name, reason in observed.unreachable.items()]  # fmt: skip
        return Plan(self.name, tuple(changes), tuple(notes))

    def _refuse(self, observed: StackObserved) -> None:
        wanted = self._wanted
        if wanted.network and wanted.network not in observed.networks:
            raise Refused(
                f"there is no overlay network {wanted.network} in the Swarm",
                host=self._manager,
                hint=f"make it and attach Traefik to it: docker network create -d overlay "
                f"--attachable {wanted.network}; or set ingress.network",
            )
        for name, node in observed.nodes.items():
            self._refuse_image(name, node)
            if node.volume is not None and node.volume != dict(wanted.volume_options):
                raise Refused(
                    f"the volume {wanted.volume} exists with other options: "
                    f"{_told(node.volume)} instead of {_told(wanted.volume_options)}",
                    host=name,
                    hint="Docker never changes an existing volume. Set storage.volume.name: auto, "
                    f"or, with the stack stopped, on {name}: docker volume rm {wanted.volume} "
                    "(the data stay on the export)",
                )

    def _refuse_image(self, name: str, node: NodeObserved) -> None:
        wanted = self._wanted
        if wanted.from_registry or wanted.image_pending:
            return
        seen = (node.image or {}).get(_DIGEST_LABEL)
        if node.image is None or seen != wanted.image_digest:
            state = "is not there" if node.image is None else "is another build"
            raise Refused(f"the image {wanted.image} {state}", host=name,
                          hint="run fab build-image first")  # fmt: skip

    def _labels(self, observed: StackObserved) -> list[Change]:
        if self._wanted.label is None:
            return []
        key, value = self._wanted.label
        eligible = {node.node for node in observed.nodes.values()}
        # a host that does not answer keeps the label it has
        keep = eligible if not observed.unreachable else {*eligible, *observed.swarm}
        changes = []
        for node, item in observed.swarm.items():
            has = item.labels.get(key)
            after = value if node in eligible else None
            if has == after or (after is None and node in keep):
                continue
            script = scripts.label_node(node, item.hostname, key, after)
            changes.append(
                Change("update", f"node {item.hostname}", self._manager,
                       (Difference(f"label {key}", has, after),),
                       (RunScript(self._manager, script),))
            )  # fmt: skip
        # a node that may run Nexus is there before one may no longer
        changes.sort(key=lambda change: change.differences[0].after is None)
        return self._awaited(changes, observed)

    def _awaited(self, changes: list[Change], observed: StackObserved) -> list[Change]:
        """The same changes; where Swarm moves a running Nexus because of them, it is waited for."""
        service = self._wanted.service
        if not changes or service not in observed.services:
            return changes
        last = changes[-1]
        await_ = Await(service, observed.updates.get(service, ""), observed.tasks)
        return [*changes[:-1], replace(last, actions=(*last.actions, await_))]

    def _services(self, observed: StackObserved) -> list[Change]:
        wanted = self._wanted
        fields = stack_fields(dict(wanted.compose), wanted.stack)
        wrong = {name: _compared(after, observed.services.get(name))
                 for name, after in fields.items()}  # fmt: skip
        if not any(wrong.values()) and observed.nexus and not observed.nexus.writable:
            # what was cut off, or failed on the way, is carried on with
            wrong[wanted.service] = (Difference("Nexus", observed.nexus.phase, "writable"),)
        changed = [name for name, found in wrong.items() if found]
        if not changed:
            return []
        former = observed.updates.get(wanted.service, "")
        running = observed.nexus is not None and observed.nexus.writable
        moved = any(item.field.startswith("mount ") for item in wrong.get(wanted.service, ()))
        actions: list[Action] = []
        if moved or not running:
            actions += self._mount_probes(observed)
        actions.append(
            RunScript(
                self._manager,
                scripts.deploy(
                    wanted.stack, wanted.compose_text, from_registry=wanted.from_registry
                ),
            )
        )
        actions.append(Await(wanted.service, former, observed.tasks))
        return [
            Change(
                "update" if name in observed.services else "create",
                f"service {name}",
                self._manager,
                wrong[name],
                # one deployment carries all services
                tuple(actions) if name == changed[-1] else (),
            )
            for name in changed
        ]

    def _mount_probes(self, observed: StackObserved) -> list[RunScript]:
        """Needs the image on the nodes, which a registry gives them only later."""
        wanted = self._wanted
        if wanted.from_registry:
            return []
        options = dict(wanted.volume_options)
        server = options.get("o", "").partition("addr=")[2].partition(",")[0]
        script = scripts.mount_probe(
            wanted.image, server, options, wanted.uid, nocopy=wanted.nocopy
        )
        hint = f"check that {server}:2049 is up and lets this node in: fab nfs-setup"
        return [RunScript(name, script, hint) for name in observed.nodes]

    def carry_out(self, action: Action, progress: Progress) -> None:
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


def _compared(wanted: Fields, observed: Fields | None) -> tuple[Difference, ...]:
    """Every field of both sides that differs: what only Swarm has is to go."""
    if observed is None:
        return tuple(Difference(name, None, value) for name, value in wanted.items()
                     if value not in (None, [], 0, False, ""))  # fmt: skip
    return tuple(
        Difference(name, observed.get(name), wanted.get(name))
        for name in {**wanted, **observed}
        if observed.get(name) != wanted.get(name)
    )


def _told(options: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(options.items())) or "none"
