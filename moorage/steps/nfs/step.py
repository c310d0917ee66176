"""The step ``nfs``: from what is on the NFS host to what the inventory asks, pure but for I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from moorage.change import Action, Change, Difference, Plan, Verb, file_diff
from moorage.config.schema.site import Site
from moorage.errors import MoorageError, Refused
from moorage.steps.base import RunScript, answer_of, asked
from moorage.steps.nfs import scripts
from moorage.steps.nfs.exports import complete, exported_paths, let_in, overlapping
from moorage.steps.nfs.observe import PACKAGE, NfsObserved, parse, probe
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet

NEXUS_MARKERS = {"blobs", "db", "etc", "instances", "karaf.pid", "lock", "admin.password"}
_IGNORED_ENTRIES = {"lost+found"}


@dataclass(frozen=True)
class NfsDesired:
    """What the inventory asks of the NFS host.

    Args:
        file: path of the export file that Moorage owns.
        text: its content.
        clients: options by client, as the kernel is to have them.
        package_proxy: HTTP proxy to fetch the package by; empty for none.
        manage_export: False where the export is somebody else's, and is looked at alone.
    """

    path: str
    uid: int
    mode: str
    adopt: bool
    file: str
    text: str
    clients: dict[str, frozenset[str]]
    package_proxy: str = ""
    manage_export: bool = True


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
        manage_export=site.storage.manage_export,
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
        changes = (
            *self._server(observed),
            *self._directory(observed),
            *self._export(observed),
        )
        return Plan(self.name, changes, tuple(_notes(self._wanted, observed)))

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
        if not wanted.manage_export:
            return []
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
    other = overlapping(wanted.path, list(observed.other_exports))
    if other:
        raise Refused(
            f"{wanted.path} overlaps the export {other} in /etc/exports or /etc/exports.d",
            host=host,
            hint="give Nexus a directory of its own, or take the other export out; where that is "
            "the one Nexus uses, set storage.manage_export: false",
        )


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


def _left_alone(wanted: NfsDesired, observed: NfsObserved) -> list[str]:
    """What is to be known of an export that is not Moorage's."""
    live = observed.exported
    if wanted.manage_export or live is None:
        return []
    if not live:
        return [f"{wanted.path} is not exported, and storage.manage_export is false"]
    notes = [f"export {wanted.path} to {client}: left as it is ({_options(options)})"
             for client, options in live.items()]  # fmt: skip
    shut_out = [client for client in wanted.clients if not let_in(client, live)]
    return notes + [f"export {wanted.path} does not name {client}" for client in shut_out]


def _options(options: frozenset[str] | None) -> str | None:
    return None if options is None else ",".join(sorted(options))


def _notes(wanted: NfsDesired, observed: NfsObserved) -> list[str]:
    notes = _left_alone(wanted, observed)
    if observed.exported is None:
        notes.append("unknown: what the kernel exports, which only root is told")
    for what, free in (("space", observed.free_percent), ("inodes", observed.free_inodes_percent)):
        if free < 15:  # noqa: PLR2004
            notes.append(f"the export's file system has {free} % of its {what} free")
    return notes
