"""Waiting until what was deployed runs: bounded, with reasons, and quick to see that it cannot.

``docker stack deploy`` itself does not tell: it exits 0 after a rollback too (docker/cli 6752).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from moorage.errors import NotConverged, Refused, RolledBack, Unreachable
from moorage.quoting import Script
from moorage.steps.stack.tasks import Convergence, Task, creation, made_since, parse, poll
from moorage.transport.base import Host, Progress
from moorage.transport.http import Web
from moorage.transport.nexus_status import nexus_status

_POLL_SECONDS = 1.0
_NO_NODE_SECONDS = 30.0
_NO_NODE_HINT = (
    "bring back the node that may run it, or move Nexus to another one: fab relocate --to NODE"
)
_BEGINNING_SECONDS = 5.0
"""Within which Swarm begins an update, if it has one to begin."""
_CRASHES = 3
_PASSING = "error while removing network: unknown network"
"""Says a node (Docker 20.10) whose former task's network is still being taken down; Swarm's next
attempt finds it."""
_CERTIFICATE_SECONDS = 60.0
"""Traefik serves its own certificate until its resolver has got the right one."""
_LOG_LINES = 30


@dataclass
class Wait:
    """Waits for one service.

    Args:
        manager: the host deployed through.
        service: the service's full name.
        seconds: the longest that it may take.
        former_update: start of the update before this one, which tells nothing of it.
        former_tasks: ids of the tasks that were there before.
    """

    manager: Host
    service: str
    seconds: float
    former_update: str = ""
    former_tasks: frozenset[str] = frozenset()
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _placed_at: float = 0.0
    """When a node was last found for the tasks, in seconds since the wait began."""

    def until_converged(self, progress: Progress) -> None:
        """Wait until the tasks run and are healthy.

        Raises:
            NotConverged: Swarm gave up, or the task cannot start, or it crashes again and again.
            Unreachable: still starting when the time was up.
        """
        begun, seen, self._placed_at = self.clock(), 0, 0.0
        while True:
            state = parse(self.manager.read(poll(self.service)))
            if state is not None:
                self.fail_fast(state, self.clock() - begun)
                # seen twice: Swarm begins an update a moment after the deploy command returns
                seen = seen + 1 if state.converged() else 0
                if seen > 1:
                    return
            phase = state.phase() if state else "no service yet"
            if self.clock() - begun > self.seconds:
                raise Unreachable(
                    f"still starting after {self.seconds:.0f} s, not failed: {phase}",
                    hint="run the same command again to go on waiting; the service is left as is",
                )
            progress(phase)
            self.sleep(_POLL_SECONDS)

    def fail_fast(self, state: Convergence, waited: float) -> None:
        """Stop where waiting cannot help.

        Raises:
            NotConverged: with the tasks' own errors and the end of their log.
        """
        if state.unhappy_since(self.former_update):
            if state.rolling_back:
                # what becomes of it is told when it is over
                return
            if state.update.startswith("rollback"):
                raise self._rolled_back(state)
            raise self._failure(f"Swarm says {state.update}: {state.update_message}", state)
        failed = self._failed(state, waited)
        rejected = [task for task in failed
                    if task.state == "rejected" and _PASSING not in task.error]  # fmt: skip
        if rejected:
            raise self._failure("the task was rejected by its node", state)
        if len(failed) >= _CRASHES:
            raise self._failure(f"the task crashed {len(failed)} times", state)
        pending = [task for task in state.tasks if task.state == "pending" and task.error]
        if not pending:
            self._placed_at = waited
        elif waited - self._placed_at > _NO_NODE_SECONDS:
            raise self._failure("no node can take the task", state, _NO_NODE_HINT)

    def _failed(self, state: Convergence, waited: float) -> list[Task]:
        """Tasks of what was deployed that failed.

        Those of another image, or made before the update began, are Swarm's last attempts at what
        the service was before.
        """
        failed = [task for task in state.tasks if task.failed and task.image == state.image
                  and task.id not in self.former_tasks]  # fmt: skip
        if not failed:
            return []
        if state.update_started in {"", self.former_update}:
            return failed if not self.former_tasks or waited > _BEGINNING_SECONDS else []
        made = self.manager.read(creation([task.id for task in failed]))
        since = made_since(made, state.update_started)
        return [task for task in failed if task.id in since]

    def _failure(
        self, message: str, state: Convergence, hint: str = "mend what the task says"
    ) -> NotConverged:
        return NotConverged(
            f"{self.service} does not run: {message}",
            evidence=self._evidence(state),
            hint=f"{hint}, then run the same command again",
            host=self.manager.name,
        )

    def _rolled_back(self, state: Convergence) -> RolledBack:
        first = next((task.line() for task in self._told(state)), state.update_message)
        stuck = "" if state.update == "rollback_completed" else f" ({state.update})"
        return RolledBack(
            f"{self.service} was rolled back{stuck}: {first}",
            evidence=[f"Swarm: {state.update_message}", *self._evidence(state)],
            hint="what ran before runs again; mend what the task says, then run the same command "
            "again",
            host=self.manager.name,
        )

    def _told(self, state: Convergence) -> list[Task]:
        """Tasks of this deployment that have something to say of their end."""
        return [task for task in state.tasks if task.error and task.id not in self.former_tasks]

    def _evidence(self, state: Convergence) -> list[str]:
        told = self._told(state)
        crashed = next((task for task in told if task.state == "failed"), None)
        log = [f"log: {line}" for line in self._log(crashed.id)] if crashed else []
        return [*(task.line() for task in told[:5]), *log]

    def _log(self, task: str) -> list[str]:
        body = 'timeout 10 docker service logs --raw --tail "$lines" -- "$task" 2>&1 || true'
        script = Script("read the task's log", body, {"task": task, "lines": _LOG_LINES})
        return self.manager.read(script).splitlines()[-_LOG_LINES:]

    def require_service(self, phase: str) -> None:
        """Make sure that there is something to wait for; what failed before is not held against it.

        Raises:
            Refused: the service is not deployed.
        """
        state = parse(self.manager.read(poll(self.service)))
        if state is None:
            raise Refused(
                f"the service {self.service} is not deployed ({phase})",
                host=self.manager.name,
                hint="run fab deploy first",
            )
        self.former_update = state.update_started
        self.former_tasks = frozenset(task.id for task in state.tasks if task.failed)

    def until_writable(self, web: Web, progress: Progress) -> str | None:
        """Wait until Nexus answers by its public name and can be written to.

        Returns:
            Nexus' version, where it told.

        Raises:
            NotConverged: the task crashes meanwhile.
            Unreachable: not writable when the time was up.
        """
        begun, looked, self._placed_at = self.clock(), 0.0, 0.0
        while True:
            status = nexus_status(web)
            if status.writable:
                return status.version
            waited = self.clock() - begun
            if status.untrusted and waited > _CERTIFICATE_SECONDS:
                raise status.untrusted
            if waited > self.seconds:
                raise Unreachable(
                    f"Nexus is not writable after {self.seconds:.0f} s: {status.phase}",
                    hint="still starting, not failed: run again to go on waiting; fab doctor "
                    "looks at names, certificate and ingress",
                )
            progress(f"waiting for Nexus: {status.phase}")
            if waited - looked > 5:  # noqa: PLR2004
                looked = waited
                state = parse(self.manager.read(poll(self.service)))
                if state:
                    self.fail_fast(state, waited)
            self.sleep(_POLL_SECONDS)
