"""What every step is: observe, plan, and a way to carry out the actions of its plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

from moorage.change import Action, Plan
from moorage.errors import Locked, MoorageError, Refused, Unreachable
from moorage.quoting import Script
from moorage.transport.base import LOCK_LOST, REFUSES, Probe, Progress
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
        """Do one action of a plan that is no :class:`RunScript`.

        Raises:
            MoorageError: it failed.
        """
        ...


@runtime_checkable
class Foreseeing(Protocol):
    """A step that can tell what it asks for before it may look."""

    def foreseen(self) -> str:
        """The things that it asks for, by name."""
        ...


@runtime_checkable
class HostStep(Step, Protocol):
    """A step that reads hosts: with others' it is asked in one exec a host."""

    def probes(self) -> Mapping[str, Probe]:
        """What is read, by the inventory name of the host; changes nothing."""
        ...

    def read(self, answers: Mapping[str, str | MoorageError], progress: Progress) -> Any:
        """What was observed, from what the probes printed.

        Raises:
            MoorageError: as :meth:`Step.observe`.
        """
        ...


def asked(step: HostStep, fleet: Fleet, progress: Progress) -> Any:
    """Observe a step that is alone.

    Raises:
        MoorageError: as :meth:`Step.observe`.
    """
    probes = step.probes()
    progress(f"reading {several(list(probes))}")
    answers = fleet.each(probes, lambda host: host.read(probes[host.name].script()))
    return step.read(answers, progress)


_Seen = TypeVar("_Seen")


def those_that_answer(
    observed: Mapping[str, _Seen | MoorageError],
) -> tuple[dict[str, _Seen], list[str]]:
    """What was seen of each host that answers, and a note for each that does not.

    Raises:
        MoorageError: none of them does; the first one's failure.
    """
    silent = {name: seen for name, seen in observed.items() if isinstance(seen, MoorageError)}
    if silent and len(silent) == len(observed):
        raise next(iter(silent.values()))
    seen = {name: seen for name, seen in observed.items() if not isinstance(seen, MoorageError)}
    return seen, [f"{name} was left out: {failure.message}" for name, failure in silent.items()]


def several(hosts: Sequence[str]) -> str:
    """Hosts for a line that is read: by their names, or how many where those are too many."""
    return ", ".join(hosts) if len(hosts) <= _MOST_NAMED else f"{len(hosts)} hosts"


def answer_of(answers: Mapping[str, str | MoorageError], host: str) -> str:
    """What a host's probe printed.

    Raises:
        MoorageError: the host did not answer.
    """
    found = answers[host]
    if isinstance(found, MoorageError):
        raise found
    return found


_MOST_NAMED = 8
_TIMED_OUT = {124, 137}
"""Exit codes of timeout(1): of the command's end, and of its being killed."""


@dataclass(frozen=True)
class RunScript:
    """Run a script on a host.

    Args:
        seconds: the longest that it may take; default: the inventory's ``ssh.command_timeout``.
    """

    host: str
    script: Script
    hint: str = ""
    seconds: float | None = None

    @property
    def summary(self) -> str:
        return self.script.summary

    def carry_out(self, fleet: Fleet) -> str:
        """Run it; give what it prints.

        Raises:
            CommandFailed: exit code not 0.
            Locked: the lock is not this run's any more.
            Refused: the script found a reason not to begin.
            Unreachable: what the script waited for did not come in its time.
        """
        result = fleet.host(self.host).change(self.script, timeout=self.seconds)
        if result.exit_code in _TIMED_OUT:
            raise Unreachable(
                f"could not {self.script.summary}: "
                f"{self.script.without_secrets(result.stderr.strip())}",
                host=self.host,
                hint=self.hint,
            )
        if result.exit_code == REFUSES:
            why, _, hint = result.stderr.strip().partition("\n")
            raise Refused(why, host=self.host, hint=hint or self.hint)
        if result.exit_code == LOCK_LOST:
            raise Locked(
                "this run's lock is gone: another run or fab unlock has taken it",
                host=self.host, hint="look: fab lock-status, fab history; then run again",
            )  # fmt: skip
        return result.require(self.script, self.host, hint=self.hint)


@dataclass(frozen=True)
class Later:
    """Run a script that is made only when its turn comes, of what is known by then.

    Args:
        make: gives the script.
        seconds: as :class:`RunScript` has it.
    """

    host: str
    summary: str
    make: Callable[[], Script]
    hint: str = ""
    seconds: float | None = None

    def now(self) -> RunScript:
        """The script as it is to be run."""
        return RunScript(self.host, self.make(), self.hint, self.seconds)
