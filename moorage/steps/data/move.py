"""The move itself: what was stopped is started again, whatever comes in between."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from moorage.errors import CommandFailed, MoorageError, Unreachable, VerificationFailed
from moorage.quoting import Script
from moorage.steps.data import scripts
from moorage.steps.data.desired import DataDesired, Move
from moorage.transport.base import Host, Progress
from moorage.transport.fleet import Fleet, all_or_first_failure

_POLL_SECONDS = 2.0
_LOST_SECONDS = 120.0
"""How long a node may be out of reach while its copy goes on."""
_END_SECONDS = 30.0
_STOP_LIMIT = 360.0
_DIGITS = 3  # of an exit code

Converge = Callable[[str, frozenset[str], Progress], None]
"""Waits until the service runs with what it was given and Nexus can be written to.

It is told the start of the update before, and the ids of the tasks that were there before.
"""


@dataclass(frozen=True)
class State:
    """How far a part of the work is.

    Args:
        ended: its exit code; None while it runs.
        lost: whether it is gone without having told how it ended.
    """

    ended: int | None
    lost: bool
    out: tuple[str, ...]
    err: tuple[str, ...]


def state_of(output: str) -> State:
    """What the poll says."""
    first, *lines = output.splitlines() or ["lost"]
    code = first.partition(" ")[2]
    return State(
        ended=int(code)
        if first.startswith("ended") and code.isdecimal() and len(code) <= _DIGITS
        else None,
        lost=first == "lost",
        out=tuple(
            line[4:].strip() for line in lines if line.startswith("out ") and line[4:].strip()
        ),
        err=tuple(line[4:] for line in lines if line.startswith("err ")),
    )


@dataclass
class Mover:
    """Carries one move out.

    Args:
        converge: waits for the service after the switch.
    """

    fleet: Fleet
    wanted: DataDesired
    move: Move
    converge: Converge
    progress: Progress
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _stopped_at: float = field(default=0.0)

    def carry_out(self) -> None:
        """All of it.

        Raises:
            MoorageError: before the switch: the service was started again as it was. After it: the
                service has its data on the export, and the former ones are where they were.
        """
        self._part("first")
        try:
            self._stop()
            self._part("second")
            checked = self._part("compare")
        except BaseException as failure:
            self._start_again(failure)
            raise
        self._tell(checked)
        self._run(self._manager(), scripts.switch(self.wanted, self.move.replicas),
                  f"run the same again; where it is stopped: {self._by_hand()}")  # fmt: skip
        self._unclaim()
        try:
            self.converge(self.move.former_update, self.move.former_tasks, self.progress)
        except MoorageError as failure:
            failure.hint = (
                f"{failure.hint}; the former data are untouched in {self.move.place}: to go back, "
                f"docker service update --rollback {self.wanted.service} on a manager"
            ).strip("; ")
            raise
        down = self.clock() - self._stopped_at
        self.progress(f"note: Nexus was away for {down:.0f} s; the former data are kept in "
                      f"{self.move.place} on {self.move.host}")  # fmt: skip

    def _unclaim(self) -> None:
        """The export is Nexus' own from here on: no other copy may remove what is pushed to it."""
        try:
            self._run(self.fleet.host(self.wanted.nfs), scripts.unclaim(self.wanted))
        except MoorageError as failure:
            self.progress(f"note: {self.wanted.nfs} keeps its note of the copy for now: "
                          f"{failure.message}")  # fmt: skip

    def _manager(self) -> Host:
        return self.fleet.host(self.move.manager)

    def _stop(self) -> None:
        self.progress(f"stopping {self.wanted.service}")
        self._stopped_at = self.clock()
        script = scripts.stop(self.wanted, self.move.replicas)
        self._run(self._manager(), script, "see docker service ps on the manager")
        seen = scripts.stopped(self.wanted, self.move.volume)
        all_or_first_failure(
            self.fleet.each(self.wanted.machines, lambda host: self._run(host, seen))
        )

    def _start_again(self, failure: BaseException) -> None:
        """Nexus must not stay away because of a move that did not come to its end."""
        try:
            self._end()
            self.progress("starting Nexus again as it was")
            self._run(self._manager(), scripts.start_again(self.wanted, self.move.replicas))
        except MoorageError as second:
            told = (
                f"and {self.wanted.service} could not be started again ({second.message}); the "
                f"manager does it by itself in {scripts.STALE_SECONDS} s, or: {self._by_hand()}"
            )
            self.progress(f"note: {told}")
            if isinstance(failure, MoorageError):
                failure.hint = f"{failure.hint}; {told}".strip("; ")
        else:
            if isinstance(failure, MoorageError):
                failure.hint = f"{failure.hint}; Nexus was started again as it was".strip("; ")
            self.progress("note: Nexus was started again as it was")

    def _by_hand(self) -> str:
        return f"docker service scale {self.wanted.service}={self.move.replicas}"

    def _part(self, name: str) -> State:
        """One part of the work on the node, waited for however long it takes."""
        node = self.fleet.host(self.move.host)
        script = scripts.start(self.wanted, self.move, name)
        self.progress(script.summary)
        try:
            self._run(node, script)
            state = self._ended(node, script)
        except BaseException:
            if name == "first":
                self._end()
            raise
        if state.ended == 0:
            return state
        said = "\n".join((*state.out[-1:], *state.err))
        if state.ended == scripts.DIFFERS:
            failure = VerificationFailed(
                "the copy on the export is not what is on the node", host=self.move.host,
                hint="somebody else writes to one of them; see who, and run again",
            )  # fmt: skip
            failure.evidence = [f"| {line}" for line in state.err]
            raise failure
        code = -1 if state.ended is None else state.ended
        raise CommandFailed(
            f"could not finish: {script.summary.removeprefix('begin ')}", command="rsync",
            exit_code_seen=code, output=said, host=self.move.host,
            hint=_HINTS.get(code, "mend what it says, then run the same command again"),
        )  # fmt: skip

    def _ended(self, node: Host, script: Script) -> State:
        poll, silent_since = scripts.poll(self.wanted), 0.0
        what = script.summary.removeprefix("begin the ")
        while True:
            try:
                state = state_of(node.read(poll, timeout=60))
                silent_since = 0.0
            except Unreachable:
                silent_since = silent_since or self.clock()
                if self.clock() - silent_since > _LOST_SECONDS:
                    raise
            else:
                if state.ended is not None or state.lost:
                    return state
                self.progress(f"{what}: {' '.join(state.out[-1].split())}" if state.out else what)
            self.sleep(_POLL_SECONDS)

    def _end(self) -> None:
        script = scripts.end(self.wanted)
        self.fleet.host(self.move.host).change(script, timeout=_END_SECONDS)

    def _tell(self, state: State) -> None:
        """What was compared, in words."""
        counts = dict(line.split(" ", 1) for line in state.out if " " in line)
        files, _, size = counts.get("to", "").partition(" ")
        kind = (
            "all files" if self.wanted.checksums == "all" else "files, all but blobs and a sample"
        )
        self.progress(f"note: the same on both sides: {files} files, {size} bytes by name, size "
                      f"and time; {counts.get('checked', '0')} {kind}, by SHA-256")  # fmt: skip

    def _run(self, host: Host, script: Script, hint: str = "") -> str:
        result = host.change(script, timeout=_STOP_LIMIT)
        return result.require(script, host.name, hint=hint)


_HINTS = {
    scripts.NOT_MOUNTED: "the node could not mount the export: fab doctor, fab nfs-setup",
    11: "the export is full, or cannot be written to: see df on the NFS host",
    23: "some files cannot be read or written as Nexus' user: see whose they are on the node",
}
"""By exit code: rsync(1), "EXIT VALUES", and the script's own."""
