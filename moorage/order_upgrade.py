"""An upgrade made ready for a site: which site it leads to, and what its steps are handed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from moorage import documents
from moorage.config.schema.base import Contradictions, seconds
from moorage.config.schema.site import Site
from moorage.config.yamlfile import Steps
from moorage.documents.units import in_seconds
from moorage.errors import NotConverged, Refused, VerificationFailed
from moorage.order import Assembly
from moorage.order_backup import Backups
from moorage.quoting import Script
from moorage.steps.backup.content import unlike
from moorage.steps.base import Step
from moorage.steps.image.pull import PullStep
from moorage.steps.pending_upgrade import note_of, read_note
from moorage.steps.upgrade import GateStep, Journey, Note, UpgradeDesired, UpgradeStep
from moorage.steps.upgrade.path import version_of
from moorage.transport.base import Progress
from moorage.transport.http import Web
from moorage.transport.nexus_status import nexus_status

_FAULTS_SHOWN = 10
_IMAGE = """
docker service inspect --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}' -- "$service"
"""


def site_at(site: Site, version: str, base: str | None = None) -> Site:
    """The same site with another version of Nexus.

    Args:
        base: what its image is built upon; None for the same under the tag of that version.

    Raises:
        Refused: the inventory asks for what that version lacks, or its image is given, or has a tag
            of its own.
    """
    image = site.nexus.image
    if image.distribution == "given":
        raise Refused(
            "nexus.image.distribution is given: Moorage builds no image of another version",
            hint="have it build its own first: distribution: load, tag: null, and a base; fab up",
        )
    if image.tag and version != site.nexus.version:
        raise Refused(
            f"nexus.image.tag is {image.tag}: the image of either version would have one name, and "
            "there would be no way back",
            hint="set nexus.image.tag: null, which names each by its version; fab up, then again",
        )
    base = base or _base_at(image.base, site.nexus.version, version)
    nexus = site.nexus.model_copy(update={
        "version": version, "image": image.model_copy(update={"base": base}),
    })  # fmt: skip
    try:
        return site.with_nexus(nexus)
    except Contradictions as cause:
        found = "; ".join(f"{field}: {message}" for field, message in cause.found)
        raise Refused(f"Nexus {version}: {found}", hint="mend the inventory first") from None


def site_before(site: Site, version: str) -> Site:
    """The same site with the version that ran before; what that lacks was lacking then too."""
    nexus = site.nexus.model_copy(update={"version": version})
    return site.model_copy(update={"nexus": nexus})


def _base_at(base: str, now: str, to: str) -> str:
    """A base image's name for another version: a tag of its own follows where it has the version.

    Raises:
        Refused: it has one that does not tell.
    """
    name, at, digest = base.partition("@")
    last = name.rpartition("/")[2]
    if now == to or (":" not in last and not digest):
        return base
    tag = last.partition(":")[2]
    if at or now not in tag:
        raise Refused(
            f"nexus.image.base is {base}: which image has Nexus {to} cannot be told from that",
            hint="say it: fab upgrade --to VERSION --base IMAGE",
        )
    return f"{name.removesuffix(tag)}{tag.replace(now, to, 1)}"


def deployed_image(assembly: Assembly) -> str:
    """The image that the service is to run now, name and tag."""
    site = assembly.site
    values = {"service": f"{site.stack.name}_{site.stack.service}"}
    script = Script("see which image it runs", _IMAGE, values)
    return assembly.fleet.host(assembly.manager).read(script).strip().partition("@")[0]


def image_makers(assembly: Assembly) -> dict[str, Callable[[], Step]]:
    """What brings the image to the nodes before a former task is stopped."""
    distribution = assembly.site.nexus.image.distribution
    own = {"image": lambda: assembly.own_step("image")} if distribution != "given" else {}
    return {**own, **({"pull": lambda: pull_step(assembly)} if distribution != "load" else {})}


def pull_step(assembly: Assembly, nodes: Sequence[str] = ()) -> PullStep:
    """What has nodes fetch the image from its registry; all that may run it without names."""
    stack = assembly.any_stack()
    return PullStep(assembly.fleet, assembly.image, tuple(nodes) or stack.eligible, stack.login)


class Upgrades:
    """Makes the steps of an upgrade, and those that bring the former version back.

    Args:
        assembly: of the site as it is to be.
        note: of the upgrade.
        prove: sees from outside that the new version does its work; raises where not.
    """

    def __init__(
        self, assembly: Assembly, note: Note, prove: Callable[[], None] = lambda: None
    ) -> None:
        self._prove = prove
        self._assembly = assembly
        self._note = note
        self.backups = Backups(assembly)
        self.backup = self.backups.backup(note.backup, leave_stopped=True, only_of=note.image)

    def before(self) -> dict[str, Callable[[], Step]]:
        """The steps to the new version."""
        assembly = self._assembly
        makers: dict[str, Callable[[], Step]] = {
            "upgrade": self._upgrade,
            **image_makers(assembly),
            "backup": lambda: self.backup,
            "stack": lambda: assembly.own_step("stack"),
            "gate": lambda: self._gate(self._note.to, prove=self._prove),
        }
        return makers

    def back(self, stamp: str, *, data: bool, stop: bool) -> dict[str, Callable[[], Step]]:
        """The steps to the former version; blobs stay as they are.

        Args:
            stamp: the time, for the name of what is moved aside.
            data: whether its data are brought back too.
            stop: whether Nexus is stopped first, and stays so where they cannot be.
        """
        from moorage.steps.backup import Wish
        from moorage.steps.stack.stop import StopStep

        wish = Wish(self._note.backup, stamp, any_version=True, without=("blobs",),
                    leave_stopped=True)  # fmt: skip
        restore: dict[str, Callable[[], Step]] = {"restore": lambda: self.backups.restore(wish)}
        why = f"the upgrade to {self._note.to} failed, and {self._note.before} is to be back"
        stopping: dict[str, Callable[[], Step]] = {
            "stop": lambda: StopStep(self._assembly.fleet, self.backups.standstill(), why)
        }
        return {
            **(stopping if data and stop else {}),
            **(restore if data else {}),
            "stack": lambda: self._assembly.own_step("stack"),
            "gate": lambda: self._gate(self._note.before, data=data),
        }

    def _upgrade(self) -> Step:
        assembly, site, note = self._assembly, self._assembly.site, self._note
        wanted = self.backups.wanted
        action, period = in_a_failure(assembly.any_stack().compose["services"][site.stack.service])

        def journey(now: tuple[int, int, int], edition: str, orient: bool, h2: bool) -> Journey:
            return Journey(
                now, version_of(note.to), edition, orient=orient, h2=h2,
                accept_eula=site.nexus.accept_eula, image=documents.base_image(site),
                environment=site.nexus.environment,
                failure_action=action, start_period=period,
                startup=seconds(site.nexus.startup_timeout),
            )  # fmt: skip

        return UpgradeStep(assembly.fleet, assembly.nexus_web, UpgradeDesired(
            nfs=wanted.nfs, manager=wanted.manager, home=wanted.home, export=wanted.export,
            service=wanted.service, to=note.to, image=assembly.image, backup=note.backup,
            journey=journey, floor=site.storage.floor,
        ), self._prove)  # fmt: skip

    def _gate(
        self, to: str, *, data: bool = True, prove: Callable[[], None] = lambda: None
    ) -> Step:
        def compare(progress: Progress) -> None:
            self._compare(to, progress, data=data)
            self._proven(prove, progress)

        wanted = self.backups.wanted
        return GateStep(self._assembly.fleet, wanted.manager, wanted.home, to, compare)

    def _proven(self, prove: Callable[[], None], progress: Progress) -> None:
        """See that the registry does its work from outside, as far as it did before."""
        try:
            prove()
        except VerificationFailed as failure:
            wanted = self.backups.wanted
            note = note_of(self._assembly.fleet.host(wanted.manager).read(read_note(wanted.home)))
            if note is None or not failure.subject or note.failing != failure.subject:
                raise
            progress(f"note: {failure.message}; it failed before the upgrade too, and the proofs "
                     "after it were not tried")  # fmt: skip

    def _compare(self, to: str, progress: Progress, *, data: bool) -> None:
        """See that this version answers, with the repositories and files of the backup.

        Args:
            data: whether they were touched: before that there may be no backup either.

        Raises:
            NotConverged: it does not.
        """
        web = self._assembly.nexus_web()
        require_answer(web, to)
        if not data:
            return
        content = self.backups.generation(self._note.backup).manifest.content
        if content is None:
            progress("note: the backup's manifest has nothing of the repositories to compare with")
            return
        if not self.backups.log_in(web, to):
            raise NotConverged(f"Nexus {to} takes no password known for admin")
        faults = unlike(web, content, progress)
        if faults:
            raise NotConverged(f"Nexus {to} has not what was there before",
                               evidence=faults[:_FAULTS_SHOWN])  # fmt: skip


def require_answer(web: Web, version: str) -> None:
    """Make sure that this version answers and can be written to.

    Raises:
        NotConverged: it does not, or cannot.
    """
    status = nexus_status(web)
    if status.version != version or not status.writable:
        raise NotConverged(f"Nexus {version} was to answer, but it is "
                           f"{status.version or 'silent'}: {status.phase}")  # fmt: skip


def in_a_failure(service: Mapping[str, Any]) -> tuple[str, float | None]:
    """What Swarm does when a new task fails, and for how long its checks do not count, in seconds.

    Args:
        service: as it is deployed, with what the inventory adds or an own template says.

    Source: Docker's documentation, "Compose Deploy Specification" and "Services", ``healthcheck``.
    """
    update = (service.get("deploy") or {}).get("update_config") or {}
    check = service.get("healthcheck") or {}
    action = str(update.get("failure_action") or "pause")
    if not check or check.get("disable") or check.get("test") in (["NONE"], "NONE"):
        return action, None
    return action, in_seconds(check.get("start_period") or 0)


def edited(site: Site, to: Site) -> Path | None:
    """Write version and base into the inventory; None where they do not stand there plainly."""
    from moorage.config.inventory_edit import replaced, write

    path = site.path
    pairs: tuple[tuple[Steps, str, str], ...] = (
        (("nexus", "version"), site.nexus.version, to.nexus.version),
        (("nexus", "image", "base"), site.nexus.image.base, to.nexus.image.base),
    )
    changes = {steps: (old, new) for steps, old, new in pairs if old != new}
    if not changes:
        return path
    text = replaced(path.read_text(encoding="utf-8"), changes)
    if text is None:
        return None
    try:
        write(path, text)
    except OSError:
        return None
    return path


def rollback_step(assembly: Assembly) -> Step:
    """The stack as it was before its last change."""
    from moorage.steps.stack.rollback import RollbackStep

    return RollbackStep(assembly.fleet, assembly.manager, assembly.nexus_web(),
                        assembly.any_stack())  # fmt: skip
