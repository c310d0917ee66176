"""Nexus stopped for a while, proven to be stopped, and started again whatever happens.

What was stopped is noted on the manager before it is stopped. A guard there, a process that nobody
is connected to, starts it again where the run that stopped it lives no more: it looks at that run's
heartbeat. A run that starts it itself takes the note away, and is told where the guard was quicker:
then what was copied meanwhile is not of one moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from moorage.change import Action
from moorage.quoting import Script, Value
from moorage.steps.base import Later, RunScript
from moorage.steps.stack import standstill_scripts as shell

_MORE_SECONDS = 120
"""How much longer than its grace a task may take to end."""
_LOCK_SECONDS = 120
"""NFSv4 servers keep a dead client's lock for its lease, 90 s by default (nfsd(7), nfs.conf(5))."""
GUARD_SECONDS = 60
"""A run that has given no sign of life for so long is taken for dead by the guard."""


@dataclass(frozen=True)
class Standstill:
    """Who is stopped, and where that is proven.

    Args:
        service: full name of the service.
        manager, nfs: inventory names of the hosts; nodes: of those that may run it.
        home: folder of lock and journal on the manager.
        export: the data directory on the NFS host.
        grace: seconds that a task is given to end by itself.
    """

    service: str
    manager: str
    nfs: str
    nodes: Sequence[str]
    home: str
    export: str
    grace: float = 120

    @property
    def _seconds(self) -> int:
        return int(self.grace) + _MORE_SECONDS

    def stop(self, why: str, begun: Callable[[], None]) -> Iterator[Action]:
        """Stop it, and prove that by its nodes and by its own lock.

        Args:
            why: for whoever finds it stopped, in one line.
            begun: called just before it is stopped.
        """
        values: dict[str, Value] = {"home": self.home, "service": self.service, "why": why,
                  "seconds": self._seconds, "limit": GUARD_SECONDS}  # fmt: skip
        stop = Script(f"stop {self.service} for a while", shell.STOP, values)

        def now() -> Script:
            begun()
            return stop

        yield Later(self.manager, stop.summary, now)
        for node in self.nodes:
            yield RunScript(node, self._no_task(node), "look there: docker ps")
        yield RunScript(self.nfs, self._no_lock(), f"look for who uses {self.export}")

    def _no_task(self, node: str) -> Script:
        values: dict[str, Value] = {"service": self.service, "seconds": self._seconds}
        return Script(f"prove that {self.service} does not run on {node}", shell.NO_TASK, values)

    def _no_lock(self) -> Script:
        values: dict[str, Value] = {"export": self.export, "seconds": _LOCK_SECONDS}
        return Script(f"prove that nobody holds {self.export}/lock", shell.NO_LOCK, values)

    def start(self) -> RunScript:
        """Start it again; fails where the guard has done so meanwhile."""
        values: dict[str, Value] = {"home": self.home, "service": self.service}
        hint = "it runs; what was copied is thrown away: run the same command again"
        return RunScript(self.manager, Script(f"start {self.service} again", shell.START, values),
                         hint)  # fmt: skip

    def start_if_stopped(self) -> RunScript:
        """Start it again where a run has stopped it and not started it; else nothing."""
        values: dict[str, Value] = {"home": self.home, "service": self.service,
                  "wanted": "{{.Spec.Mode.Replicated.Replicas}}"}  # fmt: skip
        script = Script(f"start {self.service} again, where it was stopped", shell.START_IF, values)
        return RunScript(self.manager, script)

    def see(self) -> RunScript:
        """See that it stands still as this run has left it; fails where the guard was quicker."""
        return RunScript(self.manager, Script("see that it is still stopped", shell.STILL,
                                              {"home": self.home}))  # fmt: skip

    def hold(self) -> RunScript:
        """Keep the guard from starting it: the data are about to be exchanged.

        Fails where the guard has started it meanwhile.
        """
        return RunScript(self.manager, Script("keep it stopped while data are exchanged",
                                              shell.HOLD, {"home": self.home}))  # fmt: skip

    def let_go(self) -> RunScript:
        """Have the guard see to it again."""
        return RunScript(self.manager, Script("let it be started again", shell.LET_GO,
                                              {"home": self.home}))  # fmt: skip
