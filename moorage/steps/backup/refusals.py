"""What stops a backup or a restoration before anything is changed, and what is needed for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from moorage.change import Change, Difference
from moorage.errors import Refused
from moorage.steps.backup.desired import BackupDesired
from moorage.steps.backup.generations import human
from moorage.steps.backup.observe import PROGRAMS, BackupObserved, Export
from moorage.steps.backup.target import TargetObserved
from moorage.steps.base import RunScript
from moorage.steps.version_of_image import version_of_image


def refuse(wanted: BackupDesired, seen: BackupObserved, target: TargetObserved) -> Export:
    """Make sure that a backup can be begun; give the export.

    Raises:
        Refused: no data, no service, an exchange of data that was cut off, or no room.
    """
    export = refuse_absent(wanted, seen)
    service = seen.service
    if service is None:
        raise Refused(f"the service {wanted.service} is not deployed", host=wanted.manager,
                      hint="run fab up first")  # fmt: skip
    # by another image than is asked for, data that were restored might be migrated
    other = version_of_image(service.image) not in {None, wanted.version}
    if (seen.pending.note or other) and not service.replicas:
        seen.pending.refuse_start(wanted.manager)
    # what does not answer at all may be starting still, and is waited for
    up = service.replicas and (seen.writable or seen.version is None)
    if not seen.stopped and not up:
        state = "is stopped" if not service.replicas else "runs, but Nexus cannot be written to"
        raise Refused(f"{wanted.service} {state}: a backup of it may not be of use",
                      host=wanted.manager, hint="bring it up first: fab up")  # fmt: skip
    if target.free_inodes == 0:
        raise Refused(f"{wanted.target.told} has no inodes left", host=wanted.nfs,
                      hint="make room there, or set backup.to")  # fmt: skip
    first = export.size if not target.generations else None
    refuse_full(wanted, target, first or 0)
    return export


def refuse_absent(wanted: BackupDesired, seen: BackupObserved) -> Export:
    """Make sure that the data are there and whole; give the export.

    Raises:
        Refused: they are not.
    """
    if seen.export is None:
        raise Refused(f"{wanted.export} is not there, or is no directory", host=wanted.nfs,
                      hint="run fab nfs-setup first")  # fmt: skip
    if seen.export.swap:
        note = seen.pending.note
        raise Refused(f"an exchange of the data in {wanted.export} was cut off", host=wanted.nfs,
                      hint="fab upgrade --back puts that right first" if note else
                      "fab restore puts that right first")  # fmt: skip
    return seen.export


def refuse_gone(wanted: BackupDesired, seen: BackupObserved, target: TargetObserved) -> None:
    """Make sure that the place is the one that has the backups, and no disk is lacking there.

    Raises:
        Refused: there were some, by the record, and none is there.
    """
    last = (seen.record or {}).get("last")
    if target.generations or not isinstance(last, dict) or last.get("where") != wanted.target.told:
        return
    raise Refused(
        f"{wanted.target.told} has none of the backups that were made there; the newest one was "
        f"{last.get('name')}",
        host=wanted.nfs,
        hint="mount what is to be there; or, where they are gone for good: "
        f"rm {wanted.home}/backups.json on {wanted.manager}",
    )


def refuse_clock(wanted: BackupDesired, target: TargetObserved, new: str) -> None:
    """Make sure that a backup will be the newest one: which ones go is told by that.

    Args:
        new: its name, by the clock of the machine that Moorage runs on.

    Raises:
        Refused: there is one from later than now.
    """
    newest = target.generations[-1].name if target.generations else ""
    if new < newest:
        raise Refused(
            f"the newest backup at {wanted.target.told}, {newest}, is later than now, {new}",
            host=wanted.nfs,
            hint="set the clock of the machine that this runs on; or, where that backup was made "
            "by a clock that was wrong, take it out of there by hand",
        )


def refuse_full(wanted: BackupDesired, target: TargetObserved, needed: int | None) -> None:
    """Make sure that there is room at the target.

    Args:
        needed: bytes that will be written; None where nobody can tell.

    Raises:
        Refused: there is not; with the numbers.
    """
    if target.free is None or needed is None or target.free - needed >= wanted.floor:
        return
    raise Refused(
        f"{wanted.target.told} has {human(target.free)} free; {human(needed)} would be written, "
        f"and {human(wanted.floor)} are to stay free",
        host=wanted.nfs,
        hint="make room there, keep fewer backups (backup.keep), or set backup.floor",
    )


def refuse_no_room(wanted: BackupDesired, export: Export, needed: int | None) -> None:
    """Make sure that a copy of a generation finds room beside the export.

    Raises:
        Refused: it does not; with the numbers.
    """
    if needed is not None and export.free - needed < wanted.floor:
        raise Refused(
            f"the file system of {wanted.export} has {human(export.free)} free; the backup's "
            f"{human(needed)} go beside it, and {human(wanted.floor)} are to stay free",
            host=wanted.nfs,
            hint="make room there, or set backup.floor",
        )


def required(
    wanted: BackupDesired, seen: BackupObserved, programs: Iterable[str]
) -> Iterator[Change]:
    """Programs that the NFS host lacks."""
    for name in programs:
        if name in seen.lacking:
            script = PROGRAMS[name].install(
                f"install {name}", seen.distribution, proxy=wanted.package_proxy
            )
            yield Change("create", f"package {name}", wanted.nfs,
                         (Difference("package", "absent", "installed"),),
                         (RunScript(wanted.nfs, script),), shown_by=(f"has {name}",))  # fmt: skip
