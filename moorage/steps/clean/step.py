"""The step ``clean``: former images, volume definitions, secrets and configs, on every node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from moorage.change import Action, Change, Difference, Plan
from moorage.errors import MoorageError
from moorage.quoting import Script
from moorage.steps.base import RunScript, answer_of, asked, those_that_answer
from moorage.steps.clean.observe import (
    Image,
    NodeSeen,
    SwarmSeen,
    manager_probe,
    node_probe,
    parse_manager,
    parse_node,
)
from moorage.steps.clean.plan import Left, called, in_words, left_over
from moorage.steps.deployed import short_name
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet

_IMAGE = """
for state in created exited dead; do
  docker ps -aq --filter "ancestor=$image" --filter "status=$state" \\
    --filter "label=com.docker.swarm.service.name=$service" | while read -r id; do
    docker rm -- "$id" >/dev/null
  done
done
for name in $names; do docker image rm -- "$name" >&2 || exit 1; done
"""
_THING = """
docker "$kind" rm -- "$name" >&2
"""


@dataclass(frozen=True)
class CleanDesired:
    """What is still of use.

    Args:
        stack: name of the stack; service: full name of the service that is Nexus.
        image: name and tag of the image that is to run; None where the whole site goes: then all
            images that were built for it go, and the rest is seen to by others.
        repository: the image's name without tag.
        volumes: names of the volumes of the stack file.
        hosts: inventory names of all that may have had any of it.
        remove_volume: takes a volume's definition away, by its name.
        home: folder of lock and journal on the manager.
    """

    stack: str
    service: str
    image: str | None
    repository: str
    volumes: tuple[str, ...]
    hosts: tuple[str, ...]
    remove_volume: Callable[[str], Script]
    home: str


@dataclass(frozen=True)
class CleanObserved:
    """What there is: of the Swarm, and of each host or why it does not answer."""

    swarm: SwarmSeen
    nodes: Mapping[str, NodeSeen | MoorageError]


class CleanStep:
    """Remove what nothing uses, through one manager and on each host by itself."""

    name = "clean"

    def __init__(self, fleet: Fleet, manager: str, wanted: CleanDesired) -> None:
        self._fleet = fleet
        self._manager = manager
        self._wanted = wanted

    def observe(self, progress: Progress) -> CleanObserved:
        seen: CleanObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> dict[str, Probe]:
        stack, home = self._wanted.stack, self._wanted.home
        return {
            name: manager_probe(stack, home) if name == self._manager else node_probe(stack)
            for name in dict.fromkeys((self._manager, *self._wanted.hosts))
        }

    def read(self, answers: Mapping[str, str | MoorageError], _progress: Progress) -> CleanObserved:
        service = short_name(self._wanted.service, self._wanted.stack)
        return CleanObserved(
            parse_manager(answer_of(answers, self._manager), self._manager, service),
            {name: parse_node(answer, name) if isinstance(answer, str) else answer
             for name, answer in answers.items()},
        )  # fmt: skip

    def plan(self, observed: CleanObserved) -> Plan:
        nodes, notes = those_that_answer(observed.nodes)
        changes, total = [], 0
        for name, node in nodes.items():
            left = self._left(node, observed.swarm)
            changes += [self._image(name, image) for image in left.images]
            changes += [self._volume(name, volume) for volume in left.volumes]
            notes += [f"{name}: {reason}" for reason in left.kept]
            if left.images:
                notes.append(f"{name}: {in_words(left.freed)} will be freed")
                total += left.freed
        if total:
            notes.append(f"all together: {in_words(total)} will be freed")
        if self._wanted.image:
            changes += self._things(observed.swarm)
        return Plan(self.name, tuple(changes), tuple(notes))

    def _left(self, node: NodeSeen, swarm: SwarmSeen) -> Left:
        wanted = self._wanted
        names = {"name": wanted.repository, "stack": wanted.stack, "service": wanted.service}
        if wanted.image:
            in_use = {*swarm.images, wanted.image}
            return left_over(node, **names, wanted=in_use, volumes=wanted.volumes)
        # its tasks and volumes are gone by the time that it is carried out
        others = tuple(one for one in node.containers if one.service != wanted.service)
        alone = replace(node, containers=others, volumes={})
        return left_over(alone, **names, wanted=(), volumes=())

    def _change(
        self, subject: str, host: str, what: Difference, script: Script, part: str
    ) -> Change:
        return Change(
            "remove", subject, host, (what,), (RunScript(host, script),),
            together=self.name, needs=(), shown_by=(part, "builds", "containers"),
        )  # fmt: skip

    def _image(self, host: str, image: Image) -> Change:
        shown = called(image)
        script = Script(
            f"remove the image {shown}", _IMAGE,
            {"image": image.id, "names": image.tags or (image.id,),
             "service": self._wanted.service},
        )  # fmt: skip
        difference = Difference("size with all layers", in_words(image.size), None)
        return self._change(f"image {shown}", host, difference, script, "images")

    def _volume(self, host: str, volume: str) -> Change:
        difference = Difference("definition", "of former options; the data stay", None)
        script = self._wanted.remove_volume(volume)
        return self._change(f"volume {volume}", host, difference, script, "volumes")

    def _things(self, swarm: SwarmSeen) -> Iterator[Change]:
        for kind, name in sorted(swarm.there - swarm.used):
            script = Script(f"remove the {kind} {name}", _THING, {"kind": kind, "name": name})
            difference = Difference("used by", "no service", None)
            yield self._change(f"{kind} {name}", self._manager, difference, script, f"{kind}s")

    def carry_out(self, action: Action, _progress: Progress) -> None:
        raise AssertionError(f"every action of this step is a script: {action.summary}")
