"""The operator of a chaos run: plan, apply and backup by turns, by the commands of any operator."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import LabError
from ..process import run
from .events import Events

PLAN, UP, BACKUP = ("plan", "--check"), ("up",), ("backup",)
TURNS = (PLAN, UP, BACKUP)
COMMAND_SECONDS = 900
TRIES = 3
_EVERYWHERE = frozenset({0, 1, 3, 4, 5, 6})
_DRIFT = 2
_TRACEBACK = "Traceback (most recent call last)"


@dataclass(frozen=True)
class Ran:
    """How a command of the operator's ended.

    Attributes:
        words: What was asked of fab.
        code: Its exit code; None where it had not ended in time.
        text: All that it printed.
    """

    words: tuple[str, ...]
    code: int | None
    text: str

    @property
    def name(self) -> str:
        """Its task."""
        return self.words[0]

    def wrong(self) -> str | None:
        """What no command may do whatever is broken, or None: odd ends, tracebacks.

        The documented exit codes are those of README.md; 2 is that of `fab plan --check`, and 130
        of Ctrl-C, which nobody has pressed.
        """
        if _TRACEBACK in self.text:
            return f"{self.name} printed a traceback"
        if self.code is None:
            return f"{self.name} had not ended after {COMMAND_SECONDS} s"
        if self.code in _EVERYWHERE or (self.words == PLAN and self.code == _DRIFT):
            return None
        return f"{self.name} ended with {self.code}"


Fab = Callable[[Sequence[str]], Ran]


def fab(root: Path, programs: Path, inventory: Path) -> Fab:
    """What runs fab as an operator does.

    Args:
        root: The project's folder.
        programs: Folder with the virtual environment's programs.
        inventory: The site.
    """
    start = [str(programs / "fab"), "--search-root", str(root)]
    env = {"MOORAGE_INVENTORY": str(inventory), "MOORAGE_YES": "1", "PYTHONUNBUFFERED": "1"}

    def carried_out(words: Sequence[str]) -> Ran:
        try:
            done = run([*start, *words], env=env, timeout=COMMAND_SECONDS, check=False,
                       stop_with=signal.SIGINT)  # fmt: skip
        except LabError as failure:
            return Ran(tuple(words), None, str(failure))
        text = (done.stdout + done.stderr).decode(errors="replace")
        return Ran(tuple(words), done.returncode, text)

    return carried_out


class Operator:
    """Runs one command after the other.

    Args:
        command: What runs fab.
        events: Where it is told.
    """

    def __init__(self, command: Fab, events: Events) -> None:
        self._fab = command
        self._events = events
        self.ran: list[Ran] = []

    def once(self) -> None:
        """Run the next command of the turn."""
        self.command(TURNS[len(self.ran) % len(TURNS)])

    def command(self, words: Sequence[str]) -> Ran:
        """Run a command and tell of it."""
        ran = self._fab(words)
        self.ran.append(ran)
        code = "no end" if ran.code is None else str(ran.code)
        self._events.add(ran.name, ran.code == 0, code, ran.text)
        return ran

    def until_done(self, words: Sequence[str]) -> list[Ran]:
        """Run a command until it ends with 0, three times at the most; all its runs."""
        tries: list[Ran] = []
        while len(tries) < TRIES and not (tries and tries[-1].code == 0):
            tries.append(self.command(words))
        return tries
