"""What the step ``nfs`` refuses before anything is exported."""

from __future__ import annotations

from moorage.documents.exports import MOVING
from moorage.errors import Refused
from moorage.steps.exports import exported_paths, overlapping
from moorage.steps.holders import is_name, lets_in
from moorage.steps.nfs.desired import NfsDesired
from moorage.steps.nfs.observe import NfsObserved

NEXUS_MARKERS = {"blobs", "db", "etc", "instances", "karaf.pid", "lock", "admin.password"}
_IGNORED_ENTRIES = {"lost+found"}


def refuse_unsafe(wanted: NfsDesired, observed: NfsObserved, host: str) -> None:
    """Stop before anything is exported that should not be.

    Raises:
        Refused: a symbolic link, no directory, foreign files in it, or part of another export.
    """
    if observed.realpath != wanted.path:
        raise Refused(
            f"{wanted.path} leads to {observed.realpath} by a symbolic link",
            host=host,
            hint=f"set storage.export to the real path: {observed.realpath}",
        )
    there = observed.directory
    if there and there.kind != "directory":
        raise Refused(f"{wanted.path} is a {there.kind}, not a directory", host=host,
                      hint="name a directory of its own in storage.export")  # fmt: skip
    entries = set(observed.entries or ()) - _IGNORED_ENTRIES
    if entries and not entries & NEXUS_MARKERS and not wanted.adopt:
        shown = ", ".join(sorted(entries)[:5])
        raise Refused(
            f"{wanted.path} has files that are not Nexus' own: {shown}",
            host=host,
            hint="name an empty directory, or set storage.adopt: true to take it over",
        )
    if not wanted.manage_export:
        _refuse_own_file(wanted, observed, host)
        return
    former = set(exported_paths(observed.export_file or "")) - {wanted.path}
    if former:
        raise Refused(
            f"{wanted.file} exports {', '.join(sorted(former))}, which Nexus may be using: that "
            "export would end",
            host=host,
            hint="stop the stack, move the data, and take that file away by hand; then run again",
        )
    other = overlapping(wanted.path, observed.other_exports, observed.pseudo_roots)
    if other:
        raise Refused(
            f"{wanted.path} overlaps the export {other} in /etc/exports or /etc/exports.d",
            host=host,
            hint="give Nexus a directory of its own, or take the other export out; where that is "
            "the one Nexus uses, set storage.manage_export: false",
        )


def refuse_cut_off(wanted: NfsDesired, observed: NfsObserved, host: str) -> None:
    """Stop before a Nexus that runs loses its data.

    Raises:
        Refused: a move is under way, or who would be taken out has Nexus' data open.
    """
    to = next((line.removeprefix(MOVING).partition(":")[0]
               for line in (observed.export_file or "").splitlines()
               if line.startswith(MOVING)), "")  # fmt: skip
    if to:
        raise Refused(
            f"Nexus is being moved to {to}: nobody is let in until that is done", host=host,
            hint=f"carry it on: fab relocate --to {to}; another node of stack.placement.nodes "
            "will do too",
        )  # fmt: skip
    for address in sorted(observed.holders):
        # the kernel may know a machine by another of its names than the inventory
        before = [client for client in observed.exported or {}
                  if lets_in(client, [address]) or is_name(client)]  # fmt: skip
        after = [
            client
            for client in wanted.clients
            if lets_in(client, [address]) or address in observed.names.get(client, ())
        ]
        if before and not after:
            raise Refused(
                f"{address} has Nexus' data open and would be taken out of the export", host=host,
                hint="move Nexus first: fab relocate --to NODE, with both nodes in "
                "stack.placement.nodes; or stop the stack",
            )  # fmt: skip


def _refuse_own_file(wanted: NfsDesired, observed: NfsObserved, host: str) -> None:
    """Two say who may mount the directory: the inventory says that it is not Moorage.

    Raises:
        Refused: Moorage's own file is there still.
    """
    if observed.export_file is not None:
        raise Refused(
            f"storage.manage_export is false, and {wanted.file} is there", host=host,
            hint="take that file away by hand, or set storage.manage_export: true",
        )  # fmt: skip


def refuse_full(wanted: NfsDesired, observed: NfsObserved, host: str) -> None:
    """Stop where a database would run out of room: that breaks it.

    Raises:
        Refused: less is free than asked, with the numbers.
    """
    place = observed.mounted_at or wanted.path
    for what, free in (("space", observed.free_percent), ("inodes", observed.free_inodes_percent)):
        if free < wanted.floor:
            left = f", {observed.free // 2**20} MiB" if what == "space" else ""
            raise Refused(
                f"the file system at {place} has {free} % of its {what} free{left}; "
                f"{wanted.floor} % are needed",
                host=host,
                hint="make room there, or set storage.floor; fab nexus-seed --prune, cleanup "
                "policies and compacting give room back",
            )
