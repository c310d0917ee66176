"""``fab upgrade``: from its flags to a run, and back where that fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moorage.cli import Flags, assembled, options
from moorage.cli_looks import prove
from moorage.cli_runs import waiting
from moorage.errors import Interrupted, Locked, MoorageError, NotConverged, Refused
from moorage.terminal import consent

if TYPE_CHECKING:
    from moorage.config.schema.site import Site
    from moorage.order import Assembly
    from moorage.order_upgrade import Upgrades
    from moorage.planning import Work
    from moorage.report.text import Report
    from moorage.steps.base import Step
    from moorage.steps.upgrade import Note


def upgrade(
    context: Any, flags: Flags, *, to: str | None, base: str | None, back: bool = False
) -> None:
    """Bring Nexus to another version, or back where it does not come up; then prove the result.

    Args:
        to: the version.
        base: what its image is built upon; None for what the inventory says, of that version.
        back: bring the version back that ran before an upgrade that is not over.

    Raises:
        Exit: with the failure's lines and exit code.
    """
    with assembled(context, flags) as (assembly, report):
        journey = _Upgrade(context, flags, assembly, report)
        if back:
            journey.bring_back(None)
            return
        if to is None:
            raise Refused("say to which version", hint="fab upgrade --to 3.95.0")
        journey.to(to, base)


_LONGER = 600.0
"""Seconds that another run has the lock for besides what it waits for Nexus."""


@dataclass
class _Upgrade:
    """One run of ``fab upgrade``."""

    context: Any
    flags: Flags
    assembly: Assembly
    report: Report

    def to(self, version: str, base: str | None) -> None:
        """Go there.

        Raises:
            NotConverged: it failed, and the former version is back.
            MoorageError: it failed, and so did that; or nothing was begun.
        """
        from moorage.apply import LOCKING
        from moorage.order_upgrade import Upgrades, edited, site_at
        from moorage.runner import run

        site, assembly = self.assembly.site, self.assembly
        note = self._note(version)
        if note is None:
            self.report.line(f"upgrade: Nexus {version} runs already")
            self._end(site, version, base)
            return
        wanted = site_at(site, version, base)
        ahead = replace(assembly, site=wanted, upgrading=True)
        upgrades = Upgrades(ahead, note, lambda: prove(ahead, self.report))
        # how long it has run since then, and what was pushed to it, nobody knows
        since_long = bool(note.image) and self._runs() != note.image
        agreed = _Once(consent(yes=self._yes))
        try:
            run(self._work(ahead, upgrades.before(), agreed, whole=not note.image),
                dry_run=ahead.dry_run)  # fmt: skip
        except (Interrupted, Locked):
            raise
        except MoorageError as failure:
            # what was not begun needs no way back: all others need the step that writes it down
            begun = failure.step not in {"upgrade", LOCKING}
            if not agreed.given or not begun or self._written() is None:
                raise
            if since_long:
                failure.hint = self._not_left(note, failure.hint)
                raise
            self.bring_back(failure, since=upgrades.backup.stopped_at)
        if ahead.dry_run:
            return
        self._told(upgrades, agreed)
        self._edit(edited(site, wanted), site, wanted)

    def _end(self, site: Site, version: str, base: str | None) -> None:
        """Have the inventory say what runs, where a run was killed before it could."""
        from moorage.order_upgrade import edited, site_at

        if self.assembly.dry_run or site.nexus.version == version:
            return
        wanted = site_at(site, version, base)
        self._edit(edited(site, wanted), site, wanted)
        prove(replace(self.assembly, site=wanted), self.report)

    def _not_left(self, note: Note, hint: str) -> str:
        """What to do where the way back would lose what was pushed to the new version."""
        from moorage.order import lock_home

        home = lock_home(self.assembly.site)
        ours = (
            f"Nexus {note.to} was deployed by an earlier run, and what was pushed to it since then "
            f"is not in the backup {note.backup}, so that it is not left by itself: fab upgrade "
            f"--back brings {note.before} back without that; where all is well but for what was "
            f"done since: rm {home}/upgrade.json on {self.assembly.manager}"
        )
        return f"{hint}; {ours}" if hint else ours

    def _note(self, version: str) -> Note | None:
        """The note of the upgrade that is carried on, or of a new one; None where it runs already.

        Raises:
            Refused: it is no version, or the upgrade to another is not over.
        """
        import re

        from moorage.steps.backup.generations import name_at
        from moorage.steps.pending_upgrade import UnderWay
        from moorage.steps.upgrade import Note
        from moorage.transport.nexus_status import nexus_status

        if not re.fullmatch(r"3\.\d+\.\d+", version, re.ASCII):
            raise Refused(f"--to: {version} is not a version of Nexus such as 3.94.0")
        now = name_at(datetime.now(UTC))
        if note := self._written():
            if note.to != version:
                UnderWay(note).refuse_upgrade(self.assembly.manager)
            # until it was deployed the former one may have run on, and taken what that backup lacks
            backup = now if self._runs() == note.image else note.backup
            return replace(note, backup=backup)
        if nexus_status(self.assembly.nexus_web()).version == version:
            return None
        return Note("", version, "", now)

    def _written(self) -> Note | None:
        """What the manager remembers of an upgrade that is not over."""
        from moorage.order import lock_home
        from moorage.steps.pending_upgrade import note_of, read_note

        host = self.assembly.fleet.host(self.assembly.manager)
        return note_of(host.read(read_note(lock_home(self.assembly.site))))

    def bring_back(self, failure: MoorageError | None, *, since: float = 0.0) -> None:
        """Bring the former version back, with the data from before.

        Args:
            failure: why; None where the operator asks for it.
            since: when Nexus was stopped, on the monotonic clock.

        Raises:
            NotConverged: it is back; says why the upgrade failed.
            MoorageError: that failed too.
        """
        from moorage.order_upgrade import Upgrades, site_before
        from moorage.runner import run
        from moorage.steps.backup.generations import name_at

        note = self._written()
        if note is None:
            raise Refused("no upgrade is under way", hint="fab restore puts a backup in place")
        site = self.assembly.site
        former = replace(
            self.assembly, site=site_before(site, note.before), former_image=note.image,
            upgrading=True,
        )  # fmt: skip
        data = self._runs() != note.image
        if failure:
            self.report.line(f"upgrade: {failure.where()}: {failure.message}")
            with_data = f", with the data of the backup {note.backup}" if data else ""
            self.report.line(f"upgrade: bringing Nexus {note.before} back{with_data}")
        makers = Upgrades(former, note).back(
            name_at(datetime.now(UTC)), data=data, stop=failure is not None
        )
        agreed = _Once(consent(yes=failure is not None or self._yes))
        try:
            run(self._work(former, makers, agreed, patient=failure is not None),
                dry_run=former.dry_run)  # fmt: skip
        except MoorageError as second:
            if failure is None or isinstance(second, Interrupted):
                raise
            raise self._stranded(note, failure, second) from second
        took = f"; Nexus could not be written to for {time.monotonic() - since:.0f} s in all"
        ending = f"Nexus {note.before} is back{' from ' + note.backup if data else ''}"
        if failure is None:
            if not former.dry_run:
                self.report.line(f"upgrade: {ending}; {_at_most(agreed)}")
            return
        raise NotConverged(
            f"the upgrade to {note.to} failed, {ending}{took if since else ''}",
            evidence=[failure.message, *failure.details()],
            hint=failure.hint or "mend what it says, then run fab upgrade again",
        ) from failure

    def _stranded(self, note: Note, first: MoorageError, second: MoorageError) -> NotConverged:
        left = ("Nexus is left stopped where its data were touched, and both they and the backup "
                "are kept; when what it says is mended")  # fmt: skip
        if isinstance(second, Locked):
            left = f"Nexus {note.to} stays deployed; when the other run is over"
        return NotConverged(
            f"the upgrade to {note.to} failed, and so did bringing {note.before} back: "
            f"{second.message}",
            evidence=[f"first: {first.message}", *first.details(), *second.details()],
            hint=f"{left}: fab upgrade --back",
        )

    def _runs(self) -> str:
        from moorage.order_upgrade import deployed_image

        return deployed_image(self.assembly)

    @property
    def _yes(self) -> bool:
        return self.flags.yes or options(self.context).yes

    def _work(
        self, assembly: Assembly, makers: Mapping[str, Callable[[], Step]], agreed: _Once,
        *, whole: bool = False, patient: bool = False,
    ) -> Work:  # fmt: skip
        from moorage.config.schema.base import seconds

        # whoever took the lock meanwhile waits no longer than this for a Nexus that never comes
        longest = seconds(assembly.site.nexus.startup_timeout) + _LONGER if patient else 0.0
        assembly.names = tuple(makers)
        assembly.makers = makers
        return assembly.work(
            self.report,
            confirm=agreed,
            wait_seconds=max(waiting(self.flags.wait), longest),
            vital=assembly.names if whole else (),
        )

    def _told(self, upgrades: Upgrades, agreed: _Once) -> None:
        if since := upgrades.backup.stopped_at:
            took = time.monotonic() - since
            self.report.line(f"upgrade: Nexus could not be written to for {took:.0f} s in all")
            return
        self.report.line(f"upgrade: {_at_most(agreed)}; when the one before stopped it is in "
                         "fab history")  # fmt: skip

    def _edit(self, path: Any, site: Site, wanted: Site) -> None:
        if path:
            self.report.line(f"upgrade: {path} says nexus.version: {wanted.nexus.version} now")
            return
        words = f"nexus.version: {wanted.nexus.version}"
        if wanted.nexus.image.base != site.nexus.image.base:
            words += f" and nexus.image.base: {wanted.nexus.image.base}"
        self.report.line(f"upgrade: write it into {site.path} yourself: {words}")


@dataclass
class _Once:
    """Asks the first time only: what follows from it comes while Nexus stands still."""

    ask: Callable[[str], None]
    given: bool = False
    at: float = field(default_factory=time.monotonic)

    def __call__(self, question: str) -> None:
        if not self.given:
            self.ask(question)
            self.at = time.monotonic()
        self.given = True


def _at_most(agreed: _Once) -> str:
    return f"Nexus could not be written to for {time.monotonic() - agreed.at:.0f} s at most"
