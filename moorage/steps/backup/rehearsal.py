"""The step ``rehearsal``: a backup restored beside the service, compared, and all of it removed.

What is made for it is a stack of its own on a network of its own that leads nowhere: without
routes, without published ports, and without a way out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from moorage.change import Action, Change, Difference, Plan
from moorage.errors import MoorageError, Refused, VerificationFailed
from moorage.quoting import Script
from moorage.steps.backup.beside import Beside
from moorage.steps.backup.content import unlike
from moorage.steps.backup.desired import BackupDesired
from moorage.steps.backup.generations import Generation, human
from moorage.steps.backup.observe import VERIFY, BackupObserved, Export, parse, place_for, probes
from moorage.steps.backup.record import record_change
from moorage.steps.backup.refusals import refuse_absent, refuse_no_room, required
from moorage.steps.backup.restic import with_content
from moorage.steps.backup.target import COPY_SECONDS, Keeping, TargetObserved
from moorage.steps.backup.ways import Compare, Ways
from moorage.steps.base import RunScript, answer_of, asked
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet

_FAULTS_SHOWN = 10


class RehearsalStep:
    """Prove that a backup can be restored.

    Args:
        beside: the stack that is made for it.
        generation: name of the backup; empty for the newest.
        wanted_at_all: false only takes away what a run that died left of a rehearsal.
    """

    name = "rehearsal"

    def __init__(
        self, fleet: Fleet, wanted: BackupDesired, keeping: Keeping, ways: Ways, beside: Beside,
        *, generation: str = "", wanted_at_all: bool = True,
    ) -> None:  # fmt: skip
        self._fleet = fleet
        self._wanted = wanted
        self._keeping = keeping
        self._ways = ways
        self._beside = beside
        self._generation = generation
        self._wanted_at_all = wanted_at_all
        self._seen: BackupObserved | None = None
        self._done = ""

    def observe(self, progress: Progress) -> BackupObserved:
        seen: BackupObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> Mapping[str, Probe]:
        return probes(self._wanted, self._keeping, sized=False)

    def read(
        self, answers: Mapping[str, str | MoorageError], _progress: Progress
    ) -> BackupObserved:
        whole = {host: answer_of(answers, host) for host in answers}
        self._seen = parse(whole, self._wanted, self._keeping, (None, False))
        return self._seen

    def plan(self, observed: BackupObserved) -> Plan:
        export = refuse_absent(self._wanted, observed)
        folder = place_for(VERIFY, self._wanted.export, alone=export.alone)
        changes = [*self._leftovers(observed, export, folder)]
        if not self._wanted_at_all:
            return Plan(self.name, tuple(changes))
        target = observed.reached()
        generation = chosen(target, self._generation)
        if self._done == generation.name:
            changes += record_change(self._wanted, observed.record, target, self._latest)
            return Plan(self.name, tuple(changes))
        refuse_no_room(self._wanted, export, generation.manifest.bytes)
        self._refuse_image(observed, generation)
        changes += required(self._wanted, observed, self._keeping.programs)
        changes.append(self._proof(generation, folder))
        changes += record_change(self._wanted, observed.record, target, self._latest,
                                 proving=generation.name)  # fmt: skip
        return Plan(self.name, tuple(changes), tuple(self._notes(generation, folder)))

    def _leftovers(self, observed: BackupObserved, export: Export, folder: str) -> Iterator[Change]:
        wrong = (Difference("left by a run that has died", "there", None),)
        *stack, directory = self._removal(folder)
        if observed.beside:
            # it is looked at through the manager: what is done there comes last
            yield Change("remove", f"stack {self._beside.stack}", self._wanted.manager, wrong,
                         (*stack, stack[0]))  # fmt: skip
        if folder in export.left:
            yield Change("remove", f"directory {folder}", self._wanted.nfs, wrong,
                         (*stack[1:], directory))  # fmt: skip

    def _latest(self) -> TargetObserved:
        assert self._seen is not None  # noqa: S101  a plan comes from what was observed
        return self._seen.reached()

    def _refuse_image(self, observed: BackupObserved, generation: Generation) -> None:
        image = generation.manifest.image
        lacking = [node for node, names in observed.images.items() if image not in names]
        if lacking and not self._beside.pulled:
            raise Refused(
                f"the image {image}, which {generation.name} was written by, is not there",
                host=lacking[0],
                hint="bring it there by docker save and docker load, or prove a newer backup",
            )

    def _notes(self, generation: Generation, folder: str) -> Iterator[str]:
        yield (f"{human(generation.manifest.bytes)} go to {folder} for as long as it takes, and a "
               "second Nexus needs as much memory as the first")  # fmt: skip

    def _proof(self, generation: Generation, folder: str) -> Change:
        fields = (
            ("backup", generation.told()),
            ("restored to", folder),
            ("run as", f"stack {self._beside.stack}, without routes, ports and a way out"),
        )
        return Change(
            "create", f"proof of backup {generation.name}", self._wanted.nfs,
            tuple(Difference(field, None, value) for field, value in fields),
            tuple(self._actions(generation, folder)), otherwise=tuple(self._removal(folder)),
        )  # fmt: skip

    def _actions(self, generation: Generation, folder: str) -> Iterator[Action]:
        yield self._run(self._keeping.fetch(generation, folder), COPY_SECONDS)
        yield self._run(self._beside.let_in(folder))
        yield RunScript(self._wanted.manager,
                        self._beside.deploy(folder, generation.manifest.image))  # fmt: skip
        yield Compare(generation.name)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        yield self._run(self._keeping.prove(generation, at))
        yield from self._removal(folder)

    def _removal(self, folder: str) -> Iterator[RunScript]:
        """All of it taken away; done twice it does no harm."""
        yield RunScript(self._wanted.manager, self._beside.remove())
        for node in self._wanted.nodes:
            yield RunScript(node, self._beside.remove_volume(folder))
        yield self._run(self._beside.shut_out(folder), COPY_SECONDS)

    def _run(self, script: Script, seconds: float | None = None) -> RunScript:
        return RunScript(self._wanted.nfs, script, seconds=seconds)

    def carry_out(self, action: Action, progress: Progress) -> None:
        assert isinstance(action, Compare)  # noqa: S101
        generation = whole(self._latest().generation(action.generation), self._keeping,
                           self._fleet, self._wanted)  # fmt: skip
        compare(generation, self._beside, self._ways, progress)
        self._done = generation.name


def compare(generation: Generation, beside: Beside, ways: Ways, progress: Progress) -> None:
    """Wait for the Nexus beside, and compare what it has with the manifest.

    Raises:
        VerificationFailed: it is another version, or has other content.
        MoorageError: it does not come up.
    """
    manifest = generation.manifest
    web = beside.await_writable(progress)
    if manifest.content is None:
        progress("note: the manifest has nothing of the repositories: the files were compared, and "
                 "Nexus can be written to")  # fmt: skip
        return
    if not ways.log_in(web, manifest.version):
        raise VerificationFailed(
            f"the Nexus of {generation.name} takes no password known for admin",
            hint="where the password was another one then, have nexus.former_admin_password lead "
            "to it",
        )
    faults = unlike(web, manifest.content, progress)
    if faults:
        failure = VerificationFailed(
            f"{generation.name} was restored, but has other content than it says",
            hint="do not rely on it: make another one, with --verify",
        )
        failure.evidence = faults[:_FAULTS_SHOWN]
        raise failure
    content = manifest.content
    progress(f"note: {generation.name} is proven: {len(content.repositories)} repositories and "
             f"{len(content.assets)} files as they were")  # fmt: skip


def chosen(target: TargetObserved, name: str) -> Generation:
    """The generation that is meant: one by its name, or the newest.

    Raises:
        Refused: there is none.
    """
    if not target.generations:
        raise Refused("there is no backup", hint="make one: fab backup")
    found = target.generation(name) if name else target.generations[-1]
    if found is None:
        known = ", ".join(one.name for one in target.generations[-5:])
        raise Refused(f"there is no backup {name}", hint=f"there are: {known}")
    return found


def whole(
    generation: Generation | None, keeping: Keeping, fleet: Fleet, wanted: BackupDesired
) -> Generation:
    """A generation with its whole manifest."""
    assert generation is not None  # noqa: S101  chosen from the same
    script = keeping.described(generation)
    if script is None:
        return generation
    return with_content(generation, fleet.host(wanted.nfs).read(script))
