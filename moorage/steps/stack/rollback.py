"""The step ``rollback``: the stack as it was deployed before, where its data fit that.

What was deployed is kept on the manager: Swarm's own former definition is that of before the last
standstill, with no task at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from moorage.change import Action, Change, Plan, file_diff
from moorage.errors import MoorageError, Refused
from moorage.steps.base import RunScript, answer_of, asked
from moorage.steps.deployed import KEPT, familiar, images_of, same_data, short_name
from moorage.steps.pending_upgrade import UNDER_WAY, UnderWay, under_way
from moorage.steps.stack import scripts
from moorage.steps.stack.converge import Wait
from moorage.steps.stack.desired import Await, StackDesired
from moorage.transport.base import Probe, Progress, Section, all_sections
from moorage.transport.fleet import Fleet
from moorage.transport.http import Web
from moorage.transport.parsing import parser

_SUMMARY = "read what was deployed"
_IMAGES = {"images": "docker image ls --format '{{.Repository}}:{{.Tag}}'"}
_PARTS = {
    **KEPT,
    **_IMAGES,
    "update": "docker service inspect --format "
    "'{{if .UpdateStatus}}{{json .UpdateStatus.StartedAt}}{{end}}' -- \"$service\"",
    "tasks": "docker stack ps --no-trunc --format '{{.ID}}' -- \"$stack\"",
    "runs": "docker service ps --filter desired-state=running --format '{{.Node}}' -- \"$service\"",
    **UNDER_WAY,
}


@dataclass(frozen=True)
class RollbackObserved:
    """What was deployed.

    Args:
        now: text of the stack that was deployed last; former: of the one before; None where none
            is known.
        update: when the service's last update began.
        tasks: ids of the stack's tasks.
        images: names and tags of the images on each node that answers and may get the task: of
            one that stays where it is, on that node alone.
        pending: what is not over.
    """

    now: str | None
    former: str | None
    update: str
    tasks: frozenset[str]
    images: Mapping[str, frozenset[str]]
    pending: UnderWay


class RollbackStep:
    """Deploy the former stack.

    Args:
        wanted: the stack of the inventory; its names and time limits are used.
    """

    name = "rollback"

    def __init__(self, fleet: Fleet, manager: str, web: Web, wanted: StackDesired) -> None:
        self._fleet = fleet
        self._manager = manager
        self._web = web
        self._wanted = wanted
        self._target: str | None = None

    def observe(self, progress: Progress) -> RollbackObserved:
        seen: RollbackObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> Mapping[str, Probe]:
        wanted = self._wanted
        values = {"home": wanted.home, "service": wanted.service, "stack": wanted.stack}
        nodes = dict.fromkeys(wanted.eligible, Probe(_SUMMARY, _IMAGES, {}))
        return {**nodes, self._manager: Probe(_SUMMARY, _PARTS, values)}

    @parser("the Swarm")
    def read(
        self, answers: Mapping[str, str | MoorageError], _progress: Progress
    ) -> RollbackObserved:
        output = answer_of(answers, self._manager)
        found = all_sections(output, _PARTS, _SUMMARY, self._manager)
        return RollbackObserved(
            now=found["now"].text + "\n" if found["now"].ok else None,
            former=found["former"].text + "\n" if found["former"].ok else None,
            update=found["update"].text.strip().strip('"') if found["update"].ok else "",
            tasks=frozenset(found["tasks"].text.split()) if found["tasks"].ok else frozenset(),
            images=dict(self._images(answers, found["runs"])),
            pending=under_way(found),
        )

    def plan(self, observed: RollbackObserved) -> Plan:
        now, former = observed.now, observed.former
        if self._target is not None and now == self._target:
            return Plan(self.name)
        # what an upgrade goes back to is told by the image that runs
        observed.pending.refuse_upgrade(self._manager)
        observed.pending.refuse_start(self._manager)
        if now is None or former is None:
            raise Refused("what was deployed before is not known on this manager",
                          host=self._manager, hint="it is kept from the second fab deploy on; else "
                          "bring the former inventory back and run fab deploy")  # fmt: skip
        _refuse_other_data(now, former, self._service)
        pulls = tuple(self._pulls(now, former, observed))
        self._target = former
        wanted = self._wanted
        deploy = scripts.deploy(wanted.stack, former, from_registry=wanted.from_registry,
                                login=wanted.login, home=wanted.home)  # fmt: skip
        change = Change(
            "update", f"stack {wanted.stack}", self._manager,
            actions=(*pulls, RunScript(self._manager, deploy),
                     Await(wanted.service, observed.update, observed.tasks)),
            diff=file_diff("stack.yml", now, former),
        )  # fmt: skip
        return Plan(self.name, (change,), (
            "the inventory asks for what is undone still: mend it, or fab up does it again",
        ))  # fmt: skip

    def _pulls(self, now: str, former: str, observed: RollbackObserved) -> Iterator[RunScript]:
        """What brings the former image to the nodes while the present one still runs.

        Raises:
            Refused: it is not there, and no registry has it.
        """
        ours, theirs = (images_of(stack)[self._service] for stack in (now, former))
        for node, there in observed.images.items() if ours != theirs else ():
            if familiar(theirs) in there:
                continue
            if not self._wanted.from_registry:
                raise Refused(
                    f"the image {theirs} of the former stack is not there any more", host=node,
                    hint="bring the former inventory and templates back, then fab build-image "
                    "and fab deploy",
                )  # fmt: skip
            yield RunScript(node, scripts.pull(theirs, self._wanted.login))

    @property
    def _service(self) -> str:
        """The service's name in the stack file."""
        return short_name(self._wanted.service, self._wanted.stack)

    def _images(
        self, answers: Mapping[str, str | MoorageError], runs: Section
    ) -> Iterator[tuple[str, frozenset[str]]]:
        """What the nodes have that answer, and that the task may be on after this."""
        pinned = self._wanted.pinned
        on = runs.text.split() if runs.ok else []
        for name in self._wanted.eligible:
            answer = answers.get(name)
            if not isinstance(answer, str) or (on and pinned and pinned[name] not in on):
                continue
            part = all_sections(answer, _IMAGES, _SUMMARY, name)["images"]
            if part.ok:
                yield name, frozenset(part.text.split())

    def carry_out(self, action: Action, progress: Progress) -> None:
        assert isinstance(action, Await)  # noqa: S101
        wanted = self._wanted
        wait = Wait(
            self._fleet.host(self._manager), action.service, wanted.converge_seconds,
            former_update=action.former_update, former_tasks=action.former_tasks,
        )  # fmt: skip
        wait.until_converged(progress)
        wait.seconds = wanted.startup_seconds
        wait.until_writable(self._web, progress)


def _refuse_other_data(now: str, former: str, service: str) -> None:
    """Make sure that the former Nexus can read the data.

    Raises:
        Refused: it is another version, or another image that does not tell.
    """
    if not same_data(now, former, service):
        theirs, ours = (images_of(stack).get(service, "none") for stack in (former, now))
        raise Refused(
            f"the change was from {theirs} to {ours}: a version that has migrated the data does "
            "not go back that way",
            hint="set nexus.version to the former one: fab restore puts a backup of it in place "
            "and deploys it; an upgrade that is not over goes back by fab upgrade --back",
        )
