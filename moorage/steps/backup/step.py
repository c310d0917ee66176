"""The step ``backup``: one more generation of Nexus' data, and those that are too many removed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from moorage.change import Action, Change, Difference, Plan
from moorage.errors import MoorageError, Refused, RequestRefused, Unreachable
from moorage.quoting import Script
from moorage.steps.backup.content import read_content
from moorage.steps.backup.desired import BackupDesired
from moorage.steps.backup.generations import Content, Manifest, surplus
from moorage.steps.backup.notes import notes
from moorage.steps.backup.observe import BackupObserved, Export, parse, probes
from moorage.steps.backup.record import record_change
from moorage.steps.backup.refusals import (
    refuse,
    refuse_absent,
    refuse_clock,
    refuse_full,
    refuse_gone,
    required,
)
from moorage.steps.backup.source import Source
from moorage.steps.backup.target import COPY_SECONDS, Keeping, TargetObserved
from moorage.steps.backup.ways import Ask, AwaitWritable, Measure, Ways
from moorage.steps.base import Later, RunScript, answer_of, asked
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet
from moorage.transport.nexus_status import nexus_status


class BackupStep:
    """Make a generation.

    Args:
        name_of_new: its name, which tells when it was begun.
        leave_stopped: let the next step start Nexus again.
        only_of: image, name and tag, whose data it is to have; empty for whatever runs.
    """

    name = "backup"

    def __init__(
        self, fleet: Fleet, wanted: BackupDesired, keeping: Keeping, ways: Ways, name_of_new: str,
        *, leave_stopped: bool = False, only_of: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._fleet = fleet
        self._wanted = wanted
        self._keeping = keeping
        self._ways = ways
        self._new = name_of_new
        self._leave_stopped = leave_stopped
        self._only_of = only_of
        self._clock = clock
        self._seen: BackupObserved | None = None
        self._content: Content | None = None
        self._stopped_at = 0.0
        self._downtime: float | None = None
        self._late: MoorageError | None = None

    @property
    def stopped_at(self) -> float:
        """When Nexus was stopped, on the clock; 0 where it was not."""
        return self._stopped_at

    def observe(self, progress: Progress) -> BackupObserved:
        seen: BackupObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> Mapping[str, Probe]:
        return probes(self._wanted, self._keeping, sized=True)

    def read(
        self, answers: Mapping[str, str | MoorageError], _progress: Progress
    ) -> BackupObserved:
        whole = {host: answer_of(answers, host) for host in answers}
        status = nexus_status(self._ways.web())
        alive = status.version, status.writable
        self._seen = parse(whole, self._wanted, self._keeping, alive)
        return self._seen

    def plan(self, observed: BackupObserved) -> Plan:
        target = observed.reached()
        refuse_absent(self._wanted, observed)
        if target.generation(self._new):
            return self._after(observed, target)
        self._refuse_other(observed)
        refuse_gone(self._wanted, observed, target)
        refuse_clock(self._wanted, target, self._new)
        export = refuse(self._wanted, observed, target)
        changes = (
            *self._ready(observed, export, target),
            *self._leftovers(export, target),
            *self._started(observed),
            *(self._surplus(observed, target, None) if self._leave_stopped else ()),
            self._generation(observed, export, target),
            *(() if self._leave_stopped else self._surplus(observed, target, self._new)),
            *record_change(self._wanted, observed.record, target, self._latest, new=self._new),
        )
        return Plan(self.name, changes, tuple(notes(self._wanted, export, target)))

    def _after(self, observed: BackupObserved, target: TargetObserved) -> Plan:
        """What is left once the generation is there."""
        if self._late:
            raise self._late
        # while Nexus stands still nobody waits for old ones to go: the next backup has them removed
        too_many = () if self._leave_stopped else self._surplus(observed, target, None)
        changes = (*too_many,
                   *record_change(self._wanted, observed.record, target, self._latest))  # fmt: skip
        return Plan(self.name, changes)

    def _refuse_other(self, observed: BackupObserved) -> None:
        """A backup that lacks is not made of what a later version has made of the data."""
        if self._only_of and observed.service and observed.service.image != self._only_of:
            raise Refused(
                f"the backup {self._new} of the data from before is not at "
                f"{self._wanted.target.told}", host=self._wanted.nfs,
                hint="see what became of it, and whether backup.to leads to where it was made",
            )  # fmt: skip

    def _latest(self) -> TargetObserved:
        assert self._seen is not None  # noqa: S101  a plan comes from what was observed
        return self._seen.reached()

    def _run(self, script: Script, seconds: float | None = None, hint: str = "") -> RunScript:
        return RunScript(self._wanted.nfs, script, hint, seconds)

    def _ready(
        self, observed: BackupObserved, export: Export, target: TargetObserved
    ) -> Iterator[Change]:
        needed = [*self._keeping.programs, *(["btrfs"] if self._source(export).snapshot else [])]
        yield from required(self._wanted, observed, needed)
        if not target.ready:
            yield Change("create", f"place for backups {self._wanted.target.told}",
                         self._wanted.nfs, actions=(self._run(self._keeping.make()),),
                         shown_by=("target",))  # fmt: skip

    def _leftovers(self, export: Export, target: TargetObserved) -> Iterator[Change]:
        for name in target.partial:
            yield Change("remove", f"unfinished backup {name}", self._wanted.nfs,
                         actions=(self._run(self._keeping.discard(name)),),
                         shown_by=("target",))  # fmt: skip
        source = self._source(export)
        if source.path in export.left:
            yield Change("remove", f"snapshot {source.path}", self._wanted.nfs,
                         actions=(self._run(source.remove()),), shown_by=("left",))  # fmt: skip

    def _started(self, observed: BackupObserved) -> Iterator[Change]:
        """What a run has stopped that lives no more: this one has the manager's lock.

        The guard of such a run may have started it just now.
        """
        still = self._ways.standstill
        if observed.stopped or observed.pending.held:
            # no exchange of data is noted where they are, so that they are whole
            wrong = (
                Difference("stopped by a run that has died", observed.stopped or "held", None),
            )
            yield Change("update", f"service {self._wanted.service}", self._wanted.manager, wrong,
                         (still.let_go(), still.start_if_stopped(), AwaitWritable()))  # fmt: skip
        elif not observed.writable:
            wrong = (Difference("Nexus", "does not answer yet", "writable"),)
            yield Change("update", f"service {self._wanted.service}", self._wanted.manager, wrong,
                         (AwaitWritable(),))  # fmt: skip

    def _source(self, export: Export) -> Source:
        return Source.of(export, self._wanted)

    def _previous(self, target: TargetObserved) -> str:
        return target.generations[-1].name if target.generations else ""

    def _generation(
        self, observed: BackupObserved, export: Export, target: TargetObserved
    ) -> Change:
        wanted, source, previous = self._wanted, self._source(export), self._previous(target)
        assert observed.service is not None  # noqa: S101  refused before
        fields = (
            ("of", f"{wanted.export}, Nexus {observed.version or wanted.version}"),
            ("to", wanted.target.told),
            ("of one moment by", source.told),
            ("upon", previous or "nothing: all is copied"),
        )
        manifest = Manifest(
            name=self._new, stack=wanted.stack, version=observed.version or wanted.version,
            image=observed.service.image, image_id=observed.image_id,
            inventory=wanted.inventory, kind=source.kind,
        )  # fmt: skip
        undo = [
            self._ways.standstill.start_if_stopped(),
            self._run(self._keeping.discard(self._new)),
        ]
        if source.snapshot:
            undo.append(self._run(source.remove()))
        return Change(
            "create", f"backup {self._new}", wanted.nfs,
            tuple(Difference(field, None, value) for field, value in fields),
            tuple(self._actions(source, previous, manifest)), otherwise=tuple(undo),
        )  # fmt: skip

    def _actions(self, source: Source, previous: str, manifest: Manifest) -> Iterator[Action]:
        keeping, still, long = self._keeping, self._ways.standstill, COPY_SECONDS
        hint = "look at the space that is left there; nothing of it counts as a backup"
        copy = keeping.copy(self._new, previous, source.path, live=False)
        yield Measure()
        if not source.snapshot:
            live = keeping.copy(self._new, previous, source.path, live=True)
            yield self._run(live, long, hint)
        yield Ask()
        yield from still.stop(f"backup {self._new}", self._begun)
        yield self._run(source.take() if source.snapshot else copy, long, hint)
        if not self._leave_stopped:
            yield still.start()
            yield AwaitWritable()
        if source.snapshot:
            yield self._run(copy, long, hint)
            yield self._run(source.remove())

        def complete() -> Script:
            whole = replace(manifest, content=self._content, downtime=self._downtime)
            return keeping.complete(whole, previous)

        yield Later(self._wanted.nfs, f"check {self._new} and call it complete", complete, hint,
                    long)  # fmt: skip
        if self._leave_stopped:
            # what was pushed since the copy would be lost on the way back
            yield still.see()

    def _begun(self) -> None:
        self._stopped_at = self._clock()

    def _surplus(
        self, observed: BackupObserved, target: TargetObserved, new: str | None
    ) -> Iterator[Change]:
        note = observed.pending.note
        needed = note.backup if note else ""
        for one in surplus(target.generations, self._wanted.rule, new, needed):
            yield Change("remove", f"backup {one.name}", self._wanted.nfs,
                         (Difference("kept", one.told(), None),),
                         (self._run(self._keeping.remove(one), COPY_SECONDS),),
                         shown_by=("target",))  # fmt: skip

    def carry_out(self, action: Action, progress: Progress) -> None:
        if isinstance(action, Measure):
            self._measure()
        elif isinstance(action, Ask):
            self._content = self._ask(progress)
        else:
            assert isinstance(action, AwaitWritable)  # noqa: S101
            self._await(progress)

    def _measure(self) -> None:
        assert self._seen is not None and self._seen.export is not None  # noqa: S101, PT018
        target = self._latest()
        script = self._keeping.measure(self._previous(target), self._source(self._seen.export).live)
        if script is None:
            return
        said = self._fleet.host(self._wanted.nfs).read(script, timeout=COPY_SECONDS).strip()
        refuse_full(self._wanted, target, int(said) if said.isdigit() else None)

    def _ask(self, progress: Progress) -> Content | None:
        assert self._seen is not None  # noqa: S101
        web = self._ways.web()
        try:
            if self._ways.log_in(web, self._seen.version or self._wanted.version):
                return read_content(web, self._wanted.sample, progress)
            progress("note: Nexus takes no password known for admin: the manifest has nothing of "
                     "its repositories, and a proof can compare files alone")  # fmt: skip
        except (Unreachable, Refused, RequestRefused) as failure:
            progress(f"note: the manifest has nothing of the repositories: {failure.message}")
        return None

    def _await(self, progress: Progress) -> None:
        try:
            self._ways.await_writable(progress)
        except MoorageError as failure:
            if not self._stopped_at:
                raise
            # what was copied is whole, and wanted now more than ever
            self._late = failure
            progress(f"note: {failure.message}; the backup goes on")
            return
        if self._stopped_at:
            self._downtime = round(self._clock() - self._stopped_at, 1)
            progress(f"note: Nexus could not be written to for {self._downtime:.0f} s")
