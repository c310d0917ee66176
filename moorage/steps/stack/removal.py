"""The step ``stack`` the other way round: everything of it goes, and the data stay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from moorage.change import Action, Change, Difference, Plan
from moorage.errors import MoorageError, Refused
from moorage.quoting import Script
from moorage.steps.base import RunScript, answer_of, asked
from moorage.steps.stack import scripts, volume_scripts
from moorage.steps.stack.observe import SwarmNode, swarm_nodes
from moorage.transport.base import Probe, Progress, Section, all_sections
from moorage.transport.fleet import Fleet
from moorage.transport.parsing import parser

_SECONDS = 120
_VOLUME_SECONDS = 20
KINDS = ("service", "network", "secret", "config")
_OWN = "docker KIND ls --filter \"label=com.docker.stack.namespace=$stack\" --format '{{.Name}}'"
_NODE_PARTS = {
    "volumes": (
        f'docker() {{ timeout {_VOLUME_SECONDS} docker "$@"; }}\n'
        "names=$(docker volume ls -q) || exit\n"
        'own() { grep -e "^$stack-data-" -e "^${stack}_" -e "^$volume\\$"; }\n'
        'names=$(printf "%s\\n" "$names" | own)\n'
        '[ -n "$names" ] || { echo "[]"; exit; }\n'
        "docker volume inspect $names"
    ),
}
_MANAGER_PARTS = {
    **_NODE_PARTS,
    **{kind: _OWN.replace("KIND", kind) for kind in KINDS},
    "nodes": "ids=$(docker node ls -q) || exit 1\ndocker node inspect $ids",
}
_REMOVE = """
docker stack rm -- "$stack" >&2 || exit 1
round=0
while :; do
  left=$(for kind in service network secret config; do
    docker "$kind" ls --filter "label=com.docker.stack.namespace=$stack" --format '{{.Name}}'
  done)
  [ -n "$left" ] || exit 0
  [ "$round" -lt "$seconds" ] || {
    echo "still there after $seconds s: $(printf '%s' "$left" | tr '\\n' ' ')" >&2; exit 124; }
  round=$((round + 1))
  # a network that was in use a moment ago is not taken at the first try
  [ $((round % 10)) -ne 0 ] || docker stack rm -- "$stack" >&2
  sleep 1
