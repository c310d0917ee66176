"""A manager whose service is told to be in one state after the other."""

from __future__ import annotations

from collections.abc import Iterator

from moorage.steps.stack.tasks import Convergence, Task

IMAGE = "moorage/nexus:1"
LIMIT = 300
BEFORE, BEGUN = "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:01.123456789Z"


def task(state="running", wanted="running", error="", name="t1", node="worker"):
    return Task(name, node, IMAGE, state, wanted, error)


def service(*tasks, update="", started="", message=""):
    return Convergence(1, IMAGE, update, started, message, tasks)


class PlayedManager:
    """Gives one state after the other, the last one for ever; has a log for each task.

    Attributes:
        made: When tasks were made that were not when the update begun.
    """

    name = "manager"

    def __init__(self, states) -> None:
        self._states: Iterator[Convergence | None] = iter(states)
        self._last: Convergence | None = None
        self.logs: list[str] = []
        self.made: dict[str, str] = {}

    def read(self, script, *, timeout=None):
        if "logs" in script.body:
            self.logs.append(script.variables["task"])
            return "java.lang.OutOfMemoryError\nat Nexus\n"
        if "--type task" in script.body:
            return "".join(f'{name} "{self.made.get(name, BEGUN)}"\n'
                           for name in script.variables["ids"])  # fmt: skip
        self._last = next(self._states, self._last)
        return self._last


STARTING = service(task("starting"))


RUNNING = service(task())


def crashed(count):
    return [task("failed", "shutdown", "task: non-zero exit (1)", f"c{n}") for n in range(count)]
