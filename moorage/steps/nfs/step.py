"""The step ``nfs``: from what is on the NFS host to what the inventory asks, pure but for I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moorage.change import Action, Change, Difference, Plan, Verb, file_diff
from moorage.config.schema.site import Site
from moorage.errors import MoorageError, Refused
from moorage.steps.base import RunScript, answer_of, asked
from moorage.steps.nfs import scripts
from moorage.steps.nfs.exports import complete, exported_paths, overlapping
from moorage.steps.nfs.observe import PACKAGE, NfsObserved, parse, probe
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet

_NEXUS_MARKERS = {"blobs", "db", "etc", "instances", "karaf.pid", "lock", "admin.password"}
_IGNORED_ENTRIES = {"lost+found"}


@dataclass(frozen=True)
class NfsDesired:
    """What the inventory asks of the NFS host.

    Args:
        file: path of the export file that Moorage owns.
        text: its content.
        clients: options by client, as the kernel is to have them.
        package_proxy: HTTP proxy to fetch the package by; empty for none.
        floor: percent of space and inodes that must be free.
    """

    path: str
    uid: int
    mode: str
    adopt: bool
    file: str
    text: str
    clients: dict[str, frozenset[str]]
    package_proxy: str = ""
    floor: int = 0


def desired(site: Site, file: str, text: str) -> NfsDesired:
    """What the inventory asks, with the export file as the template renders it."""
    options = complete(site.storage.export_options)
    return NfsDesired(
        path=site.storage.export,
        uid=site.nexus.uid,
        mode=site.storage.mode.zfill(4),
        adopt=site.storage.adopt,
        file=file,
        text=text,
        clients=dict.fromkeys(site.export_clients(), options),
        package_proxy=site.nodes.package_proxy or "",
        floor=site.storage.floor,
    )


class NfsStep:
    """Package present, service running, directory owned, export live."""

    name = "nfs"

    def __init__(self, fleet: Fleet, host: str, wanted: NfsDesired) -> None:
        self._fleet = fleet
        self._host = host
        self._wanted = wanted

    def observe(self, progress: Progress) -> NfsObserved:
        seen: NfsObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> dict[str, Probe]:
        return {self._host: probe(self._wanted.path, self._wanted.file)}

    def read(self, answers: Mapping[str, str | MoorageError], _progress: Progress) -> NfsObserved:
        return parse(answer_of(answers, self._host), self._wanted.path, self._host)

    def plan(self, observed: NfsObserved) -> Plan:
        refuse_unsafe(self._wanted, observed, self._host)
        refuse_full(self._wanted, observed, self._host)
        changes = (
            *self._server(observed),
            *self._directory(observed),
            *self._export(observed),
        )
        return Plan(self.name, changes, tuple(_notes(observed)))

    def carry_out(self, action: Action, progress: Progress) -> None:
        """Nothing: all its actions are scripts."""

    def _server(self, observed: NfsObserved) -> list[Change]:
        changes = []
        if not observed.package:
            script = PACKAGE.install("install the NFS server", observed.distribution,
                                     proxy=self._wanted.package_proxy)  # fmt: skip
            changes.append(
                Change("create", "NFS server package", self._host,
                       (Difference("package", "absent", "installed"),), (self._run(script),))
            )  # fmt: skip
        states = (
            ("running", observed.active, "stopped", "running"),
            ("at boot", observed.enabled, "disabled", "enabled"),
        )
        wrong = tuple(Difference(field, before, after) for field, ok, before, after in states
                      if not ok)  # fmt: skip
        if wrong:
            actions = (self._run(scripts.START),)
            changes.append(
                Change("update", "service nfs-server", self._host, wrong, actions,
                       shown_by=("active", "enabled"))
            )  # fmt: skip
        return changes

    def _directory(self, observed: NfsObserved) -> list[Change]:
        wanted, there = self._wanted, observed.directory
        owner = f"{wanted.uid}:{wanted.uid}"
        seen_owner = f"{there.uid}:{there.gid}" if there else None
        fields = (("owner", seen_owner, owner), ("mode", there and there.mode, wanted.mode))
        wrong = tuple(Difference(*field) for field in fields if field[1] != field[2])
        if not wrong:
            return []
        script = scripts.directory(wanted.path, wanted.uid, wanted.mode)
        verb: Verb = "update" if there else "create"
        return [
            Change(verb, f"directory {wanted.path}", self._host, wrong, (self._run(script),),
                   shown_by=("directory", "entries", "realpath"))
        ]  # fmt: skip

    def _export(self, observed: NfsObserved) -> list[Change]:
        wanted = self._wanted
        diff = ""
        if observed.export_file != wanted.text:
            diff = file_diff(wanted.file, observed.export_file, wanted.text)
        live = wanted.clients if observed.exported is None else observed.exported
        clients = {**dict.fromkeys(wanted.clients), **dict.fromkeys(live)}
        wrong = tuple(
            Difference(client, _options(before), _options(after))
            for client in clients
            if (before := live.get(client)) != (after := wanted.clients.get(client))
        )
        if not diff and not wrong:
            return []
        verb: Verb = (
            "create" if observed.export_file is None and not observed.exported else "update"
        )
        script = scripts.export(wanted.file, wanted.text, wanted.path, list(wanted.clients))
        return [
            Change(verb, f"export {wanted.path}", self._host, wrong, (self._run(script),), diff)
        ]

    def _run(self, script: scripts.Script) -> RunScript:
        return RunScript(self._host, script)


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
    entries = set(observed.entries) - _IGNORED_ENTRIES
    if entries and not entries & _NEXUS_MARKERS and not wanted.adopt:
        shown = ", ".join(sorted(entries)[:5])
        raise Refused(
            f"{wanted.path} has files that are not Nexus' own: {shown}",
            host=host,
            hint="name an empty directory, or set storage.adopt: true to take it over",
        )
    former = set(exported_paths(observed.export_file or "")) - {wanted.path}
    if former:
        raise Refused(
            f"{wanted.file} exports {', '.join(sorted(former))}, which Nexus may be using: that "
            "export would end",
            host=host,
            hint="stop the stack, move the data, and take that file away by hand; then run again",
        )
    other = overlapping(wanted.path, list(observed.other_exports))
    if other:
        raise Refused(
            f"{wanted.path} overlaps the export {other} in /etc/exports or /etc/exports.d",
            host=host,
            hint="give Nexus a directory of its own, or take the other export out",
        )


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


def _options(options: frozenset[str] | None) -> str | None:
    return None if options is None else ",".join(sorted(options))


def _notes(observed: NfsObserved) -> list[str]:
    notes = []
    if observed.exported is None:
        notes.append("unknown: what the kernel exports, which only root is told")
    for what, free in (("space", observed.free_percent), ("inodes", observed.free_inodes_percent)):
        if free < 15:  # noqa: PLR2004
            notes.append(f"the export's file system has {free} % of its {what} free")
    return notes
