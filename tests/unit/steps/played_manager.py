"""A manager whose service is told to be in one state after the other."""

from __future__ import annotations

from collections.abc import Iterator

from moorage.steps.stack.tasks import Convergence, Task

IMAGE = "moorage/nexus:1"
LIMIT = 300


def task(state="running", wanted="running", error="", name="t1", node="worker"):
    return Task(name, node, IMAGE, state, wanted, error)


def service(*tasks, update="", started="", message=""):
    return Convergence(1, IMAGE, update, started, message, tasks)


class PlayedManager:
    """Gives one state after the other, the last one for ever; has a log for each task."""

    name = "manager"

    def __init__(self, states) -> None:
        self._states: Iterator[Convergence | None] = iter(states)
        self._last: Convergence | None = None
        self.logs: list[str] = []

    def read(self, script, *, timeout=None):
        if "logs" in script.body:
            self.logs.append(script.variables["task"])
            return "java.lang.OutOfMemoryError\nat Nexus\n"
        self._last = next(self._states, self._last)
        return self._last


STARTING = service(task("starting"))


RUNNING = service(task())


def crashed(count):
    return [task("failed", "shutdown", "task: non-zero exit (1)", f"c{n}") for n in range(count)]
