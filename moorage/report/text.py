"""A run as text: plans, progress and results; quiet and live on a terminal, lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

from moorage.change import Change, Plan

if TYPE_CHECKING:
    from rich.status import Status

_REPEAT_SECONDS = 15.0
_COLOURS = {"create": "32", "update": "33", "remove": "31"}
_LEVELS = {"ok": "32", "warning": "33", "failure": "31"}
_SIGNS = {"create": "+", "update": "~", "remove": "-"}


def count(number: int, word: str) -> str:
    """``1 change``, ``2 changes``."""
    return f"{number} {word}{'' if number == 1 else 's'}"


class Report:
    """Prints a run as it goes.

    Args:
        out: where results go.
        live: whether ``out`` is a terminal that a moving line makes sense on; asked by default.
    """

    def __init__(self, out: TextIO | None = None, *, live: bool | None = None) -> None:
        self._out = out or sys.stdout
        terminal = self._out.isatty() and os.environ.get("TERM") != "dumb"
        self._live = terminal if live is None else live
        self._colour = self._live and not os.environ.get("NO_COLOR")
        self._status: Status | None = None
        self._step = ""
        self._said = ""
        self._said_at = 0.0
        self._begun = time.monotonic()

    def line(self, text: str = "") -> None:
        """Print a line that stays."""
        self.quiet()
        print(text, file=self._out, flush=True)

    def begin(self, step: str) -> None:
        """Start a step's clock."""
        self._step, self._said, self._begun = step, "", time.monotonic()

    def elapsed(self) -> str:
        """Time since the step began."""
        return f"{time.monotonic() - self._begun:.1f} s"

    def progress(self, text: str) -> None:
        """What is being done or waited for: a moving line, or a line when it changes."""
        if text.startswith("note:"):
            self.line(f"{self._step}: {text}")
            return
        if self._live:
            self._spin(f"{self._step}: {text}")
            return
        now = time.monotonic()
        if text == self._said and now - self._said_at < _REPEAT_SECONDS:
            return
        self._said, self._said_at = text, now
        print(f"{self._step}: {text} ({self.elapsed()})", file=self._out, flush=True)

    def _spin(self, text: str) -> None:
        if self._status is None:
            from rich.console import Console

            self._status = Console(file=self._out).status("")
            self._status.start()
        self._status.update(text.replace("[", "\\["))

    def quiet(self) -> None:
        """End the moving line."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def plan(self, plan: Plan) -> None:
        """What would change, old → new, then what should be known although nothing is done."""
        for change in plan.changes:
            self._change(plan.step, change)
        for note in plan.notes:
            self.line(f"{plan.step}: note: {note}")

    def _change(self, step: str, change: Change) -> None:
        sign = self._painted(f"{_SIGNS[change.verb]} {change.verb}", _COLOURS[change.verb])
        self.line(f"{step} on {change.host}: {sign} {change.subject}")
        for difference in change.differences:
            before, after = shown(difference.before), shown(difference.after)
            self.line(f"      {difference.field}: {before} → {after}")
        for line in change.diff.splitlines():
            self.line(f"      {line}")

    def finding(self, level: str, host: str, subject: str, message: str, hint: str) -> None:
        """One line of a check, and what to do where something is to be done."""
        word = self._painted(f"{level:7}", _LEVELS.get(level, "0"))
        self.line(f"{word}  {host:10}  {subject}: {message}")
        if hint:
            self.line(f"{'':21}what to do: {hint}")

    def _painted(self, text: str, colour: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._colour else text

    def result(self, plan: Plan, *, applied: bool) -> None:
        """The step's last line."""
        number = count(len(plan.changes), "change")
        if plan.empty:
            self.line(f"{plan.step}: no changes ({self.elapsed()})")
        elif applied:
            self.line(f"{plan.step}: {number} made and verified ({self.elapsed()})")
        else:
            self.line(f"{plan.step}: {number} planned, nothing was done ({self.elapsed()})")


def shown(value: Any) -> str:
    """A field's value in words; ``absent`` for None."""
    if value is None:
        return "absent"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(str, value)) or "none"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
