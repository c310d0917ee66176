"""Carries out the actions of a change under the lock: each written down first, and put right."""

from __future__ import annotations

from dataclasses import dataclass, replace

from moorage import journal, lock_shell
from moorage.change import Action, Change
from moorage.errors import MoorageError, Unreachable
from moorage.lock import Lock
from moorage.pending import Pending
from moorage.planning import Work
from moorage.steps.base import HostStep, Later, RunScript


@dataclass(frozen=True)
class Acting:
    """What actions are carried out with.

    Args:
        results: how the last changes noted on a host ended, which its journal does not have yet.
    """

    work: Work
    lock: Lock
    results: dict[str, str]

    def note(self, where: str, entry: str) -> None:
        """Write down on a host what is about to be done, and how what was done before ended."""
        before = self.results.pop(self.lock.machine(where), "")
        note = lock_shell.note(self.lock.home, self.lock.token, entry, before)
        RunScript(where, note).carry_out(self.work.gatherer.fleet)

    def all_of(self, pending: Pending, change: Change) -> str:
        """All actions of a change, one after the other; what was seen after the last one.

        Where one fails, or Ctrl-C comes, what the change has for that is done before it is raised.
        """
        seen = ""
        try:
            for action in change.actions:
                self.work.report.progress(pending.step.name, action.summary)
                seen = self._one(pending, change, action, self.work.where(change.host))
        except BaseException as cause:
            self.put_right(pending, change, cause)
            raise
        return seen

    def put_right(self, pending: Pending, change: Change, cause: BaseException) -> None:
        """Do what a change has for the case that it, or what comes of it, goes wrong."""
        if not change.otherwise:
            return
        where = self.work.where(change.host)
        failed = isinstance(cause, MoorageError)
        said = cause.message if isinstance(cause, MoorageError) else "interrupted"
        self.work.report.line(f"{pending.step.name}: {said}: putting things right first")
        self.results[self.lock.machine(where)] = "failed" if failed else "interrupted"
        lost = isinstance(cause, Unreachable) and self._same(cause.host, where)
        noted = {where}
        for action in change.otherwise:
            # a host that is gone writes nothing down: the one that puts things right does
            at = getattr(action, "host", where) if lost else where
            noted.add(at)
            self.work.report.progress(pending.step.name, action.summary)
            try:
                self._one(pending, change, action, at)
                self.results[self.lock.machine(at)] = "done"
            except MoorageError as failure:
                self.results[self.lock.machine(at)] = "failed"
                self.work.report.line(f"{pending.step.name}: note: could not {action.summary}: "
                                      f"{failure.message}")  # fmt: skip
        for at in noted:
            try:
                self.note(at, "")
            except MoorageError:
                # whoever takes the lock over writes it down
                self.results.pop(self.lock.machine(at), None)

    def _same(self, one: str | None, other: str) -> bool:
        return one is not None and self.lock.machine(one) == self.lock.machine(other)

    def _one(self, pending: Pending, change: Change, action: Action, where: str) -> str:
        """One action under the lock, written down first; what a script saw after it.

        Args:
            where: the host whose journal has it.
        """
        step, fleet = pending.step, self.work.gatherer.fleet
        progress = self.work.gatherer.progress(step.name)
        entry = journal.beginning(self.lock.me, step.name, change, action)
        last = action is change.actions[-1]
        if isinstance(action, Later):
            action = action.now()
        home, token = self.lock.home, self.lock.token
        machine = self.lock.machine
        script_here = isinstance(action, RunScript) and self._same(action.host, where)
        if not script_here:
            self.note(where, entry)
            entry = ""
        if not isinstance(action, RunScript):
            step.carry_out(action, progress)
            return ""
        if action.host not in self.lock.taken:
            action.carry_out(fleet)
            return ""
        probe = None
        if last and isinstance(step, HostStep):
            probe = self.work.gatherer.probe(step, action.host, pending.shown_by(change))
        before = self.results.pop(machine(action.host), "")
        script = lock_shell.carry_out(
            action.script, home, token, entry, before, probe.script() if probe else None
        )
        output = replace(action, script=script).carry_out(fleet)
        said, seen = lock_shell.observed(output, token)
        for line in said.splitlines():
            if line.startswith("note:"):
                progress(line)
        return seen
