"""Runs of tasks: one at a time, each as long as the settings say; nothing is done in them.

Assumed: a task that runs is refused another run with 500, as every other failure is
(TasksResource.java), and each task waits for the one before it, as ``RUNNING_BLOCKED``
(TaskState.java). Runs end with the process.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime


class RunsAlready(Exception):
    """A task is run that runs."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: when it is at work, by the monotonic clock, and when it was asked for."""

    begin: float
    end: float
    asked: str


class TaskRuns:
    """The runs under way.

    Args:
        seconds: How long each takes.
        result: What each ends with.
    """

    def __init__(self, seconds: float, result: str) -> None:
        self._seconds = seconds
        self._result = result
        self._runs: dict[str, Run] = {}
        self._guard = threading.Lock()

    def begin(self, task: str) -> None:
        """Run a task, once those before it have ended.

        Raises:
            RunsAlready: It runs.
        """
        with self._guard:
            if task in self._runs:
                raise RunsAlready(task)
            begin = max([time.monotonic(), *(run.end for run in self._runs.values())])
            asked = datetime.now(UTC).isoformat(timespec="milliseconds")
            self._runs[task] = Run(begin, begin + self._seconds, asked)

    def state(self, task: str) -> str:
        """What a task is at: ``WAITING``, ``RUNNING`` or ``RUNNING_BLOCKED``."""
        with self._guard:
            run, now = self._runs.get(task), time.monotonic()
            if run is None or run.end <= now:
                return "WAITING"
            return "RUNNING" if run.begin <= now else "RUNNING_BLOCKED"

    def ended(self) -> dict[str, tuple[str, str]]:
        """Start and result of each run that has ended since this was asked last, by task."""
        with self._guard:
            over = {task: run for task, run in self._runs.items() if run.end <= time.monotonic()}
            for task in over:
                del self._runs[task]
        return {task: (run.asked, self._result) for task, run in over.items()}

    def stop(self, task: str) -> str | None:
        """End a run; give when it was asked for, or None where the task does not run."""
        with self._guard:
            run = self._runs.pop(task, None)
        return run.asked if run else None
