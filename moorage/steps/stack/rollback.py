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
from moorage.steps.deployed import KEPT, images_of, same_data
from moorage.steps.pending_upgrade import UNDER_WAY, UnderWay, under_way
from moorage.steps.stack import scripts
from moorage.steps.stack.converge import Wait
from moorage.steps.stack.desired import Await, StackDesired
from moorage.transport.base import Probe, Progress, all_sections
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
        images: names and tags of the images on each node that answers and may run Nexus.
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
            images={name: _images(answer, name) for name, answer in answers.items()
                    if name in self._wanted.eligible and isinstance(answer, str)},
            pending=under_way(found),
        )  # fmt: skip

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
        _refuse_other_data(now, former)
        pulls = self._pulls(now, former, observed)
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
        wanted = self._wanted
        for image in images_of(former) if images_of(now) != images_of(former) else ():
            for node in (name for name, there in observed.images.items() if image not in there):
                if not wanted.from_registry:
                    raise Refused(
                        f"the image {image} of the former stack is not there any more", host=node,
                        hint="bring the former inventory and templates back, then fab build-image "
                        "and fab deploy",
                    )  # fmt: skip
                yield RunScript(node, scripts.pull(image, wanted.login))

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


def _images(output: str, host: str) -> frozenset[str]:
    part = all_sections(output, _IMAGES, _SUMMARY, host)["images"]
    return frozenset(part.text.split())


def _refuse_other_data(now: str, former: str) -> None:
    """Make sure that the former Nexus can read the data.

    Raises:
        Refused: it is another version, or another image that does not tell.
    """
    if not same_data(now, former):
        raise Refused(
            f"the change was from {', '.join(images_of(former))} to {', '.join(images_of(now))}: "
            "a version that has migrated the data does not go back that way",
            hint="set nexus.version to the former one: fab restore puts a backup of it in place "
            "and deploys it; an upgrade that is not over goes back by fab upgrade --back",
        )
