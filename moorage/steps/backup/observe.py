"""What a backup has to know: one exec on the NFS host, one on the manager, one on each node."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from moorage.errors import MoorageError, Refused
from moorage.quoting import Value
from moorage.steps.backup.desired import BackupDesired
from moorage.steps.backup.target import Keeping, TargetObserved
from moorage.steps.packages import SYSTEM, Package, is_installed
from moorage.steps.pending_upgrade import UNDER_WAY, UnderWay, under_way
from moorage.transport.base import Probe, Section, all_sections
from moorage.transport.parsing import parser

_SUMMARY = "look at data and backups"
_DU_SECONDS = 60
_SUBVOLUME = "256"
"""Inode of the root of every btrfs subvolume (btrfs-subvolume(8))."""
PROGRAMS = {
    "rsync": Package("rsync", "rsync"), "restic": Package("restic", "restic"),
    "btrfs": Package("btrfs-progs", "btrfs-progs"),
}  # fmt: skip
VERIFY, RESTORING, SNAPSHOT = "verify", "restoring", "snapshot"
"""Directories beside the export, or in it, that a run may leave behind."""
# a snapshot has an empty directory in the place of each (btrfs-subvolume(8), SNAPSHOTS)
_NESTED = r"""
[ "$(stat -f -c %T -- "$export" 2>/dev/null)" = btrfs ] || exit 0
if command -v btrfs >/dev/null; then
  btrfs subvolume list -o -- "$export" | sed 's/.* path //' | grep -v '/\.moorage-'
else
  timeout "$counting" find "$export" -xdev -mindepth 1 -type d -inum "$subvolume" -print -quit
