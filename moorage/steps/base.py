"""What every step is: observe, plan, and a way to carry out the actions of its plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from moorage.change import Action, Plan
from moorage.errors import Unreachable
from moorage.quoting import Script
from moorage.transport.base import Progress
from moorage.transport.fleet import Fleet


class Step(Protocol):
    """One capability that runs alone."""

    @property
    def name(self) -> str:
        """The word for it in commands and messages."""
        ...

    def observe(self, progress: Progress) -> Any:
        """Read what is there; changes nothing.

        Raises:
            Unreachable: a host or service does not answer.
            Refused: something that another step makes is missing.
        """
        ...

    def plan(self, observed: Any) -> Plan:
        """What is to be changed; pure.

        Raises:
            Refused: what is there must not be changed by this step.
        """
        ...

    def carry_out(self, action: Action, progress: Progress) -> None:
        """Do one action of a plan.

        Raises:
            MoorageError: it failed.
        """
        ...


_TIMED_OUT = {124, 137}
"""Exit codes of timeout(1): of the command's end, and of its being killed."""


@dataclass(frozen=True)
class RunScript:
    """Run a script on a host."""

    host: str
    script: Script
    hint: str = ""

    @property
    def summary(self) -> str:
        return self.script.summary

    def carry_out(self, fleet: Fleet, progress: Progress) -> str:
        """Run it; show what it says on lines that begin with ``note:``.

        Raises:
            CommandFailed: exit code not 0.
            Unreachable: what the script waited for did not come in its time.
        """
        result = fleet.host(self.host).change(self.script)
        if result.exit_code in _TIMED_OUT:
            raise Unreachable(
                f"could not {self.script.summary}: {result.stderr.strip()}",
                host=self.host,
                hint=self.hint,
            )
        output = result.require(self.script, self.host, hint=self.hint)
        for line in output.splitlines():
            if line.startswith("note:"):
                progress(line)
        return output