done
"""


@dataclass(frozen=True)
class RemovalDesired:
    """What goes.

    Args:
        stack: name of the stack; service: full name of the service that is Nexus.
        volume: name of the volume on the nodes.
        label: key of the label that said where Nexus may run.
        hosts: inventory names of the Swarm's hosts.
        kept: what stays, in words.
        all_hosts: whether all of them must answer, since what they mount is deleted after that.
    """

    stack: str
    service: str
    volume: str
    label: str
    hosts: tuple[str, ...]
    kept: tuple[str, ...] = ()
    all_hosts: bool = False


@dataclass(frozen=True)
class RemovalObserved:
    """What is there.

    Args:
        things: names by kind, of all that belongs to the stack.
        swarm: nodes by node id.
        volumes: options of the stack's volumes by name, by host; silent: hosts without answer.
    """

    things: Mapping[str, tuple[str, ...]]
    swarm: Mapping[str, SwarmNode]
    volumes: Mapping[str, Mapping[str, Mapping[str, str]]]
    silent: Mapping[str, MoorageError]


class RemoveStackStep:
    """Stop Nexus, remove the stack, its volumes' definitions and its labels."""

    name = "stack"

    def __init__(self, fleet: Fleet, manager: str, wanted: RemovalDesired) -> None:
        self._fleet = fleet
        self._manager = manager
        self._wanted = wanted

    def observe(self, progress: Progress) -> RemovalObserved:
        seen: RemovalObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> dict[str, Probe]:
        values = {"stack": self._wanted.stack, "volume": self._wanted.volume}
        node = Probe("look for the stack", _NODE_PARTS, values)
        whole = Probe("look for the stack", _MANAGER_PARTS, values)
        return {self._manager: whole,
                **{name: node for name in self._wanted.hosts if name != self._manager}}  # fmt: skip

    @parser("Docker")
    def read(
        self, answers: Mapping[str, str | MoorageError], _progress: Progress
    ) -> RemovalObserved:
        manager = self._manager
        found = all_sections(answer_of(answers, manager), _MANAGER_PARTS, "look for the stack",
                             manager)  # fmt: skip
        for part in ("nodes", *KINDS):
            _require(found[part], manager)
        volumes, silent = {}, {}
        for name, answer in answers.items():
            if isinstance(answer, MoorageError):
                silent[name] = answer
                continue
            listed = all_sections(answer, _NODE_PARTS, "look for the stack", name)["volumes"]
            _require(listed, name)
            volumes[name] = {item["Name"]: item.get("Options") or {}
                             for item in listed.json() or []}  # fmt: skip
        return RemovalObserved(
            things={kind: tuple(found[kind].text.split()) for kind in KINDS},
            swarm=swarm_nodes(found["nodes"]), volumes=volumes, silent=silent,
        )  # fmt: skip

    def plan(self, observed: RemovalObserved) -> Plan:
        wanted = self._wanted
        silent = next(iter(observed.silent.items()), None)
        if wanted.all_hosts and silent:
            raise Refused(
                f"{silent[0]} does not answer, and may have the data open: {silent[1].message}",
                host=silent[0],
                hint="bring it back, or take it out of the inventory where it is gone for good",
            )
        changes = (
            *self._stack(observed),
            *self._volumes(observed),
            *self._labels(observed),
        )
        notes = [f"{name} was left out: {failure.message}"
                 for name, failure in observed.silent.items()]  # fmt: skip
        notes += [f"{name}: the volume {volume} stays: its data are on that node"
                  for name, volumes in observed.volumes.items()
                  for volume, options in volumes.items() if not _is_nfs(options)]  # fmt: skip
        return Plan(self.name, changes, (*notes, *(f"kept: {what}" for what in wanted.kept)))

    def _stack(self, observed: RemovalObserved) -> Iterator[Change]:
        """One command takes all of it."""
        wanted, manager = self._wanted, self._manager
        things = [(kind, name) for kind in KINDS for name in observed.things[kind]]
        for kind, name in things:
            actions: tuple[Action, ...] = ()
            if (kind, name) == things[-1]:
                remove = Script(f"remove the stack {wanted.stack}", _REMOVE,
                                {"stack": wanted.stack, "seconds": _SECONDS})  # fmt: skip
                actions = (RunScript(manager, remove),)
                if wanted.service in observed.things["service"]:
                    stop = volume_scripts.stop(wanted.service)
                    actions = (RunScript(manager, stop), *actions)
            yield Change("remove", f"{kind} {name}", manager,
                         (Difference("of the stack", wanted.stack, None),), actions)  # fmt: skip

    def _volumes(self, observed: RemovalObserved) -> Iterator[Change]:
        wanted = self._wanted
        own = re.compile(rf"{re.escape(wanted.stack)}(-data-[0-9a-f]{{8}}|_.*)")
        for host, volumes in observed.volumes.items():
            for name, options in volumes.items():
                if _is_nfs(options) and (name == wanted.volume or own.fullmatch(name)):
                    yield Change(
                        "remove", f"volume {name}", host,
                        (Difference("definition", "of an NFS mount; the data stay", None),),
                        (RunScript(host, volume_scripts.remove(name, wanted.service)),),
                        shown_by=("volumes",),
                    )  # fmt: skip

    def _labels(self, observed: RemovalObserved) -> Iterator[Change]:
        for node, item in observed.swarm.items():
            value = item.labels.get(self._wanted.label)
            if value is not None:
                script = scripts.label_node(node, item.hostname, self._wanted.label, None)
                yield Change(
                    "update", f"node {item.hostname}", self._manager,
                    (Difference(f"label {self._wanted.label}", value, None),),
                    (RunScript(self._manager, script),), shown_by=("nodes",),
                )  # fmt: skip

    def carry_out(self, action: Action, _progress: Progress) -> None:
        raise AssertionError(f"every action of this step is a script: {action.summary}")


def _is_nfs(options: Mapping[str, str]) -> bool:
    return options.get("type", "").startswith("nfs")


def _require(part: Section, host: str) -> None:
    if not part.ok:
        last = "".join(part.text.strip().splitlines()[-1:])
        raise Refused(f"Docker or the Swarm does not answer: {last or 'no answer'}", host=host,
                      hint=f"see what docker says on {host}, then run again")  # fmt: skip
