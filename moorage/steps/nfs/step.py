"""The step ``nfs``: from what is on the NFS host to what the inventory asks, pure but for I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from moorage.change import Action, Change, Difference, Plan, Verb, file_diff
from moorage.errors import MoorageError
from moorage.steps.base import RunScript, answer_of, asked
from moorage.steps.exports import let_in, listed_clients
from moorage.steps.holders import is_name
from moorage.steps.nfs import scripts
from moorage.steps.nfs.desired import NfsDesired
from moorage.steps.nfs.observe import PACKAGE, NfsObserved, parse, probe
from moorage.steps.nfs.refusals import refuse_cut_off, refuse_full, refuse_unsafe
from moorage.transport.base import Probe, Progress
from moorage.transport.fleet import Fleet


class NfsStep:
    """Package present, service running, directory owned, export live."""

    name = "nfs"

    def __init__(
        self, fleet: Fleet, host: str, wanted: NfsDesired,
        on: Callable[[Sequence[str]], NfsDesired] | None = None,
    ) -> None:  # fmt: skip
        """A step.

        Args:
            wanted: what is asked, with Nexus on its first node where it stays on one.
            on: what is asked with Nexus on some of its nodes, by name.
        """
        self._fleet = fleet
        self._host = host
        self._wanted = wanted
        self._on = on

    def observe(self, progress: Progress) -> NfsObserved:
        seen: NfsObserved = asked(self, self._fleet, progress)
        return seen

    def probes(self) -> dict[str, Probe]:
        wanted = self._wanted
        owner = wanted.uid if wanted.recursive else None
        named = {*wanted.clients, *wanted.pinned.values()}
        return {self._host: probe(wanted.path, wanted.file, owner, sorted(filter(is_name, named)))}

    def read(self, answers: Mapping[str, str | MoorageError], _progress: Progress) -> NfsObserved:
        return parse(answer_of(answers, self._host), self._wanted.path, self._host)

    def plan(self, observed: NfsObserved) -> Plan:
        wanted = self._placed(observed)
        refuse_unsafe(wanted, observed, self._host)
        refuse_full(wanted, observed, self._host)
        if wanted.manage_export:
            refuse_cut_off(wanted, observed, self._host)
        changes = (
            *self._server(observed),
            *self._directory(observed),
            *self._files(observed),
            *self._export(wanted, observed),
        )
        return Plan(self.name, changes, tuple(_notes(self._wanted, observed)))

    def carry_out(self, action: Action, progress: Progress) -> None:
        """Nothing: all its actions are scripts."""

    def _placed(self, observed: NfsObserved) -> NfsDesired:
        """What is asked, with Nexus on the node that it is on.

        That is who has its data open, or else who is let in: ``fab relocate`` lets in no other.
        """
        pinned = self._wanted.pinned
        # with the server stopped, or where only root is told, the file tells
        clients = observed.exported or listed_clients(observed.export_file or "")
        on = [name for name, address in pinned.items()
              if {address, *observed.names.get(address, ())} & observed.holders]  # fmt: skip
        on = on or [name for name, address in pinned.items() if address in clients]
        return self._on(on) if on and self._on else self._wanted

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

    def _files(self, observed: NfsObserved) -> list[Change]:
        if not observed.foreign:
            return []
        wanted = self._wanted
        return [
            Change("update", f"files below {wanted.path}", self._host,
                   (Difference("files of others", observed.foreign, 0),),
                   (self._run(scripts.own_all(wanted.path, wanted.uid)),), shown_by=("foreign",))
        ]  # fmt: skip

    def _export(self, wanted: NfsDesired, observed: NfsObserved) -> list[Change]:
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
    if observed.entries is None:
        notes.append(f"unknown: what is in {wanted.path}, which not everybody is told")
    for what, free in (("space", observed.free_percent), ("inodes", observed.free_inodes_percent)):
        if free < 15:  # noqa: PLR2004
            notes.append(f"the export's file system has {free} % of its {what} free")
    return notes
