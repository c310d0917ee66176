"""What probes print, by the parser that reads it: recorded where there is a recording, else made.

Each has something in every part, so that whatever is lost or altered was there before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from moorage import journal, lock
from moorage.status import backups, nexus, nfs, swarm
from moorage.steps import exports, holders
from moorage.steps.backup import generations
from moorage.steps.backup.desired import Target
from moorage.steps.backup.directory import Directory
from moorage.steps.backup.restic import Restic
from moorage.steps.certificate import observe as certificate
from moorage.steps.clean import observe as clean
from moorage.steps.data import observe as data
from moorage.steps.data.move import state_of
from moorage.steps.image import observe as image
from moorage.steps.logins import observe as logins
from moorage.steps.nfs import observe as nfs_host
from moorage.steps.nfs.purge import PurgeStep
from moorage.steps.nodes import observe as machines
from moorage.steps.relocate import observe as relocate
from moorage.steps.stack import observe as stack
from moorage.steps.stack import tasks
from moorage.steps.stack.removal import RemovalDesired, RemoveStackStep
from moorage.steps.upgrade.step import note_of
from moorage.takeover import seen
from moorage.transport.base import Section, sections
from moorage.transport.http import messages
from moorage.values import Secret

ROOT = Path(__file__).resolve().parents[1]
MANAGER, WORKER, NODES, DOCKER_IMAGE, TASKS, EXPORT = (
    (ROOT / "tests/recorded" / name).read_text(encoding="utf-8")
    for name in ("docker/20.10/manager.txt", "docker/20.10/worker.txt", "docker/20.10/nodes.txt",
                 "docker/20.10/image.txt", "docker/20.10/tasks.txt", "nfs/debian-12/export.txt")
)  # fmt: skip
NFS = {"type": "nfs", "o": "addr=10.77.0.10,nfsvers=4.2,hard,rw", "device": ":/srv/nexus"}
MOMENT = "2026-01-01T000000Z"
VOLUMES = json.dumps([{"Name": "registry-data-0000000a", "Options": NFS}], indent=4)
MANIFEST = json.dumps({
    "schema": 1, "name": MOMENT, "stack": "registry", "version": "3.94.0", "image": "a:1",
    "image_id": "sha256:1", "inventory": "0", "kind": "copied", "downtime": 3.5, "files": 3,
    "bytes": 12, "index": "abc",
    "content": {"repositories": {"r": "docker hosted"},
                "assets": [{"repository": "r", "path": "/x", "sha256": "0"}]},
})  # fmt: skip
RECORD = json.dumps({
    "schema": 1, "proven": {"name": MOMENT, "at": "2026-01-01T01:00:00+00:00"},
    "last": {"name": MOMENT, "at": "2026-01-01T00:00:00+00:00", "bytes": 12, "kind": "directory",
             "where": "/backups"},
})  # fmt: skip
OWNER = {"id": "a1", "who": "jane@laptop", "pid": 42, "origin": "o", "doing": "fab up",
         "since": "2026-01-01T00:00:00+00:00"}  # fmt: skip


def framed(parts: Mapping[str, str], failed: tuple[str, ...] = ()) -> str:
    """A probe's output of these parts."""
    mark = "a6b74aa4f1c8e52f"
    text = "".join(f"--{mark} {name}\n{part}\n\n--{mark} = {int(name in failed)}\n"
                   for name, part in parts.items())  # fmt: skip
    return f"{mark}\n{text}"


def part(output: str, name: str) -> str:
    """One part of a recording."""
    return sections(output)[name].text


@dataclass(frozen=True)
class Read:
    """A parser and what it reads.

    Args:
        parse: gives plain data of an output, or raises.
        output: whole and right.
        covers: names of the functions that are tried by it, with their modules.
        required: whether each part has to come to its end; else what is missing is unknown.
        without: parts that may be missing, or are not read.
    """

    parse: Callable[[str], Any]
    output: str
    covers: tuple[str, ...]
    required: bool = True
    without: tuple[str, ...] = ()


def _of_section(parse: Callable[[Section], Any]) -> Callable[[str], Any]:
    """A parser of one section, as one of text."""
    return lambda text: parse(Section(0, text))


