"""The step ``gc``: Nexus' own clean-up tasks, run one after the other and waited for.

Source: the OpenAPI documents, ``/v1/tasks`` (since 3.15), and nexus-public: TasksResource for what
a run answers, TaskState for its states. Blobs that a task marks as deleted keep their room until
the blob store is compacted, so that comes last.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from moorage.change import Action, Change, Difference, Plan
from moorage.errors import NotConverged, Refused, TaskFailed, Unreachable
from moorage.steps.nexus.api import REST, Body, version_of
from moorage.steps.nexus.deadline import Deadline
from moorage.steps.nexus.rest import RestApi
from moorage.transport.base import Progress
from moorage.transport.http import Web
from moorage.values import Secret

TYPES = {
    "cleanup-policies": "repository.cleanup",
    "docker-gc": "repository.docker.gc",
    "docker-uploads": "repository.docker.upload-purge",
    "unused-blobs": "assetBlob.cleanup",
    "compact-blob-store": "blobstore.compact",
}
"""Tasks that give space back, by the inventory's words, in the order in which they are run."""
_TASKS = f"{REST}/tasks"
_TASKS_AT_MOST = 50
_POLL_SECONDS = 2.0
_BEGIN_SECONDS = 60.0
_DISABLED = 405
_PHASES = {
    "RUNNING_STARTING": "is starting",
    "RUNNING_BLOCKED": "waits for another task",
    "RUNNING_CANCELED": "is being stopped",
}


@dataclass(frozen=True)
class RunTask:
    """Run a task and wait for its end; one that runs already is only waited for."""

    id: str
    name: str

    @property
    def summary(self) -> str:
        return f"run the task {self.name} and wait for its end"


@dataclass(frozen=True)
class GcObserved:
    """What Nexus has.

    Args:
        tasks: those that are still to be run, in order; skipped: why others are not.
        sizes: bytes by blob store.
    """

    tasks: tuple[Body, ...]
    skipped: tuple[str, ...]
    sizes: dict[str, int]


