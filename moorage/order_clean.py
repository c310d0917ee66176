"""What a site has no more use for, made ready for the step that removes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moorage import documents
from moorage.order import lock_home
from moorage.steps.clean import CleanDesired, CleanStep
from moorage.steps.pending_upgrade import UnderWay, note_of, read_note
from moorage.steps.stack import volume_scripts

if TYPE_CHECKING:
    from moorage.order import Assembly


def refuse_gc(assembly: Assembly) -> None:
    """Make sure that no upgrade may go back to a database whose blobs would be compacted away.

    Raises:
        Refused: one is not over.
    """
    text = assembly.fleet.host(assembly.manager).read(read_note(lock_home(assembly.site)))
    UnderWay(note_of(text)).refuse_upgrade(assembly.manager)


def clean_step(assembly: Assembly, *, whole: bool = False) -> CleanStep:
    """The step ``clean``.

    Args:
        whole: nothing is kept, since the site goes.
    """
    site = assembly.site
    service = f"{site.stack.name}_{site.stack.service}"
    return CleanStep(assembly.fleet, assembly.manager, CleanDesired(
        stack=site.stack.name,
        service=service,
        image=None if whole else assembly.image,
        repository=site.nexus.image.name,
        volumes=() if whole else (documents.volume(site).actual_name,),
        hosts=tuple(site.swarm_hosts()),
        remove_volume=lambda volume: volume_scripts.remove(volume, service),
        home=lock_home(site),
    ))  # fmt: skip