_SWARM = part(MANAGER, "swarm")
_SERVICES, _LISTED = part(MANAGER, "services"), part(MANAGER, "nodes")
_CLEAN_NODE = {
    "images": 'sha256:new|["moorage/nexus:3.94.0-new"]|700|["base","new"]\n'
              'sha256:old|["moorage/nexus:3.76.0-old"]|600|["base","old"]',
    "builds": "sha256:new 5 0 700\nsha256:old 30 0 600",
    "containers": "sha256:new|running|registry_nexus|registry-data-0000000b,",
    "volumes": VOLUMES,
}  # fmt: skip
_CLEAN_SWARM = {
    "services": 'moorage/nexus:3.94.0-new@sha256:0|[{"SecretName":"registry-new"}]|'
                '[{"ConfigName":"registry-c"}]',
    "secrets": "registry-new\nregistry-old", "configs": "registry-c",
}  # fmt: skip
_DATA_NODE = {
    "os": "debian ",
    "account": "0",
    "rsync": "installed",
    "tools": "shuf",
    "containers": "true|volume|registry_data|/var/lib/docker/volumes/registry_data/_data",
    "volumes": "registry_data|/var/lib/docker/volumes/registry_data/_data|null",
    "sizes": "/var/lib/docker/volumes/registry_data/_data|ext2/ext3|4096|7",
}
_DATA_NFS = {
    "directory": "directory|200|200|750",
    "entries": "db\nblobs",
    "used": "4096",
    "space": "/dev/x 6151776 609236 5526156 10% /\n/dev/x 393216 10976 382240 3% /",
    "exported": "/srv/nexus  10.77.0.11(rw,sync,no_subtree_check)",
    "mark": "from worker",
}
_RELOCATE_NODE = {
    "id": "m3vqzywqle13woio5olpxrf55", "containers": "c1",
    "mounts": ":/srv/nexus /var/lib/docker/volumes/x/_data rw,addr=10.77.0.10",
    "names": "nfs.lab 10.77.0.10", "volume": json.dumps(NFS),
}  # fmt: skip
_TAKEN_NODE = {
    "host": "manager", "os": "debian ", "swarm": _SWARM, "containers": "registry_nexus|abc|200",
    "volumes": json.dumps({"Name": "registry_data", "Driver": "local", "Options": NFS}),
}  # fmt: skip
_REMOVED = {
    "volumes": VOLUMES, "service": "registry_nexus", "network": "registry_default",
    "secret": "registry_own", "config": "registry_c", "nodes": _LISTED,
}  # fmt: skip
_PURGED = {
    "file": "/srv/nexus *(rw)", "exported": "/srv/nexus  10.77.0.11(rw,sync,no_subtree_check)",
    "realpath": "/srv/nexus", "directory": "directory|/", "entries": "db\nblobs", "within": "",
    "size": "12 4096 0", "left": "/srv/.nexus.moorage-purged",
}  # fmt: skip
_STATUS = {
    "service": part(TASKS, "service"), "tasks": part(TASKS, "tasks"),
    "nodes": json.dumps({"Hostname": "manager", "ManagerStatus": "Leader", "Status": "Ready",
                         "Availability": "Active"}),
    "active": "active", "exported": part(EXPORT, "exported"), "space": part(EXPORT, "space"),
    "containers": "c1|registry_nexus|/x", "mounts": ":/srv/nexus|/x|nfs4|rw,hard,addr=10.77.0.10",
    "server": "", "now": "1790000000", "backups": RECORD,
}  # fmt: skip
_TRAEFIK = "traefik_traefik|n1,\nimage|traefik:latest\nlabel|3.7.1\ntold|3.7.1"
_SNAPSHOTS = json.dumps([
    {"id": "a", "tags": [f"data={MOMENT}"]},
    {"id": "b", "tags": [f"manifest={MOMENT}", "version=3.94.0", "files=3", "bytes=12"]},
])  # fmt: skip
_DIRECTORY = (f"ready\nblocks /dev/x 100 50 50 50% /\ninodes /dev/x 100 50 50 50% /\n"
              f"generation {MOMENT} - {MANIFEST}\npartial 2026-01-02T000000Z")  # fmt: skip


def _stack_manager(output: str) -> Any:
    """A manager is a node too."""
    node = stack.parse_node(output, "manager", "registry_nexus", "registry-data-f19748a7")
    return stack.parse_manager(output, "manager"), node


def _removed(output: str) -> Any:
    wanted = RemovalDesired("registry", "registry_nexus", "fixed", "moorage.registry", ("boss",))
    return RemoveStackStep(None, "boss", wanted).read({"boss": output}, lambda _: None)  # type: ignore[arg-type]


def _purged(output: str) -> Any:
    return PurgeStep(None, "nas", "/srv/nexus", "/e").read({"nas": output}, lambda _: None)  # type: ignore[arg-type]


def _status(output: str) -> Any:
    """All that status makes of a host's own part, which has to come of whatever there is."""
    found = sections(output)
    mount = nfs.mount(found, "worker", "10.77.0.10", 2049, ":/srv/nexus", "registry_nexus")
    return nfs.export(found, "nfs", "/srv/nexus"), backups.parse(found.get("backups")), mount


