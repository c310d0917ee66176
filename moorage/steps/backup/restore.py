"""The step ``restore``: a backup in the place of the present data, which are moved aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from moorage.change import Action, Change, Difference, Plan
from moorage.errors import MoorageError, NotConverged, Refused
from moorage.quoting import Script, Value
from moorage.steps.backup import restore_scripts as shell
from moorage.steps.backup.content import unlike
from moorage.steps.backup.desired import BackupDesired
from moorage.steps.backup.generations import Generation, human
from moorage.steps.backup.observe import (
    RESTORING,
    BackupObserved,
    Export,
    Service,
    parse,
    place_for,
    probes,
)
from moorage.steps.backup.refusals import refuse_no_room, required
from moorage.steps.backup.rehearsal import chosen, whole
from moorage.steps.backup.target import COPY_SECONDS, Keeping, TargetObserved
from moorage.steps.backup.ways import AwaitWritable, Compare, Ways
from moorage.steps.base import RunScript, answer_of, asked
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet
from moorage.transport.nexus_status import nexus_status

_FAULTS_SHOWN = 10
_EXCHANGE_SECONDS = 900
"""How long an exchange that goes on by itself may take: what was fetched is written out first."""


@dataclass(frozen=True)
class Wish:
    """What is to be restored, and how.

    Args:
        generation: name of the backup; empty for the newest.
        stamp: the time, for the name of what is moved aside.
        any_version: a backup of another version of Nexus is taken too.
        without: names of entries of the data directory that stay as they are.
        leave_stopped: let the next step start Nexus again, and nobody else before it.
    """

    generation: str
    stamp: str
    any_version: bool = False
    without: tuple[str, ...] = ()
    leave_stopped: bool = False


@dataclass(frozen=True)
class Settle:
    """Undo or finish an exchange of data that was cut off.

    Args:
        start: whether the service may be started after it.
    """

    start: bool = True

    @property
    def summary(self) -> str:
        return "undo or finish the exchange of data"


class RestoreStep:
    """Put a backup in the place of the data."""

    name = "restore"

    def __init__(
        self, fleet: Fleet, wanted: BackupDesired, keeping: Keeping, ways: Ways, wish: Wish
    ) -> None:
        self._fleet = fleet
        self._wanted = wanted
        self._keeping = keeping
        self._ways = ways
        self._wish = wish
        self._seen: BackupObserved | None = None
        self._done = False
        self._restored = ""

    def observe(self, progress: Progress) -> BackupObserved:
        seen: BackupObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> Mapping[str, Probe]:
        return probes(self._wanted, self._keeping, sized=True)

    def read(
        self, answers: Mapping[str, str | MoorageError], _progress: Progress
    ) -> BackupObserved:
        answered = {host: answer_of(answers, host) for host in answers}
        status = nexus_status(self._ways.web())
        alive = status.version, status.writable
        self._seen = parse(answered, self._wanted, self._keeping, alive)
        return self._seen

    def plan(self, observed: BackupObserved) -> Plan:
        if self._done:
            return Plan(self.name)
        export, service = observed.export, observed.service
        if export is None:
            raise Refused(f"{self._wanted.export} is not there, or is no directory",
                          host=self._wanted.nfs, hint="run fab nfs-setup first")  # fmt: skip
        if service is None:
            raise Refused(f"the service {self._wanted.service} is not deployed",
                          host=self._wanted.manager, hint="run fab up first")  # fmt: skip
        self._refuse_under_way(observed, export, service)
        generation = chosen(observed.reached(), self._wish.generation)
        self._refuse_version(generation)
        if not self._wish.without:
            refuse_no_room(self._wanted, export, generation.manifest.bytes)
        changes = (
            *self._leftovers(observed, export),
            *required(self._wanted, observed, self._keeping.programs),
            self._exchange(observed, export, generation),
        )
        return Plan(self.name, changes, tuple(self._notes(observed, generation)))

    def _refuse_under_way(self, observed: BackupObserved, export: Export, service: Service) -> None:
        """Neither put a backup under half an upgrade, nor move data that Nexus has at work."""
        wanted = self._wanted
        if not (self._wish.leave_stopped or self._wish.any_version):
            # what the service would start on it is the later version, which migrates it
            observed.pending.refuse_upgrade(wanted.manager)
        if export.swap and service.replicas:
            raise Refused(
                f"an exchange of the data in {wanted.export} was cut off, and Nexus was started "
                "by hand on what it had moved", host=wanted.nfs,
                hint=f"what runs is kept by removing {wanted.home}/swap; to undo the exchange, and "
                f"all that was pushed since then: docker service scale {wanted.service}=0, then "
                "fab restore",
            )  # fmt: skip

    def _refuse_version(self, generation: Generation) -> None:
        theirs, ours = generation.manifest.version, self._wanted.version
        if theirs != ours and not self._wish.any_version:
            raise Refused(
                f"{generation.name} was written by Nexus {theirs}, and the inventory asks for "
                f"{ours}",
                hint=f"set nexus.version: {theirs} and run the same again, which deploys it with "
                f"its data; or --any-version, where {ours} is to migrate them for good",
            )

    def _leftovers(self, observed: BackupObserved, export: Export) -> Iterator[Change]:
        still = self._ways.standstill
        if export.swap:
            wrong = (Difference("cut off while moving", export.swap.splitlines()[0], None),)
            yield Change("update", f"exchange of the data in {self._wanted.export}",
                         self._wanted.nfs, wrong,
                         (Settle(start=not self._wish.leave_stopped),))  # fmt: skip
        if observed.stopped and not self._wish.leave_stopped:
            wrong = (Difference("stopped by a run that has died", observed.stopped, None),)
            yield Change("update", f"service {self._wanted.service}", self._wanted.manager, wrong,
                         (still.let_go(), still.start_if_stopped()))  # fmt: skip
        folder = self._folder(export)
        if folder in export.left:
            yield Change("remove", f"unfinished restoration {folder}", self._wanted.nfs,
                         actions=(self._run(self._away(folder)),), shown_by=("left",))  # fmt: skip

    def _folder(self, export: Export) -> str:
        return place_for(RESTORING, self._wanted.export, alone=export.alone)

    def _exchange(self, observed: BackupObserved, export: Export, generation: Generation) -> Change:
        folder = self._folder(export)
        aside = place_for(f"pre-restore-{self._wish.stamp}", self._wanted.export,
                          alone=export.alone)  # fmt: skip
        size = f", {human(export.size)}" if export.size is not None else ""
        version = observed.version or "not running"
        fields = (
            ("content", f"Nexus {version}{size}", generation.told()),
            ("what is there now goes to", None, aside),
        )
        kept = [("what stays as it is", None, ", ".join(self._wish.without))]
        return Change(
            "update", f"data of {self._wanted.export}", self._wanted.nfs,
            tuple(Difference(*field) for field in (*fields, *(kept if self._wish.without else []))),
            tuple(self._actions(export, generation, folder, aside)),
            otherwise=tuple(self._undone(folder)),
        )  # fmt: skip

    def _undone(self, folder: str) -> Iterator[Action]:
        yield Settle(start=not self._wish.leave_stopped)
        if not self._wish.leave_stopped:
            yield self._ways.standstill.start_if_stopped()
        yield self._run(self._away(folder))

    def _actions(
        self, export: Export, generation: Generation, folder: str, aside: str
    ) -> Iterator[Action]:
        still = self._ways.standstill
        if export.subvolume and not export.alone:
            script = Script(f"make the subvolume {folder}", shell.SUBVOLUME, {"into": folder})
            yield self._run(script)
        fetch = self._keeping.fetch(generation, folder, without=self._wish.without)
        yield self._run(fetch, COPY_SECONDS)
        yield from still.stop(f"restore {generation.name}", lambda: None)
        yield still.hold()
        yield self._run(self._swap(export, folder, aside), COPY_SECONDS)
        if not self._wish.leave_stopped:
            yield still.let_go()
            yield still.start()
            yield AwaitWritable()
        yield Compare(generation.name)

    def _swap(self, export: Export, folder: str, aside: str) -> Script:
        values: dict[str, Value] = {
            "home": self._wanted.home, "export": self._wanted.export, "into": folder,
            "aside": aside, "mounted": export.alone, "carried": list(self._wish.without),
        }  # fmt: skip
        return Script(
            f"move the data to {aside}, and the backup in their place", shell.SWAP, values
        )

    def _away(self, folder: str) -> Script:
        values: dict[str, Value] = {"into": folder, "home": self._wanted.home,
                                    "seconds": _EXCHANGE_SECONDS}  # fmt: skip
        return Script(f"remove {folder}", shell.AWAY, values)

    def _run(self, script: Script, seconds: float | None = None) -> RunScript:
        return RunScript(self._wanted.nfs, script, seconds=seconds)

    def _notes(self, observed: BackupObserved, generation: Generation) -> Sequence[str]:
        notes = ["what was pushed or changed since then will not be there; nothing is deleted"]
        if not generation.proven:
            notes.append(f"{generation.name} was never proven: fab backup-verify tries it first")
        if not observed.writable:
            notes.append("Nexus cannot be written to now")
        return notes

    def carry_out(self, action: Action, progress: Progress) -> None:
        if isinstance(action, Settle):
            self._settle(start=action.start)
        elif isinstance(action, AwaitWritable):
            self._ways.await_writable(progress)
        else:
            assert isinstance(action, Compare)  # noqa: S101
            self._restored = action.generation
            if not self._wish.leave_stopped:
                self.compare(progress)
            self._done = True

    def _settle(self, *, start: bool) -> None:
        """Undo or finish an exchange; only then may the service be started."""
        values: dict[str, Value] = {"home": self._wanted.home, "seconds": _EXCHANGE_SECONDS}
        settle = Script(Settle().summary, shell.SETTLE, values)
        done = self._fleet.host(self._wanted.nfs).change(settle, timeout=2 * _EXCHANGE_SECONDS)
        done.require(settle, self._wanted.nfs)
        if start:
            self._ways.standstill.let_go().carry_out(self._fleet)

    def _latest(self) -> TargetObserved:
        assert self._seen is not None  # noqa: S101  a plan comes from what was observed
        return self._seen.reached()

    def compare(self, progress: Progress) -> None:
        """See that Nexus has what the backup that was restored says.

        Raises:
            NotConverged: it has not.
        """
        generation = whole(self._latest().generation(self._restored), self._keeping,
                           self._fleet, self._wanted)  # fmt: skip
        content, web = generation.manifest.content, self._ways.web()
        if content is None:
            progress("note: the manifest has nothing of the repositories to compare with")
            return
        if not self._ways.log_in(web, generation.manifest.version):
            progress("note: Nexus takes no password known for admin, since it has the one of then: "
                     "let nexus.former_admin_password lead to it, and run fab nexus-seed; the "
                     "repositories were not compared")  # fmt: skip
            return
        faults = unlike(web, content, progress)
        if faults:
            raise NotConverged(
                f"{generation.name} is restored, but Nexus has other content than it says",
                evidence=faults[:_FAULTS_SHOWN],
                hint="what was there before is beside it, as the plan said; nothing was deleted",
            )
