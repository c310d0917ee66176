"""The steps about backups made ready for a site, and what they are handed of the others."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace

from moorage import documents
from moorage.config.schema.base import in_bytes, seconds
from moorage.config.schema.nexus import EXTERNAL_DATABASE
from moorage.config.schema.site import Site
from moorage.errors import Refused
from moorage.order import Assembly, lock_home
from moorage.order_backup_ways import await_beside, await_writable, log_in
from moorage.steps.backup import (
    BackupDesired,
    BackupStep,
    Beside,
    Directory,
    RehearsalStep,
    Restic,
    RestoreStep,
    Target,
    Ways,
    Wish,
)
from moorage.steps.backup.generations import Generation, Rule
from moorage.steps.backup.rehearsal import chosen, whole
from moorage.steps.backup.target import Keeping
from moorage.steps.nfs import scripts as nfs
from moorage.steps.stack.standstill import Standstill
from moorage.transport.base import sections
from moorage.transport.http import Web


def backup_desired(site: Site) -> BackupDesired:
    """What the inventory asks of backups.

    Raises:
        Refused: nothing.
    """
    backup = site.backup
    if backup is None:
        raise Refused("the inventory does not say where backups go",
                      hint="add backup: {to: /srv/backup}; docs/lifecycle.md")  # fmt: skip
    return BackupDesired(
        stack=site.stack.name,
        service=f"{site.stack.name}_{site.stack.service}",
        nfs=site.nfs_name,
        manager="",
        nodes=tuple(site.eligible_nodes()),
        home=lock_home(site),
        export=site.storage.export,
        uid=site.nexus.uid,
        target=_target(site),
        rule=Rule(**backup.keep.model_dump()),
        floor=in_bytes(backup.floor),
        snapshot=backup.snapshot == "auto",
        sample=backup.sample,
        inventory=_digest(site),
        version=site.nexus.version,
        startup_seconds=seconds(site.nexus.startup_timeout),
        package_proxy=site.nodes.package_proxy or "",
        elsewhere=tuple(_elsewhere(site)),
    )


def _elsewhere(site: Site) -> Iterator[str]:
    for name, store in site.nexus.blob_stores.items():
        path = getattr(store, "path", "")
        if not path or (path.startswith("/") and not path.startswith("/nexus-data/")):
            yield f"the blob store {name}"
    if EXTERNAL_DATABASE in site.nexus.environment:
        yield "the database"


def _digest(site: Site) -> str:
    return hashlib.sha256(site.path.read_bytes()).hexdigest() if site.path.exists() else ""


def _target(site: Site) -> Target:
    assert site.backup is not None  # noqa: S101  asked before
    backup, place = site.backup, site.backup.place
    folder = place.path if place.kind == "restic" else f"{place.path}/{site.stack.name}"
    return Target(place.kind, place.login, folder, backup.to, key=backup.ssh_key or "",
                  port=backup.ssh_port or 0)  # fmt: skip


class Backups:
    """Makes the steps about backups of one assembly."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        site = assembly.site
        self.wanted = replace(backup_desired(site), manager=assembly.manager)
        if site.backup and site.backup.password:
            password = assembly.secret(site.backup.password)
            target = replace(self.wanted.target, password=password)
            self.wanted = replace(self.wanted, target=target)

    def backup(self, name: str, *, leave_stopped: bool = False, only_of: str = "") -> BackupStep:
        """One more generation."""
        return BackupStep(self._assembly.fleet, self.wanted, self._keeping(), self._ways(), name,
                          leave_stopped=leave_stopped, only_of=only_of)  # fmt: skip

    def rehearsal(self, name: str, *, wanted: bool) -> RehearsalStep:
        """The proof of a generation; only the removal of what is left of one unless wanted."""
        return RehearsalStep(self._assembly.fleet, self.wanted, self._keeping(), self._ways(),
                             self._beside(), generation=name, wanted_at_all=wanted)  # fmt: skip

    def restore(self, wish: Wish) -> RestoreStep:
        """A generation in the place of the data."""
        return RestoreStep(self._assembly.fleet, self.wanted, self._keeping(), self._ways(), wish)

    def generation(self, name: str) -> Generation:
        """A generation with its whole manifest.

        Raises:
            Refused: it is not there.
        """
        keeping, wanted = self._keeping(), self.wanted
        output = self._assembly.fleet.host(wanted.nfs).read(keeping.probe().script())
        found = keeping.read(sections(output)["target"], wanted.nfs)
        return whole(chosen(found, name), keeping, self._assembly.fleet, wanted)

    def log_in(self, web: Web, version: str) -> bool:
        """Log a way to a Nexus in as admin; false where no password known is taken."""
        return log_in(self._assembly, web, version)

    def _keeping(self) -> Keeping:
        wanted = self.wanted
        if wanted.target.kind == "restic":
            return Restic(wanted.target, wanted.stack, wanted.home, wanted.uid)
        return Directory(wanted.target, wanted.home, wanted.uid, wanted.sample)

    def standstill(self) -> Standstill:
        """Nexus stopped for a while."""
        wanted = self.wanted
        grace = self._assembly.site.stack.stop_grace_period
        return Standstill(
            wanted.service,
            wanted.manager,
            wanted.nfs,
            wanted.nodes,
            wanted.home,
            wanted.export,
            grace=seconds(grace) if grace else 10,
        )

    def _ways(self) -> Ways:
        assembly = self._assembly
        return Ways(
            standstill=self.standstill(),
            web=assembly.nexus_web,
            await_writable=lambda progress: await_writable(assembly, self.wanted, progress),
            log_in=lambda web, version: log_in(assembly, web, version),
        )

    def _beside(self) -> Beside:
        assembly, wanted, site = self._assembly, self.wanted, self._assembly.site
        stack = assembly.any_stack()
        name = f"{wanted.stack}-verify"
        service = f"{name}_{site.stack.service}"
        return Beside(
            stack=name, service=service, compose=stack.compose, service_key=site.stack.service,
            volume=lambda folder: _volume(site, folder), home=wanted.home,
            pulled=stack.from_registry, login=stack.login if stack.from_registry else None,
            export_file=f"/etc/exports.d/moorage-{name}.exports",
            export=lambda folder: _export(site, folder), export_script=nfs.export,
            await_it=lambda progress: await_beside(assembly, service, progress),
        )  # fmt: skip


def _volume(site: Site, folder: str) -> dict[str, str]:
    """The same mount of another directory, which lies beside the export or in it."""
    options = documents.volume(site).driver_opts
    way = folder.removeprefix(site.storage.export)
    return {**options, "device": f"{options['device']}{way}"}


def _export(site: Site, folder: str) -> tuple[str, Sequence[str]]:
    """Text of an export of another directory to the same clients, and who they are."""
    # Swarm puts the proof's task where the label is, which a move may have changed
    clients = site.export_clients(site.eligible_nodes())
    given = [option for option in site.storage.export_options
             if not option.startswith("fsid=") and option not in ("mp", "mountpoint")]  # fmt: skip
    if any(option.startswith("fsid=") for option in site.storage.export_options):
        # exports(5): two directories of one file system are not to have the same
        given.append(f"fsid={uuid.uuid5(uuid.NAMESPACE_URL, folder)}")
    options = ",".join(given)
    entries = " ".join(f"{client}({options})" for client in clients)
    return f"# of a backup's proof; it goes with it\n{folder} {entries}\n", clients