class _Web:
    """A server that answers each list with a part of a text that is JSON, or is none."""

    base = "https://nexus.lab"

    def __init__(self, text: str) -> None:
        self.text = text

    def ask(self, *_: Any, **__: Any) -> Any:
        return SimpleNamespace(status_code=200, headers={"Server": "Nexus/3.94.0 (OSS)"})

    def log_in(self, *_: Any) -> None: ...

    def call(self, _method: str, path: str, **_: Any) -> Any:
        return SimpleNamespace(
            status_code=200, json=lambda: json.loads(self.text)[path.rpartition("/")[2]]
        )


def _nexus(output: str) -> Any:
    look = nexus.NexusLook(_Web(output), Secret("x"), ["docker-private"])  # type: ignore[arg-type]
    look.ask()
    return look.repositories, look.blob_stores, look.unknown


def _held(output: str) -> Any:
    found = lock.holder(Section(0, output), "nfs")
    return found and found.told()


_RESTIC = Restic(Target("restic", "", "/r", "restic:/r", password=Secret("x")), "s", "/h", 200)
_FOLDER = Directory(Target("directory", "", "/b", "/b"), "/h", 200, 5)

READS: dict[str, Read] = {
    "nfs": Read(lambda text: nfs_host.parse(text, "/srv/nexus", "nfs"), EXPORT,
                ("moorage.steps.nfs.observe.parse", "moorage.steps.exports.parse_exportfs"),
                without=("holders",)),
    "nodes": Read(lambda text: machines.parse(text, "worker"), NODES,
                  ("moorage.steps.nodes.observe.parse", "moorage.steps.nodes.observe._engine")),
    "image": Read(lambda text: image.parse(text, "moorage/nexus:3.94.0-1", "worker"), DOCKER_IMAGE,
                  ("moorage.steps.image.observe.parse",), without=("docker",)),
    "stack node": Read(
        lambda text: stack.parse_node(text, "worker", "registry_nexus", "registry-data-f19748a7"),
        WORKER, ("moorage.steps.stack.observe.parse_node", "moorage.steps.stack.observe._volumes",
                  "moorage.steps.stack.observe._image", "moorage.steps.stack.observe.swarm_state")),
    "stack manager": Read(
        _stack_manager, MANAGER,
        ("moorage.steps.stack.observe.parse_manager", "moorage.steps.stack.observe.swarm_nodes")),
    "tasks": Read(tasks.parse, TASKS, ("moorage.steps.stack.tasks.parse",), required=False),
    "clean node": Read(lambda text: clean.parse_node(text, "one"), framed(_CLEAN_NODE),
                       ("moorage.steps.clean.observe.parse_node",
                        "moorage.steps.clean.observe._strings")),
    "clean manager": Read(
        lambda text: (clean.parse_manager(text, "boss"), clean.parse_node(text, "boss")),
        framed({**_CLEAN_NODE, **_CLEAN_SWARM}),
        ("moorage.steps.clean.observe.parse_manager",)),
    "certificate": Read(
        lambda text: certificate.parse(text, "boss"),
        framed({"service": _SERVICES, "secrets": "registry-certificate-1", "configs": "c"}),
        ("moorage.steps.certificate.observe.parse",)),
    "logins": Read(lambda text: logins.parse(text, "worker"),
                   framed({"login": "helper box\nlogin same reader", "put": "login registry.lab"}),
                   ("moorage.steps.logins.observe.parse",)),
    "data node": Read(lambda text: data.parse_node(text, "worker"), framed(_DATA_NODE),
                      ("moorage.steps.data.observe.parse_node",)),
    "data manager": Read(lambda text: data.parse_manager(text, "manager"),
                         framed({"service": _SERVICES, "tasks": "t1"}),
                         ("moorage.steps.data.observe.parse_manager",)),
    "data export": Read(lambda text: data.parse_export(text, "/srv/nexus", "nas"),
                        framed(_DATA_NFS), ("moorage.steps.data.observe.parse_export",)),
    "data state": Read(state_of, "ended 0\nout from 3 9\nout to 3 9\nerr x",
                       ("moorage.steps.data.move.state_of",), required=False),
    "relocate server": Read(
        lambda text: relocate.parse_server(text, "/srv/nexus", "nas"),
        framed({"file": "/srv/nexus 10.77.0.11(rw)", "exported": part(EXPORT, "exported"),
                "mountpoint": "/", "holders": "10.77.0.12:700", "names": "one 10.77.0.12"}),
        ("moorage.steps.relocate.observe.parse_server",)),
    "relocate node": Read(
        lambda text: relocate.parse_node(text, "/srv/nexus", ["10.77.0.10"], "worker"),
        framed(_RELOCATE_NODE), ("moorage.steps.relocate.observe.parse_node",)),
    "relocate manager": Read(
        lambda text: (relocate.parse_manager(text, ("moorage.registry", "nexus"), "boss"),
                      relocate.parse_node(text, "/srv/nexus", ["10.77.0.10"], "boss")),
        framed({**_RELOCATE_NODE, "nodes": _LISTED, "service": _SERVICES, "tasks": "t1"}),
        ("moorage.steps.relocate.observe.parse_manager",)),
    "removal": Read(_removed, framed(_REMOVED), ("moorage.steps.stack.removal.read",)),
    "purge": Read(_purged, framed(_PURGED), ("moorage.steps.nfs.purge.read",)),
    "takeover node": Read(lambda text: seen.node_of(text, "worker"), framed(_TAKEN_NODE),
                          ("moorage.takeover.seen.node_of", "moorage.takeover.seen._volumes")),
    "takeover manager": Read(
        lambda text: seen.swarm_of(text, "manager", "registry"),
        framed({**_TAKEN_NODE, "nodes": _LISTED, "networks": part(MANAGER, "networks"),
                "stacks": "registry", "services": _SERVICES, "tasks": "registry_nexus.1|worker|x",
                "traefik": _TRAEFIK, "options": "--providers.swarm=true"}),
        ("moorage.takeover.seen.swarm_of",)),
    "takeover nfs": Read(
        lambda text: seen.nfs_of(text, "nas"),
        framed({"host": "nas", "files": "file|/etc/exports\n/srv/nexus *(rw)",
                "exported": part(EXPORT, "exported"),
                "directories": "directory|/srv/nexus|/srv/nexus|directory|200|200|750\nentry|db"}),
        ("moorage.takeover.seen.nfs_of",)),
    "status": Read(_status, framed(_STATUS), ("moorage.status.backups.parse",), required=False),
    "status nodes": Read(lambda text: swarm.nodes(sections(text), _lab()), framed(_STATUS),
                         ("moorage.status.swarm.nodes",), required=False),
    "status service": Read(lambda text: swarm.service(text, _lab(), ()), framed(_STATUS),
                           ("moorage.status.swarm.service",), required=False),
    "status of Nexus": Read(_nexus, json.dumps({
        "repositories": [{"name": "docker-private", "format": "docker", "type": "hosted"}],
        "blobstores": [{"name": "default", "blobCount": 1, "totalSizeInBytes": 5,
                        "availableSpaceInBytes": 7}],
    }), ("moorage.status.nexus._get",), required=False),
    "backups in a directory": Read(_of_section(lambda part: _FOLDER.read(part, "nas")), _DIRECTORY,
                                   ("moorage.steps.backup.directory.read",), required=False),
    "backups of restic": Read(_of_section(lambda part: _RESTIC.read(part, "nas")),
                              f"blocks /dev/x 100 50 50 50% /\n{_SNAPSHOTS}",
                              ("moorage.steps.backup.restic.read",), required=False),
    "manifest": Read(generations.manifest_of, MANIFEST,
                     ("moorage.steps.backup.generations.manifest_of",), required=False),
    "note of an upgrade": Read(
        note_of, json.dumps({"before": "3.93.0", "to": "3.94.0", "image": "a", "backup": MOMENT}),
        ("moorage.steps.upgrade.step.note_of",), required=False),
    "journal": Read(
        lambda text: [entry.line() for entry in journal.parse(text)],
        json.dumps({"at": "2026-01-01T00:00:00Z", "ended": "2026-01-01T00:00:09Z", "who": "jane",
                    "pid": 1, "step": "nfs", "host": "nas", "change": "update x", "fields": ["a"],
                    "action": "b", "result": "done"}),
        ("moorage.journal._entry",), required=False),
    "lock": Read(_held, f"7\n{json.dumps(OWNER)}\n"
                 + json.dumps({"step": "nfs", "change": "x", "host": "nas"})[:-1],
                 ("moorage.lock._json", "moorage.lock.holder"), required=False),
    "Traefik": Read(_stack_manager, MANAGER + framed({"traefik": _TRAEFIK}).replace(
                        "a6b74aa4f1c8e52f", MANAGER[:16]).partition("\n")[2],
                    ("moorage.ingress.running.services",), required=False),
    "exportfs": Read(partial(exports.parse_exportfs, path="/srv/nexus"), part(EXPORT, "exported"),
                     (), required=False),
    "holders": Read(holders.holders, "10.77.0.12:700\n[fd00::1]:700", (), required=False),
    "complaints of a server": Read(messages, json.dumps([{"id": "x", "message": "y"}]),
                                   ("moorage.transport.http.messages",), required=False),
}  # fmt: skip


def _lab() -> Any:
    from moorage.config.inventory import load_site

    return load_site("lab", root=ROOT, environ={})
