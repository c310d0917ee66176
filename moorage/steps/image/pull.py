"""The step ``pull``: an image from its registry on every node before the old task stops."""

from __future__ import annotations

from collections.abc import Mapping

from moorage.change import Action, Change, Difference, Plan
from moorage.docker_login import DockerLogin
from moorage.errors import MoorageError
from moorage.quoting import Script
from moorage.steps.base import RunScript, asked
from moorage.steps.image.observe import parse, probe
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet, all_or_first_failure

_PULL = """
docker pull -q -- "$reference" >&2
"""


class PullStep:
    """Have each node fetch an image.

    Args:
        nodes: inventory names of those that may run it.
        login: of the image's registry; None for the account's own, if any.
    """

    name = "pull"

    def __init__(
        self, fleet: Fleet, reference: str, nodes: tuple[str, ...], login: DockerLogin | None
    ) -> None:
        self._fleet = fleet
        self._reference = reference
        self._nodes = nodes
        self._login = login

    def observe(self, progress: Progress) -> frozenset[str]:
        seen: frozenset[str] = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> Mapping[str, Probe]:
        return dict.fromkeys(self._nodes, probe(self._reference))

    def read(
        self, answers: Mapping[str, str | MoorageError], _progress: Progress
    ) -> frozenset[str]:
        whole = all_or_first_failure(answers)
        return frozenset(name for name, output in whole.items()
                         if parse(output, self._reference, name).present)  # fmt: skip

    def plan(self, observed: frozenset[str]) -> Plan:
        script = Script(f"pull {self._reference}", _PULL, {"reference": self._reference})
        pull = self._login.around(script) if self._login else script
        return Plan(self.name, tuple(
            Change("create", f"image {self._reference}", name,
                   (Difference("on this node", "absent", "there"),),
                   (RunScript(name, pull, "look at the registry and nexus.image.login"),),
                   needs=(), together="pull")
            for name in self._nodes if name not in observed
        ))  # fmt: skip

    def carry_out(self, action: Action, progress: Progress) -> None:
        """Nothing: all its actions are scripts."""
