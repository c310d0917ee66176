"""What can go wrong: one class a cause, each with a hint and an exit code.

MoorageError                        1  failed
├── Refused                         3  this step has changed nothing
│   ├── InventoryError              3  mistakes in the operator's files, all at once
│   ├── TemplateError               3  a template does not render
│   ├── SecretUnavailable           3  a secret reference leads nowhere
│   ├── SudoRefused                 3  sudo asks for a password, or denies
│   └── HostKeyRefused              3  unknown or changed SSH host key
├── CommandFailed                   1  a remote or local command ended badly
├── Unreadable                      1  what a host or server told has another form than is known
├── RequestRefused                  1  Nexus or the registry answered with an error
├── Unreachable                     4  host or service not reached in time
│   ├── Lost                        4  a connection that stood broke off
│   ├── Silent                      4  it took the request and did not answer
│   ├── Unfinished                  4  a command that did not end in its time
│   └── Untrusted                   4  its certificate is not trusted
├── NotConverged                    5  applied, but not as asked
│   └── RolledBack                  5  Swarm went back to what was there before
├── Locked                          6  another operator is at work
├── VerificationFailed              1  the result was tried and found wanting
└── Interrupted                   130  Ctrl-C
"""

from __future__ import annotations

from collections.abc import Sequence

from moorage.exit_codes import ExitCode
from moorage.harmless import harmless
from moorage.problem import Problem


class MoorageError(Exception):
    """A failure that the operator can act on.

    Args:
        message: what happened, in one sentence.
        hint: what to do next.
        host: inventory name of the host concerned.
        step: name of the step concerned; filled in by the runner when left out.
    """

    exit_code = ExitCode.FAILED
    result = "failed"
    """How the journal calls a change that ended so."""

    def __init__(
        self, message: str, *, hint: str = "", host: str | None = None, step: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.host = host
        self.step = step
        self.also: list[MoorageError] = []
        """What failed besides it."""

    def where(self) -> str:
        """Step and host as the first words of the message; empty when neither is known."""
        host = f"on {self.host}" if self.host else ""
        return " ".join(filter(None, (self.step, host)))

    def details(self) -> list[str]:
        """Further lines: the command, its exit code, the end of its stderr."""
        return []

    def besides(self) -> list[str]:
        """Lines for each thing that failed besides it: where, what, and its details."""
        return [line for other in self.also
                for line in (f"also failed: {other.told()}",
                             *(f"  {detail}" for detail in other.details()))]  # fmt: skip

    def told(self) -> str:
        """What happened, and where."""
        where = self.where()
        return f"{where}: {self.message}" if where else self.message

    def lines(self) -> list[str]:
        """The whole error as the operator sees it."""
        hint = [f"what to do: {self.hint}"] if self.hint else []
        more = (f"  {line}" for line in (*self.details(), *hint, *self.besides()))
        lines = (f"error: {self.told()}", *more)
        return [harmless(line) for line in lines]


class Refused(MoorageError):
    """Usage, inventory or preflight: nothing was changed by this step."""

    exit_code = ExitCode.REFUSED


class InventoryError(Refused):
    """Every mistake found in an inventory, reported in one go."""

    def __init__(self, problems: list[Problem], *, hint: str = "") -> None:
        count = f"{len(problems)} mistake{'s' if len(problems) != 1 else ''} in the inventory"
        super().__init__(count, hint=hint or "correct the lines named; no host was contacted")
        self.problems = sorted(problems)

    def details(self) -> list[str]:
        return [line for problem in self.problems for line in problem.lines()]


class TemplateError(Refused):
    """A template of the operator's does not render, or renders something unusable."""


class SecretUnavailable(Refused):
    """A secret reference leads nowhere; says where was looked, never a value."""


class SudoRefused(Refused):
    """sudo asks for a password that it was not given, did not take it, or denies."""


class HostKeyRefused(Refused):
    """A host's SSH key is unknown, or is not the one known."""


class CommandFailed(MoorageError):
    """A command ended with an exit code that was not expected.

    Args:
        command: what was run, as one line and without secrets.
        exit_code_seen: its exit code.
        output: its stderr, or stdout where stderr is empty; the last lines are shown.
    """

    def __init__(
        self,
        message: str,
        *,
        command: str,
        exit_code_seen: int,
        output: str,
        host: str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, host=host, hint=hint)
        self.command = command
        self.exit_code_seen = exit_code_seen
        self.output = output

    def details(self) -> list[str]:
        tail = [line for line in self.output.splitlines() if line.strip()][-20:]
        return [
            f"command: {self.command} (exit code {self.exit_code_seen})",
            *(f"| {line}" for line in tail),
        ]


class Unreadable(MoorageError):
    """A host or server told something that has another form than is known of it."""


class RequestRefused(MoorageError):
    """A server answered a request with an error.

    Args:
        request: method and path, without credentials.
        status: HTTP status; 0 when there was none.
        body: the server's messages, one a line.
    """

    def __init__(
        self, message: str, *, request: str, status: int, body: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.request = request
        self.status = status
        self.body = body

    def details(self) -> list[str]:
        tail = [line for line in self.body.splitlines() if line.strip()][:10]
        return [f"request: {self.request} (HTTP {self.status})", *(f"| {line}" for line in tail)]


class TaskFailed(MoorageError):
    """A task of Nexus ran and ended badly."""


class Unreachable(MoorageError):
    """A host or service was not reached in time; run again to carry on."""

    exit_code = ExitCode.UNREACHABLE


class Lost(Unreachable):
    """A connection that stood broke off in the middle."""


class Silent(Unreachable):
    """It took the request and did not answer in time."""


class Unfinished(Unreachable):
    """A command on a host did not end in its time.

    Args:
        output: what it had printed by then.
    """

    def __init__(self, message: str, *, output: str, host: str, hint: str = "") -> None:
        super().__init__(message, host=host, hint=hint)
        self.output = output


class Untrusted(Unreachable):
    """A server's certificate is not one that is trusted."""


class NotConverged(MoorageError):
    """Changes were applied, but what is there now is not what was asked.

    Args:
        evidence: lines that show why: task errors, log lines, differences left.
    """

    exit_code = ExitCode.NOT_CONVERGED

    def __init__(
        self, message: str, *, evidence: list[str] | None = None, hint: str = "", host: str = ""
    ) -> None:
        super().__init__(message, hint=hint, host=host or None)
        self.evidence = evidence or []

    def details(self) -> list[str]:
        return [f"| {line}" for line in self.evidence]


class RolledBack(NotConverged):
    """Swarm gave the change up and went back to what was there before."""

    result = "rolled_back"


class Locked(MoorageError):
    """Another operator is changing the same host, or has taken this run's lock over."""

    exit_code = ExitCode.LOCKED


class VerificationFailed(MoorageError):
    """The finished registry was tried from outside and something did not work.

    Args:
        subject: which proof failed, in words that are the same the next time; empty for none.
    """

    subject: str = ""
    evidence: list[str] | None = None

    def details(self) -> list[str]:
        return self.evidence or []


class Interrupted(MoorageError):
    """The operator pressed Ctrl-C.

    Args:
        done: what was carried out, in words.
        left: what was not, or not to its end.
    """

    exit_code = ExitCode.INTERRUPTED

    def __init__(
        self, message: str, *, done: Sequence[str] = (), left: Sequence[str] = (), hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.done = list(done)
        self.left = list(left)

    def details(self) -> list[str]:
        return [
            *(f"| done: {subject}" for subject in self.done),
            *(f"| not done, or not to its end: {subject}" for subject in self.left),
        ]
