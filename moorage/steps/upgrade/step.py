"""The steps around an upgrade: ``upgrade`` before anything is done, ``gate`` after all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from moorage.change import Action, Change, Difference, Plan
from moorage.errors import MoorageError, Refused, VerificationFailed
from moorage.quoting import Script
from moorage.steps.base import Later, RunScript, answer_of, asked
from moorage.steps.pending_upgrade import READ, Note, note_of, remove_note, write_note
from moorage.steps.upgrade import path
from moorage.steps.upgrade.path import Journey
from moorage.transport.base import Probe, Progress, all_sections
from moorage.transport.fleet import Fleet
from moorage.transport.http import Web
from moorage.transport.nexus_status import NexusStatus, nexus_status
from moorage.transport.parsing import parser

_SUMMARY = "look at what an upgrade needs"
_NFS_PARTS = {
    "databases": 'ls -d -- "$export"/db/component "$export"/db/nexus.mv.db 2>/dev/null || true',
    "size": 'du -skx -- "$export"/db 2>/dev/null | cut -f 1',
    "space": 'df -Pk -- "$export" | tail -n 1',
}
_MANAGER_PARTS = {
    "note": READ,
    "image": "docker service inspect --format "
    "'{{.Spec.TaskTemplate.ContainerSpec.Image}}' -- \"$service\"",
}


@dataclass(frozen=True)
class UpgradeDesired:
    """What is asked.

    Args:
        nfs, manager: inventory names.
        home: folder of lock and journal; export: the data directory.
        service: full name of the service that is Nexus.
        to: the version.
        image: that is to run.
        backup: name of the backup that is to be made before.
        floor: percent of space that must be free there.
        journey: all that is known but for what is read here.
    """

    nfs: str
    manager: str
    home: str
    export: str
    service: str
    to: str
    image: str
    backup: str
    journey: Callable[[path.Version, str, bool, bool], Journey]
    floor: int = 0


@dataclass(frozen=True)
class UpgradeObserved:
    """What is there.

    Args:
        note: of an upgrade that is not over.
        image: what the service runs; empty where it is not there.
        status: what Nexus answers.
        orient, h2: whether such a database lies in the data.
        size, free: bytes of the database, and that are left beside it; free_percent: of all.
    """

    note: Note | None
    image: str
    status: NexusStatus
    orient: bool
    h2: bool
    size: int
    free: int
    free_percent: int = 100


@dataclass(frozen=True)
class Prove:
    """Try what the gate tries later."""

    summary = "see which proofs hold before it"


class UpgradeStep:
    """Check the way to a version, and write down that it is begun.

    Args:
        prove: sees from outside that the registry does its work.
    """

    name = "upgrade"

    def __init__(
        self, fleet: Fleet, web: Callable[[], Web], wanted: UpgradeDesired,
        prove: Callable[[], None],
    ) -> None:  # fmt: skip
        self._fleet = fleet
        self._web = web
        self._wanted = wanted
        self._prove = prove
        self._failing = ""

    def observe(self, progress: Progress) -> UpgradeObserved:
        seen: UpgradeObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> Mapping[str, Probe]:
        wanted = self._wanted
        values = {"export": wanted.export}
        of_manager = {"home": wanted.home, "service": wanted.service}
        return {wanted.nfs: Probe(_SUMMARY, _NFS_PARTS, values),
                wanted.manager: Probe(_SUMMARY, _MANAGER_PARTS, of_manager)}  # fmt: skip

    @parser("the host")
    def read(
        self, answers: Mapping[str, str | MoorageError], _progress: Progress
    ) -> UpgradeObserved:
        wanted = self._wanted
        nfs = all_sections(answer_of(answers, wanted.nfs), _NFS_PARTS, _SUMMARY, wanted.nfs)
        manager = all_sections(answer_of(answers, wanted.manager), _MANAGER_PARTS, _SUMMARY,
                               wanted.manager)  # fmt: skip
        size, space = nfs["size"].text.strip(), nfs["space"].text.split()
        image = manager["image"]
        return UpgradeObserved(
            note=note_of(manager["note"].text),
            image=image.text.strip().partition("@")[0] if image.ok else "",
            status=nexus_status(self._web()),
            orient="/db/component" in nfs["databases"].text,
            h2="nexus.mv.db" in nfs["databases"].text,
            size=int(size) * 1024 if size.isdigit() else 0,
            free=int(space[3]) * 1024 if nfs["space"].ok else 0,
            free_percent=100 - int(space[4].rstrip("%")) if nfs["space"].ok else 100,
        )

    def plan(self, observed: UpgradeObserved) -> Plan:
        wanted, note = self._wanted, observed.note
        if note:
            return self._carried_on(note)
        if not observed.image:
            raise Refused(f"the service {wanted.service} is not deployed", host=wanted.manager,
                          hint="run fab up first")  # fmt: skip
        now = observed.status.version
        if now is None or not observed.status.writable:
            raise Refused(
                f"which Nexus runs is not known: {observed.status.phase}",
                hint="bring it up first with the version that its data have: fab up",
            )
        journey = wanted.journey(path.version_of(now), observed.status.edition, observed.orient,
                                 observed.h2)  # fmt: skip
        if now == wanted.to:
            return Plan(self.name, notes=(f"Nexus {now} runs already",))
        path.refuse(journey)
        self._refuse_full(observed)
        begun = Note(now, wanted.to, observed.image, wanted.backup)
        fields = (
            ("version", now, wanted.to), ("image", observed.image, wanted.image),
            ("data from before", None, f"backup {wanted.backup}"),
        )  # fmt: skip
        change = Change("create", f"upgrade to {wanted.to}", wanted.manager,
                        tuple(Difference(*field) for field in fields),
                        (Prove(), Later(wanted.manager, "write down that an upgrade is begun",
                                        lambda: self._begin(begun))))  # fmt: skip
        return Plan(self.name, (change,), tuple(self._notes(journey)))

    def _begin(self, begun: Note) -> Script:
        return write_note(replace(begun, failing=self._failing), self._wanted.home)

    def _refuse_full(self, observed: UpgradeObserved) -> None:
        wanted = self._wanted
        if observed.free_percent < wanted.floor:
            raise Refused(
                f"the file system of {wanted.export} has {observed.free_percent} % free, "
                f"{observed.free // 2**20} MiB; {wanted.floor} % are needed",
                host=wanted.nfs, hint="make room there, or set storage.floor",
            )  # fmt: skip
        if observed.free < 2 * observed.size:
            raise Refused(
                f"the file system of {wanted.export} has {observed.free // 2**20} MiB free, and a "
                f"database of {observed.size // 2**20} MiB is migrated in twice its room",
                host=wanted.nfs, hint="make room there",
            )  # fmt: skip

    def _carried_on(self, note: Note) -> Plan:
        wanted = self._wanted
        if note.to != wanted.to:
            raise Refused(f"an upgrade from {note.before} to {note.to} is not over",
                          host=wanted.manager, hint=note.ways_on())  # fmt: skip
        words = (
            f"an upgrade from {note.before} that was cut off is carried on; the data from before "
            f"are in the backup {wanted.backup}"
        )
        if note.backup == wanted.backup:
            return Plan(self.name, notes=(words,))
        # the former version ran on meanwhile, and took what that backup does not have
        newer = Difference("data from before", f"backup {note.backup}", f"backup {wanted.backup}")
        change = Change("update", f"upgrade to {wanted.to}", wanted.manager, (newer,),
                        (RunScript(wanted.manager, write_note(
                            replace(note, backup=wanted.backup), wanted.home)),))  # fmt: skip
        return Plan(self.name, (change,), (words,))

    def _notes(self, journey: Journey) -> Iterator[str]:
        yield from path.notes(journey)
        yield ("where the new version does not come up in time, the former one is brought back "
               "with its data; blobs stay as they are")  # fmt: skip

    def carry_out(self, action: Action, progress: Progress) -> None:
        """Remember what does not work now: the new version is not left for it.

        Raises:
            MoorageError: nothing can be tried.
        """
        assert isinstance(action, Prove)  # noqa: S101
        try:
            self._prove()
        except VerificationFailed as failure:
            self._failing = failure.subject
            progress(f"note: fab verify fails already: {failure.message}; where that fails after "
                     "the upgrade too, it is not brought back for it")  # fmt: skip


@dataclass(frozen=True)
class Compare:
    """Compare the new Nexus with what the former one said of itself."""

    to: str

    @property
    def summary(self) -> str:
        return f"see that Nexus {self.to} has all that there was"


class GateStep:
    """See that what was asked is what runs, and only then call it over.

    Args:
        compare: raises where the new Nexus is not as it should be.
        look: prints something, in a probe that has ``home``, as long as it is not over.
        subject: what goes when it is; default: the note of the upgrade.
    """

    name = "gate"

    def __init__(
        self, fleet: Fleet, manager: str, home: str, to: str, compare: Callable[[Progress], None],
        *, look: str = READ, subject: str = "",
    ) -> None:  # fmt: skip
        self._fleet = fleet
        self._manager = manager
        self._home = home
        self._to = to
        self._compare = compare
        self._look = look
        self._subject = subject or f"note of the upgrade to {to}"

    def observe(self, progress: Progress) -> bool:
        seen: bool = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> Mapping[str, Probe]:
        return {self._manager: Probe(_SUMMARY, {"note": self._look}, {"home": self._home})}

    @parser("the host")
    def read(self, answers: Mapping[str, str | MoorageError], _progress: Progress) -> bool:
        output = answer_of(answers, self._manager)
        return all_sections(output, ["note"], _SUMMARY, self._manager)["note"].text.strip() != ""

    def plan(self, observed: bool) -> Plan:
        if not observed:
            return Plan(self.name)
        return Plan(self.name, (
            Change("remove", self._subject, self._manager,
                   actions=(Compare(self._to), RunScript(self._manager, remove_note(self._home)))),
        ))  # fmt: skip

    def carry_out(self, action: Action, progress: Progress) -> None:
        assert isinstance(action, Compare)  # noqa: S101
        self._compare(progress)
