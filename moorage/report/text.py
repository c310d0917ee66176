"""A run as text: plans, progress and results; quiet and live on a terminal, lines elsewhere."""

from __future__ import annotations

import io
import os
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TextIO

from moorage.change import Change, Outcome, Plan
from moorage.harmless import harmless
from moorage.report.live import Moving
from moorage.report.words import count, shown, totals
from moorage.transport.base import Progress

_REPEAT_SECONDS = 15.0
_COLOURS = {"create": "32", "update": "33", "remove": "31"}
_LEVELS = {"ok": "32", "warning": "33", "failure": "31", "unknown": "35"}
_SIGNS = {"create": "+", "update": "~", "remove": "-"}
_OLD, _NEW = "31", "32"


def _forgiving(out: TextIO) -> TextIO:
    """The same output, which writes out what its encoding lacks: no sign stops a run half-way."""
    if isinstance(out, io.TextIOWrapper) and out.errors == "strict":
        out.reconfigure(errors="backslashreplace")
    return out


class Report:
    """Prints a run as it goes.

    Args:
        out: where results go.
        live: whether ``out`` is a terminal that moving lines make sense on; asked by default.
        verbose: whether each remote command is told.
    """

    def __init__(
        self, out: TextIO | None = None, *, live: bool | None = None, verbose: bool = False
    ) -> None:
        self._out = _forgiving(out or sys.stdout)
        terminal = self._out.isatty() and os.environ.get("TERM") != "dumb"
        self._live = terminal if live is None else live
        self._colour = self._live and not os.environ.get("NO_COLOR")
        self._begun: dict[str, float] = {}
        self._moving = Moving(self._out, self._begun)
        self._said: dict[str, tuple[str, float]] = {}
        self._verbose = verbose
        # several steps tell of their progress at once: a line is never broken by another
        self._turn = threading.RLock()

    def line(self, text: str = "") -> None:
        """Print a line that stays."""
        with self._turn:
            self._moving.quiet()
            print(harmless(text), file=self._out, flush=True)

    def begin(self, step: str) -> None:
        """Start a step's clock."""
        self._said.pop(step, None)
        self._begun[step] = time.monotonic()

    def elapsed(self, step: str) -> str:
        """Time since the step began."""
        now = time.monotonic()
        return f"{now - self._begun.get(step, now):.1f} s"

    def progress_of(self, step: str) -> Progress:
        """What a step tells its progress to."""
        return partial(self.progress, step)

    def progress(self, step: str, text: str) -> None:
        """What is being done or waited for: a moving line, or a line when it changes."""
        if text.startswith("note:"):
            self.line(f"{step}: {text}")
            return
        text = harmless(text)
        with self._turn:
            if self._live:
                self._moving.tell(step, text)
                return
            now = time.monotonic()
            said, at = self._said.get(step, ("", 0.0))
            if text == said and now - at < _REPEAT_SECONDS:
                return
            self._said[step] = text, now
            print(f"{step}: {text} ({self.elapsed(step)})", file=self._out, flush=True)

    def command(self, host: str, command: str, code: int | None, seconds: float) -> None:
        """A remote command that has ended; None for one that came to no end."""
        if self._verbose:
            end = "no end" if code is None else f"exit code {code}"
            self.line(f"{host}$ {command} ({end}, {seconds:.2f} s)")

    def quiet(self) -> None:
        """End the moving lines."""
        with self._turn:
            self._moving.quiet()

    def outcomes(self, outcomes: Iterable[Outcome], holders: Iterable[str]) -> None:
        """The plans of all steps, and who is at work meanwhile."""
        for outcome in outcomes:
            self.outcome(outcome)
        for holder in holders:
            self.line(f"note: {holder}: what is shown may be changing")

    def outcome(self, outcome: Outcome) -> None:
        """A step's plan, or why there is none."""
        if outcome.plan:
            self.plan(outcome.plan)
        if outcome.unknown:
            self.line(f"{outcome.step}: {outcome.unknown}")
        elif outcome.failure:
            self.line(f"{outcome.step}: {self._painted('failed', _OLD)}: "
                      f"{outcome.failure.message}")  # fmt: skip
        elif outcome.plan and outcome.plan.empty:
            self.line(f"{outcome.step}: no changes ({self.elapsed(outcome.step)})")

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
            before = self._painted(shown(difference.before), _OLD)
            after = self._painted(shown(difference.after), _NEW)
            self.line(f"      {difference.field}: {before} → {after}")
        for line in change.diff.splitlines():
            colour = {"-": _OLD, "+": _NEW}.get(line[:1])
            self.line(f"      {self._painted(line, colour) if colour else line}")

    def finding(self, level: str, host: str, subject: str, message: str, hint: str) -> None:
        """One line of a check, and what to do where something is to be done."""
        word = self._painted(f"{level:7}", _LEVELS.get(level, "0"))
        self.line(f"{word}  {host:10}  {subject}: {message}")
        if hint:
            self.line(f"{'':21}what to do: {hint}")

    @property
    def moves(self) -> bool:
        """Whether it is on a terminal that what is shown can be drawn anew on."""
        return self._live

    def block(self, rows: Iterable[tuple[str, str, str, str]]) -> list[str]:
        """Level, subject, message and hint of several things, as lines."""
        lines = []
        for level, subject, message, hint in rows:
            word = self._painted(f"{level:7}", _LEVELS.get(level, "0"))
            lines.append(f"{word}  {subject}  {message}")
            if hint:
                lines.append(f"{'':7}  {'':{len(subject)}}  what to do: {hint}")
        return [harmless(line) for line in lines]

    def _painted(self, text: str, colour: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._colour else text

    def applied(self, plan: Plan) -> None:
        """A step's last line, after its plan was carried out."""
        number = count(len(plan.changes), "change")
        self.line(f"{plan.step}: {number} made and verified ({self.elapsed(plan.step)})")

    def summary(self, outcomes: Sequence[Outcome]) -> None:
        """The last line of a plan: how much there is to change."""
        self.line(f"plan: {totals(outcomes)}; nothing was done")
