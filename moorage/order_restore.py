"""A backup in the place of the data, and the version of Nexus that is to run on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from moorage.errors import MoorageError
from moorage.order import Assembly
from moorage.order_backup import Backups
from moorage.order_upgrade import deployed_image, image_makers, require_answer
from moorage.steps.backup import Wish
from moorage.steps.base import Step
from moorage.steps.pending_upgrade import STANDSTILL, UnderWay, note_of, read_note
from moorage.steps.upgrade import GateStep
from moorage.steps.version_of_image import version_of_image
from moorage.transport.base import Progress
from moorage.transport.nexus_status import nexus_status


def prepared(assembly: Assembly, wish: Wish) -> tuple[Assembly, dict[str, Callable[[], Step]]]:
    """The steps of a restoration, and the assembly that they are run with.

    Where another version runs than the inventory asks for, that is deployed on the restored data
    before anything starts on them: what runs would migrate them, or break on them.

    Raises:
        Refused: an upgrade is not over.
    """
    backups = Backups(assembly)
    version = assembly.site.nexus.version
    if _running(assembly) in (None, version):
        return assembly, {"restore": lambda: backups.restore(wish)}
    host = assembly.fleet.host(assembly.manager)
    home = backups.wanted.home
    UnderWay(note_of(host.read(read_note(home)))).refuse_upgrade(assembly.manager)
    ahead = replace(assembly, upgrading=True, with_data=True)
    restoring = Backups(ahead).restore(replace(wish, leave_stopped=True))

    def compare(progress: Progress) -> None:
        require_answer(ahead.nexus_web(), version)
        restoring.compare(progress)

    return ahead, {
        **image_makers(ahead),
        "restore": lambda: restoring,
        "stack": lambda: ahead.own_step("stack"),
        "gate": lambda: GateStep(ahead.fleet, ahead.manager, home, version, compare,
                                 look=STANDSTILL, subject="note that Nexus stands still"),
    }  # fmt: skip


def _running(assembly: Assembly) -> str | None:
    """The version that runs or would be started: as it says, else as its image's name does."""
    if said := nexus_status(assembly.nexus_web()).version:
        return said
    try:
        return version_of_image(deployed_image(assembly))
    except MoorageError:
        # it is not deployed, which the step itself tells
        return None