class GcStep:
    """Run tasks.

    Args:
        web: Nexus by its name.
        ready: waits until Nexus can be written to; gives its version where it tells.
        password: admin's.
        seconds: how long everything may take together.
        only: words of :data:`TYPES`; all of them where empty.
    """

    name = "gc"

    def __init__(
        self, web: Web, *, ready: Callable[[Progress], str | None], password: Secret,
        seconds: float, only: Collection[str] = (), clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self._web = web
        self._ready = ready
        self._password = password
        self._seconds = seconds
        self._only = only or TYPES.keys()
        self._clock = clock
        self._sleep = sleep
        self._api: RestApi | None = None
        self._ended: set[str] = set()
        self._first_sizes: dict[str, int] | None = None
        self._last_sizes: dict[str, int] = {}

    def observe(self, progress: Progress) -> GcObserved:
        api = self._way(progress)
        progress("reading the tasks")
        found = [task for task in api.get(_TASKS)["items"] if task["id"] not in self._ended]
        order = [TYPES[word] for word in TYPES if word in self._only]
        tasks = sorted((task for task in found if task["type"] in order),
                       key=lambda task: (order.index(task["type"]), task["name"]))  # fmt: skip
        disabled = [task for task in tasks if task.get("enabled") is False]
        sizes = {item["name"]: int(item.get("totalSizeInBytes") or 0)
                 for item in api.get(f"{REST}/blobstores", missing=(404,)) or ()}  # fmt: skip
        self._first_sizes = self._first_sizes or sizes
        self._last_sizes = sizes
        return GcObserved(
            tuple(task for task in tasks if task not in disabled),
            tuple(f"the task {task['name']} is disabled and left out" for task in disabled),
            sizes,
        )

    def plan(self, observed: GcObserved) -> Plan:
        there = {task["type"] for task in observed.tasks}
        notes = list(observed.skipped)
        if not self._ended:
            notes += [
                f"Nexus has no task {word}: nexus.tasks makes one"
                for word in self._only
                if TYPES[word] not in there
                and word in ("docker-gc", "docker-uploads", "compact-blob-store")
            ]
        return Plan(self.name, tuple(self._changes(observed.tasks)), tuple(notes))

    def _changes(self, tasks: tuple[Body, ...]) -> Iterator[Change]:
        names = [task["name"] for task in tasks]
        for task in tasks:
            name = (
                task["name"] if names.count(task["name"]) == 1 else f"{task['name']} ({task['id']})"
            )
            difference = Difference("last run", _last(task), "now")
            if _runs(task):
                difference = Difference("state", "running", "ended")
            yield Change("update", f"task {name}", "nexus", (difference,),
                         (RunTask(task["id"], name),), needs=())  # fmt: skip

    def carry_out(self, action: Action, progress: Progress) -> None:
        assert isinstance(action, RunTask)  # noqa: S101
        assert self._api is not None  # noqa: S101  a plan comes from what was observed
        before = self._task(action)
        begun = self._clock()
        if not _runs(before):
            answer = self._api.once("POST", f"{_TASKS}/{action.id}/run", ok=(204, _DISABLED))
            if answer.status_code == _DISABLED:
                self._ended.add(action.id)
                progress(f"note: the task {action.name} is disabled and left out")
                return
        after = self._waited(action, before, begun, progress)
        self._ended.add(action.id)
        took = f"{self._clock() - begun:.0f} s"
        result = str(after.get("lastRunResult") or "OK")
        progress(f"note: the task {action.name} ended with {result} ({took})")
        _require(action, result)

    def sizes(self) -> Iterator[str]:
        """What became of the blob stores, a line each."""
        for name, before in (self._first_sizes or {}).items():
            after = self._last_sizes.get(name, before)
            yield f"blob store {name}: {before} bytes before, {after} now"

    def _waited(self, action: RunTask, before: Body, begun: float, progress: Progress) -> Body:
        """The task once it has run.

        Raises:
            NotConverged: it is not begun, or is blocked to the end of the time.
            Unreachable: it still runs at the end of the time.
        """
        seen_running = _runs(before)
        while True:
            task = self._task(action)
            running = _runs(task)
            if not running and (seen_running or task.get("lastRun") != before.get("lastRun")):
                return task
            seen_running = seen_running or running
            waited = self._clock() - begun
            if not seen_running and waited > _BEGIN_SECONDS:
                raise NotConverged(
                    f"Nexus does not begin the task {action.name}, {waited:.0f} s after it was "
                    "asked to", hint="look at Nexus' log; then run the same command again",
                )  # fmt: skip
            phase = _PHASES.get(task["currentState"], "runs" if running else "is to begin")
            if waited > self._seconds:
                raise self._late(action, task["currentState"], phase)
            progress(f"the task {action.name} {phase}")
            self._sleep(_POLL_SECONDS)

    def _late(self, action: RunTask, state: str, phase: str) -> NotConverged | Unreachable:
        if state == "RUNNING_BLOCKED":
            return NotConverged(
                f"the task {action.name} still {phase} after {self._seconds:.0f} s",
                hint="see in Nexus which one runs; this one begins by itself after it",
            )
        return Unreachable(
            f"the task {action.name} still {phase} after {self._seconds:.0f} s",
            hint="it goes on in Nexus; run the same command again to go on waiting, or give it "
            "longer: --timeout",
        )

    def _task(self, action: RunTask) -> Body:
        assert self._api is not None  # noqa: S101
        found: dict[str, Any] | None = self._api.get(f"{_TASKS}/{action.id}", missing=(404,))
        if found is None:
            raise NotConverged(f"the task {action.name} is gone: somebody has removed it",
                               hint="run the same command again")  # fmt: skip
        return found

    def _way(self, progress: Progress) -> RestApi:
        version = version_of(self._ready(progress))
        if self._api is None:
            api = RestApi(self._web, version, Deadline(_TASKS_AT_MOST * self._seconds, "--timeout"))
            if not api.login_taken(_TASKS, "admin", self._password):
                raise Refused("Nexus does not take the password of nexus.admin_password",
                              hint="seed it first: fab nexus-seed")  # fmt: skip
            api.log_in(self._password)
            self._api = api
        return self._api


def _runs(task: Body) -> bool:
    return str(task.get("currentState", "")).startswith("RUNNING")


def _last(task: Body) -> str:
    if not task.get("lastRun"):
        return "never"
    return f"{task['lastRun']}, {task.get('lastRunResult') or 'no result'}"


def _require(action: RunTask, result: str) -> None:
    if result == "OK":
        return
    hint = "see Nexus' log, and the task's own in its data: log/tasks"
    if result == "FAILED":
        raise TaskFailed(f"the task {action.name} failed in Nexus", hint=hint)
    raise NotConverged(f"the task {action.name} did not come to its end: {result}", hint=hint)