fi 2>/dev/null | head -n 1
awk -v path="$export/" 'index($2, path) == 1 { print $2 }' /proc/mounts | head -n 1
"""
_NFS_PARTS = {
    "os": SYSTEM,
    "export": 'stat -c "%F|%i" -- "$export" && stat -f -c %T -- "$export"',
    "nested": _NESTED,
    "mounted": 'mountpoint -q -- "$export"',
    "size": f'timeout {_DU_SECONDS} du -skx -- "$export" 2>/dev/null | cut -f 1',
    "space": 'df -Pk -- "$export" | tail -n 1',
    "left": 'printf "%s\n" "$left" | while read -r path; do [ ! -e "$path" ] || echo "$path"; done',
    "swap": 'cat -- "$home/swap"',
    "orient": 'ls -d -- "$export"/db/component "$export"/db/nexus.mv.db 2>/dev/null',
    **{f"has {name}": package.installed for name, package in PROGRAMS.items()},
}
_MANAGER_PARTS = {
    "service": 'docker service inspect -- "$service"',
    "stopped": 'cat -- "$home/stopped" 2>/dev/null || cat -- "$home/stopped.guard"',
    "record": 'cat -- "$home/backups.json"',
    "beside": 'docker service ls -q --filter "label=com.docker.stack.namespace=$beside"',
    **UNDER_WAY,
}
_NODE_PARTS = {
    "runs": (
        'ids=$(docker ps -q --filter "label=com.docker.swarm.service.name=$service") || exit 1\n'
        '[ -z "$ids" ] || docker inspect --format "{{.Image}}" $ids'
    ),
    "images": "docker image ls --format '{{.Repository}}:{{.Tag}}'",
}


@dataclass(frozen=True)
class Export:
    """The directory with the data.

    Args:
        size: bytes in use; None where they were not counted in time.
        free: bytes that its file system has left.
        subvolume: whether it is one of btrfs; nested: what in it a snapshot would not have.
        alone: whether it is a mount point, so that it cannot be renamed.
        left: directories beside it that a former run left.
        swap: an exchange of data that was cut off, as ``restore_scripts`` notes it.
        orient, h2: whether such a database lies in it.
    """

    size: int | None
    free: int
    subvolume: bool = False
    nested: str = ""
    alone: bool = False
    left: tuple[str, ...] = ()
    swap: str = ""
    orient: bool = False
    h2: bool = False


@dataclass(frozen=True)
class Service:
    """The service that is Nexus.

    Args:
        replicas: how many tasks Swarm is to run.
        image: what they are started from, name and tag.
    """

    replicas: int
    image: str


@dataclass(frozen=True)
class BackupObserved:
    """All of it; ``None`` for what is not there.

    Args:
        distribution: of the NFS host; lacking: programs that it has not.
        stopped: who stopped the service for a while and has not started it again, in words.
        record: ``backups.json`` as it is.
        beside: whether the stack of a proof is there.
        image_id: digest of the image that a task runs; images: names on each node.
        version: of the Nexus that answers; None where none does.
        writable: whether it can be written to.
        pending: what the manager remembers of what is not over.
    """

    distribution: str
    lacking: frozenset[str]
    export: Export | None
    target: TargetObserved | MoorageError
    service: Service | None
    stopped: str
    record: dict[str, Any] | None
    beside: bool
    image_id: str = ""
    images: dict[str, frozenset[str]] = field(default_factory=dict)
    version: str | None = None
    writable: bool = False
    pending: UnderWay = field(default_factory=UnderWay)

    def reached(self) -> TargetObserved:
        """What is at the target.

        Raises:
            MoorageError: it is not reached.
        """
        if isinstance(self.target, MoorageError):
            raise self.target
        return self.target


def place_for(what: str, export: str, *, alone: bool) -> str:
    """Where a directory of ours goes: beside the export, or in it where that is a mount point."""
    return f"{export}/.moorage-{what}" if alone else f"{export}.{what}"


def probes(wanted: BackupDesired, keeping: Keeping, *, sized: bool) -> dict[str, Probe]:
    """What is read, by host.

    Args:
        sized: whether the data are counted, which takes a while where there are many.
    """
    target = keeping.probe()
    places = [place_for(what, wanted.export, alone=alone)
              for what in (VERIFY, RESTORING, SNAPSHOT) for alone in (False, True)]  # fmt: skip
    values = {
        **target.variables, "export": wanted.export, "left": places, "service": wanted.service,
        "counting": _DU_SECONDS, "subvolume": _SUBVOLUME,
        "home": wanted.home, "beside": f"{wanted.stack}-verify",
    }  # fmt: skip
    of_nfs = {name: part for name, part in _NFS_PARTS.items() if sized or name != "size"}
    parts: dict[str, dict[str, str]] = {}
    for host, own in (
        (wanted.nfs, {**of_nfs, **target.parts}),
        (wanted.manager, _MANAGER_PARTS),
        *((node, _NODE_PARTS) for node in wanted.nodes),
    ):
        parts.setdefault(host, {}).update(own)
    return {host: Probe(_SUMMARY, own, _used(own, values))
            for host, own in parts.items()}  # fmt: skip


def _used(parts: dict[str, str], values: dict[str, Value]) -> dict[str, Value]:
    """The values that parts refer to: a secret goes where it is needed alone."""
    text = "\n".join(parts.values())
    return {name: value for name, value in values.items() if f"${name}" in text
            or f"${{{name}" in text}  # fmt: skip


@parser("a host")
def parse(
    answers: dict[str, str], wanted: BackupDesired, keeping: Keeping, alive: tuple[str | None, bool]
) -> BackupObserved:
    """What the answers say.

    Args:
        alive: version of the Nexus that answers, and whether it can be written to.

    Raises:
        Refused: a host's Docker or Swarm does not answer.
        CommandFailed: the output is not that of a whole probe.
    """
    nfs = all_sections(
        answers[wanted.nfs], ({*_NFS_PARTS, "target"} - {"size"}), _SUMMARY, wanted.nfs
    )
    manager = all_sections(answers[wanted.manager], _MANAGER_PARTS, _SUMMARY, wanted.manager)
    ran: list[str] = []
    images: dict[str, frozenset[str]] = {}
    for node in wanted.nodes:
        seen = all_sections(answers[node], _NODE_PARTS, _SUMMARY, node)
        if not seen["runs"].ok:
            raise Refused(f"Docker does not answer: {_last(seen['runs'])}", host=node,
                          hint="start Docker there")  # fmt: skip
        ran += seen["runs"].text.split()
        images[node] = frozenset(seen["images"].text.split())
    try:
        target: TargetObserved | MoorageError = keeping.read(nfs["target"], wanted.nfs)
    except MoorageError as failure:
        target = failure
    return BackupObserved(
        distribution=nfs["os"].text.strip(),
        lacking=frozenset(name for name in PROGRAMS if not is_installed(nfs[f"has {name}"])),
        export=_export(nfs),
        target=target,
        service=_service(manager["service"], wanted.manager),
        stopped=_stopped(manager["stopped"]),
        record=_json(manager["record"]),
        beside=bool(manager["beside"].ok and manager["beside"].text.strip()),
        image_id=ran[0] if ran else "",
        images=images,
        version=alive[0],
        writable=alive[1],
        pending=under_way(manager),
    )


def _export(nfs: dict[str, Section]) -> Export | None:
    if not nfs["export"].ok:
        return None
    line, kind = nfs["export"].text.split("\n")[:2]
    what, inode = line.split("|")
    if what != "directory":
        return None
    size = nfs["size"].text.strip() if "size" in nfs else ""
    space = nfs["space"].text.split()
    databases = nfs["orient"].text
    return Export(
        size=int(size) * 1024 if size.isdigit() else None,
        free=int(space[3]) * 1024,
        subvolume=kind == "btrfs" and inode == _SUBVOLUME,
        nested=next(iter(nfs["nested"].text.split("\n")), ""),
        alone=nfs["mounted"].ok,
        left=tuple(nfs["left"].text.splitlines()),
        swap=nfs["swap"].text.strip() if nfs["swap"].ok else "",
        orient="/db/component" in databases,
        h2="nexus.mv.db" in databases,
    )


def _service(section: Section, host: str) -> Service | None:
    if not section.ok:
        if "no such service" in section.text.lower():
            return None
        raise Refused(f"the Swarm does not answer: {_last(section)}", host=host,
                      hint="see what docker node ls says there")  # fmt: skip
    spec = section.json()[0]["Spec"]
    replicated = (spec.get("Mode") or {}).get("Replicated") or {}
    image = spec["TaskTemplate"]["ContainerSpec"]["Image"].partition("@")[0]
    return Service(replicated.get("Replicas", 1), image)


def _stopped(section: Section) -> str:
    """Why it was stopped, from the note of ``standstill_scripts``: its last line."""
    lines = section.text.splitlines() if section.ok else []
    return lines[-1] if lines else ""


def _json(section: Section) -> dict[str, Any] | None:
    try:
        found = json.loads(section.text) if section.ok else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _last(section: Section) -> str:
    return "".join(section.text.strip().splitlines()[-1:])
