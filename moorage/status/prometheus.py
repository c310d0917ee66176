"""A status as metrics for the textfile collector of Prometheus' node exporter.

Format: "Text-based format", prometheus.io/docs/instrumenting/exposition_formats. What is not known
has no sample: a rule with absent() finds that.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from moorage.errors import Refused
from moorage.status.model import BackupSeen, Facts, Status

_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
Number = float | int | bool | None


@dataclass
class _Metric:
    """One family, all of whose samples come together as the format asks."""

    name: str
    help: str
    samples: list[tuple[dict[str, str], Number]] = field(default_factory=list)

    def add(self, value: Number, **labels: str) -> _Metric:
        if value is not None:
            self.samples.append((labels, value))
        return self

    def lines(self, always: dict[str, str]) -> Iterator[str]:
        if not self.samples:
            return
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} gauge"
        for labels, value in self.samples:
            told = ",".join(f'{key}="{text.translate(_ESCAPED)}"'
                            for key, text in {**always, **labels}.items())  # fmt: skip
            number = value if isinstance(value, float) else int(value or 0)
            yield f"{self.name}{{{told}}} {number}"


def metrics(status: Status) -> str:
    """The whole file's text."""
    always = {"stack": status.stack}
    families = (
        *_general(status), *_storage(status.facts), *_swarm(status.facts), *_nexus(status.facts),
        *_upkeep(status.facts),
    )  # fmt: skip
    return "".join(f"{line}\n" for family in families for line in family.lines(always))


def _general(status: Status) -> Iterator[_Metric]:
    yield _Metric("moorage_healthy", "Whether the site is well: 1, or 0.").add(status.healthy)
    yield _Metric("moorage_status_exit_code", "What fab status ended with.").add(status.exit_code)
    yield _Metric("moorage_status_timestamp_seconds", "When it was looked at.").add(
        _seconds(status.at)
    )
    yield _Metric("moorage_status_duration_seconds", "How long that took.").add(
        round(status.seconds, 3)
    )
    rows = _Metric("moorage_findings", "Findings by subject and level, those that are ok left out.")
    counted: dict[tuple[str, str], int] = {}
    for row in status.rows:
        if row.level != "ok":
            counted[row.subject, row.level] = counted.get((row.subject, row.level), 0) + 1
    for (subject, level), number in counted.items():
        rows.add(number, subject=subject, level=level)
    yield rows
    hosts = _Metric("moorage_host_reachable", "Whether a host answered by SSH in time.")
    for host in status.facts.hosts:
        hosts.add(host.reached, host=host.name, role=host.role)
    yield hosts


def _storage(facts: Facts) -> Iterator[_Metric]:
    seen = facts.export
    if seen is not None:
        where = {"host": seen.host, "path": seen.path}
        for name, told, value in (
            ("exported", "Whether the kernel of the NFS host has the export.", seen.exported),
            ("size_bytes", "Size of the file system below the export.", seen.size_bytes),
            ("free_bytes", "Free bytes there.", seen.free_bytes),
            ("inodes", "Inodes there.", seen.inodes),
            ("free_inodes", "Free inodes there.", seen.inodes_free),
        ):
            yield _Metric(f"moorage_export_{name}", told).add(value, **where)
    reachable = _Metric("moorage_nfs_reachable", "Whether a node reaches the NFS server.")
    stuck = _Metric("moorage_nfs_stuck_programs", "Programs of the task that wait in state D.")
    for mount in facts.mounts:
        reachable.add(mount.reachable, node=mount.node, server=mount.server)
        stuck.add(len(mount.stuck), node=mount.node, server=mount.server)
    yield from (reachable, stuck)


def _swarm(facts: Facts) -> Iterator[_Metric]:
    nodes = _Metric("moorage_node_ready", "Whether a Swarm node is ready and active.")
    for node in facts.nodes:
        nodes.add(node.state == "ready" and node.availability == "active", node=node.name)
    yield nodes
    seen = facts.service
    if seen is None or seen.there is None:
        return
    name = {"service": seen.name}
    yield _Metric("moorage_service_tasks_wanted", "Tasks that are asked for.").add(
        seen.wanted or 0, **name
    )
    yield _Metric("moorage_service_tasks_running", "Tasks that run.").add(seen.running or 0, **name)
    if seen.image and facts.image_wanted:
        yield _Metric("moorage_image_as_wanted", "Whether the inventory's image is deployed.").add(
            seen.image == facts.image_wanted, image=seen.image
        )


def _nexus(facts: Facts) -> Iterator[_Metric]:
    seen = facts.nexus
    if seen is not None:
        yield _Metric("moorage_nexus_writable", "Whether Nexus answers and can be written to.").add(
            seen.writable
        )
        if seen.version:
            yield _Metric("moorage_nexus_info", "Version and edition of Nexus.").add(
                1, version=seen.version, edition=seen.edition
            )
    online = _Metric("moorage_repository_online", "Whether a Docker repository takes requests.")
    sizes = _Metric("moorage_repository_size_bytes", "Size of a Docker repository.")
    for one in facts.repositories or ():
        online.add(one.online, repository=one.name, type=one.type)
        sizes.add(one.size_bytes, repository=one.name, type=one.type)
    blobs = _Metric("moorage_blob_store_blobs", "Blobs in a blob store.")
    used = _Metric("moorage_blob_store_size_bytes", "Size of a blob store.")
    free = _Metric("moorage_blob_store_available_bytes", "Room for a blob store.")
    for store in facts.blob_stores or ():
        blobs.add(store.blobs, blob_store=store.name)
        used.add(store.size_bytes, blob_store=store.name)
        free.add(store.available_bytes, blob_store=store.name)
    yield from (online, sizes, blobs, used, free)


def _upkeep(facts: Facts) -> Iterator[_Metric]:
    ends = _Metric("moorage_certificate_expiry_timestamp_seconds", "When a certificate ends.")
    for one in facts.certificates:
        ends.add(_seconds(one.ends), name=one.name, subject=one.subject)
    yield ends
    last, proven = facts.backups.last, facts.backups.proven
    for name, told, seen in (
        ("last", "When the last backup was made.", last),
        ("proven", "When a backup was last restored to prove it.", proven),
    ):
        yield _Metric(f"moorage_backup_{name}_timestamp_seconds", told).add(_at(seen))
    yield _Metric("moorage_backup_last_size_bytes", "Size of the last backup.").add(
        last.bytes if last else None
    )
    locked = _Metric("moorage_host_locked", "Whether somebody is changing a host.")
    held = {lock.host for lock in facts.locks}
    for host in facts.hosts:
        locked.add(host.name in held if host.reached else None, host=host.name)
    yield locked
    drift = _Metric("moorage_drift_changes", "Changes that a step would make.")
    for step in facts.drift:
        drift.add(step.changes, step=step.step)
    yield drift


def _at(seen: BackupSeen | None) -> Number:
    return _seconds(seen.at) if seen else None


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def write(path: Path, text: str) -> None:
    """Write the file beside and rename it, so that the collector never reads half of it.

    Raises:
        Refused: the folder is not there, or may not be written to; or it is no file's name.
    """
    if path.is_dir() or not path.name:
        raise Refused(f"{path} is a folder",
                      hint="name a file in it, such as moorage.prom")  # fmt: skip
    # the collector reads *.prom alone, so never this one
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        # it runs as an account of its own
        beside.chmod(0o644)
        beside.replace(path)
    except OSError as cause:
        with suppress(OSError):
            beside.unlink()
        raise Refused(
            f"{path} cannot be written: {cause.strerror or cause}",
            hint="name a file in the folder of --collector.textfile.directory",
        ) from cause
