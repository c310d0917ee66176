"""What probes print: recorded where there is a recording, else made by hand.

Each has something in every part, so that whatever is lost or altered was there before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from moorage.transport.base import sections

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


SWARM = part(MANAGER, "swarm")
SERVICES, LISTED = part(MANAGER, "services"), part(MANAGER, "nodes")
CLEAN_NODE = {
    "images": 'sha256:new|["moorage/nexus:3.94.0-new"]|700|["base","new"]\n'
              'sha256:old|["moorage/nexus:3.76.0-old"]|600|["base","old"]',
    "builds": "sha256:new 5 0 700\nsha256:old 30 0 600",
    "containers": "sha256:new|running|registry_nexus|registry-data-0000000b,",
    "volumes": VOLUMES,
}  # fmt: skip
CLEAN_SWARM = {
    "services": 'moorage/nexus:3.94.0-new@sha256:0|[{"SecretName":"registry-new"}]|'
                '[{"ConfigName":"registry-c"}]',
    "secrets": "registry-new\nregistry-old", "configs": "registry-c",
    "upgrade": "", "held": "", "why": "",
    "now": "services: {nexus: {image: moorage/nexus:3.94.0-new}}",
    "former": "services: {nexus: {image: moorage/nexus:3.94.0-old}}",
}  # fmt: skip
DATA_NODE = {
    "os": "debian ",
    "account": "0",
    "rsync": "installed",
    "tools": "shuf",
    "containers": "true|volume|registry_data|/var/lib/docker/volumes/registry_data/_data",
    "volumes": "registry_data|/var/lib/docker/volumes/registry_data/_data|null",
    "sizes": "/var/lib/docker/volumes/registry_data/_data|ext2/ext3|4096|7",
}
DATA_NFS = {
    "directory": "directory|200|200|750",
    "entries": "db\nblobs",
    "used": "4096",
    "space": "/dev/x 6151776 609236 5526156 10% /\n/dev/x 393216 10976 382240 3% /",
    "exported": "/srv/nexus  10.77.0.11(rw,sync,no_subtree_check)",
    "mark": "from worker",
}
RELOCATE_NODE = {
    "id": "m3vqzywqle13woio5olpxrf55", "containers": "c1",
    "mounts": ":/srv/nexus /var/lib/docker/volumes/x/_data rw,addr=10.77.0.10",
    "names": "nfs.lab 10.77.0.10", "volume": json.dumps(NFS),
}  # fmt: skip
TAKEN_NODE = {
    "host": "manager", "os": "debian ", "swarm": SWARM, "containers": "registry_nexus|abc|200",
    "volumes": json.dumps({"Name": "registry_data", "Driver": "local", "Options": NFS}),
}  # fmt: skip
REMOVED = {
    "volumes": VOLUMES, "service": "registry_nexus", "network": "registry_default",
    "secret": "registry_own", "config": "registry_c", "nodes": LISTED,
}  # fmt: skip
PURGED = {
    "file": "/srv/nexus *(rw)", "exported": "/srv/nexus  10.77.0.11(rw,sync,no_subtree_check)",
    "realpath": "/srv/nexus", "directory": "directory|/", "entries": "db\nblobs", "within": "",
    "size": "12 4096 0", "left": "/srv/.nexus.moorage-purged",
    "aside": "/srv/nexus.pre-restore-2026-01-02T030405Z",
}  # fmt: skip
STATUS = {
    "service": part(TASKS, "service"), "tasks": part(TASKS, "tasks"),
    "nodes": json.dumps({"Hostname": "manager", "ManagerStatus": "Leader", "Status": "Ready",
                         "Availability": "Active"}),
    "active": "active", "exported": part(EXPORT, "exported"), "space": part(EXPORT, "space"),
    "containers": "c1|registry_nexus|/x", "mounts": ":/srv/nexus|/x|nfs4|rw,hard,addr=10.77.0.10",
    "server": "", "now": "1790000000", "backups": RECORD,
}  # fmt: skip
TRAEFIK = "traefik_traefik|n1,\nimage|traefik:latest\nlabel|3.7.1\ntold|3.7.1"
SNAPSHOTS = json.dumps([
    {"id": "a", "tags": [f"data={MOMENT}"]},
    {"id": "b", "tags": [f"manifest={MOMENT}", "version=3.94.0", "files=3", "bytes=12"]},
])  # fmt: skip
DIRECTORY = (f"ready\nblocks /dev/x 100 50 50 50% /\ninodes /dev/x 100 50 50 50% /\n"
              f"generation {MOMENT} - {MANIFEST}\npartial 2026-01-02T000000Z")  # fmt: skip
