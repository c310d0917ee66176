"""The table of all parsers: each with what it reads, and the functions that are tried by it."""

from __future__ import annotations

import json
from functools import partial

import parsers
import printed
from parsers import Read

from moorage import journal
from moorage.status import swarm
from moorage.steps import exports, holders
from moorage.steps.backup import generations
from moorage.steps.certificate import observe as certificate
from moorage.steps.clean import observe as clean
from moorage.steps.data import observe as data
from moorage.steps.data.move import state_of
from moorage.steps.image import observe as image
from moorage.steps.logins import observe as logins
from moorage.steps.nfs import observe as nfs_host
from moorage.steps.nodes import observe as machines
from moorage.steps.pending_upgrade import note_of
from moorage.steps.relocate import observe as relocate
from moorage.steps.stack import observe as stack
from moorage.steps.stack import tasks
from moorage.takeover import seen
from moorage.transport.base import sections
from moorage.transport.http import messages

READS: dict[str, Read] = {
    "nfs": Read(
        lambda text: nfs_host.parse(text, "/srv/nexus", "nfs"),
        printed.EXPORT,
        ("steps.nfs.observe.parse", "steps.exports.parse_exportfs"),
        without=("holders",),
    ),
    "nodes": Read(
        lambda text: machines.parse(text, "worker"),
        printed.NODES,
        ("steps.nodes.observe.parse", "steps.nodes.observe._engine"),
    ),
    "image": Read(
        lambda text: image.parse(text, "moorage/nexus:3.94.0-1", "worker"),
        printed.DOCKER_IMAGE,
        ("steps.image.observe.parse",),
        without=("docker",),
    ),
    "stack node": Read(
        lambda text: stack.parse_node(text, "worker", "registry_nexus", "registry-data-f19748a7"),
        printed.WORKER,
        (
            "steps.stack.observe.parse_node",
            "steps.stack.observe._volumes",
            "steps.stack.observe._image",
            "steps.stack.observe.swarm_state",
        ),
    ),
    "stack manager": Read(
        parsers.stack_manager,
        printed.MANAGER,
        ("steps.stack.observe.parse_manager", "steps.stack.observe.swarm_nodes"),
    ),
    "tasks": Read(tasks.parse, printed.TASKS, ("steps.stack.tasks.parse",), required=False),
    "tasks made": Read(
        lambda text: tasks.made_since(text, "2026-01-01T00:00:00Z"),
        't1 "2026-01-01T00:00:01.123456789Z"\nt2 "2025-12-31T23:59:59Z"\n',
        ("steps.stack.tasks.made_since",),
        required=False,
    ),
    "clean node": Read(
        lambda text: clean.parse_node(text, "one"),
        printed.framed(printed.CLEAN_NODE),
        ("steps.clean.observe.parse_node", "steps.clean.observe._strings"),
    ),
    "clean manager": Read(
        lambda text: (clean.parse_manager(text, "boss", "nexus"), clean.parse_node(text, "boss")),
        printed.framed({**printed.CLEAN_NODE, **printed.CLEAN_SWARM}),
        ("steps.clean.observe.parse_manager",),
    ),
    "certificate": Read(
        lambda text: certificate.parse(text, "boss"),
        printed.framed(
            {"service": printed.SERVICES, "secrets": "registry-certificate-1", "configs": "c"}
        ),
        ("steps.certificate.observe.parse",),
    ),
    "logins": Read(
        lambda text: logins.parse(text, "worker"),
        printed.framed({"login": "helper box\nlogin same reader", "put": "login registry.lab"}),
        ("steps.logins.observe.parse",),
    ),
    "data node": Read(
        lambda text: data.parse_node(text, "worker"),
        printed.framed(printed.DATA_NODE),
        ("steps.data.observe.parse_node",),
    ),
    "data manager": Read(
        lambda text: data.parse_manager(text, "manager"),
        printed.framed({"service": printed.SERVICES, "tasks": "t1"}),
        ("steps.data.observe.parse_manager",),
    ),
    "data export": Read(
        lambda text: data.parse_export(text, "/srv/nexus", "nas"),
        printed.framed(printed.DATA_NFS),
        ("steps.data.observe.parse_export",),
    ),
    "data state": Read(
        state_of,
        "ended 0\nout from 3 9\nout to 3 9\nerr x",
        ("steps.data.move.state_of",),
        required=False,
    ),
    "relocate server": Read(
        lambda text: relocate.parse_server(text, "/srv/nexus", "nas"),
        printed.framed(
            {
                "file": "/srv/nexus 10.77.0.11(rw)",
                "exported": printed.part(printed.EXPORT, "exported"),
                "mountpoint": "/",
                "holders": "10.77.0.12:700",
                "names": "one 10.77.0.12",
            }
        ),
        ("steps.relocate.observe.parse_server",),
    ),
    "relocate node": Read(
        lambda text: relocate.parse_node(text, "/srv/nexus", ["10.77.0.10"], "worker"),
        printed.framed(printed.RELOCATE_NODE),
        ("steps.relocate.observe.parse_node",),
    ),
    "relocate manager": Read(
        lambda text: (
            relocate.parse_manager(text, ("moorage.registry", "nexus"), "boss"),
            relocate.parse_node(text, "/srv/nexus", ["10.77.0.10"], "boss"),
        ),
        printed.framed(
            {
                **printed.RELOCATE_NODE,
                "nodes": printed.LISTED,
                "service": printed.SERVICES,
                "tasks": "t1",
            }
        ),
        ("steps.relocate.observe.parse_manager",),
    ),
    "removal": Read(
        parsers.removed, printed.framed(printed.REMOVED), ("steps.stack.removal.read",)
    ),
    "stop": Read(
        parsers.stopping, printed.framed({"tasks": "1", "held": ""}), ("steps.stack.stop.read",)
    ),
    "purge": Read(parsers.purged, printed.framed(printed.PURGED), ("steps.nfs.purge.read",)),
    "takeover node": Read(
        lambda text: seen.node_of(text, "worker"),
        printed.framed(printed.TAKEN_NODE),
        ("takeover.seen.node_of", "takeover.seen._volumes"),
    ),
    "takeover manager": Read(
        lambda text: seen.swarm_of(text, "manager", "registry"),
        printed.framed(
            {
                **printed.TAKEN_NODE,
                "nodes": printed.LISTED,
                "networks": printed.part(printed.MANAGER, "networks"),
                "stacks": "registry",
                "services": printed.SERVICES,
                "tasks": "registry_nexus.1|worker|x",
                "traefik": printed.TRAEFIK,
                "options": "--providers.swarm=true",
            }
        ),
        ("takeover.seen.swarm_of",),
    ),
    "takeover nfs": Read(
        lambda text: seen.nfs_of(text, "nas"),
        printed.framed(
            {
                "host": "nas",
                "files": "file|/etc/exports\n/srv/nexus *(rw)",
                "exported": printed.part(printed.EXPORT, "exported"),
                "directories": "directory|/srv/nexus|/srv/nexus|directory|200|200|750\nentry|db",
            }
        ),
        ("takeover.seen.nfs_of",),
    ),
    "status": Read(
        parsers.status, printed.framed(printed.STATUS), ("status.backups.parse",), required=False
    ),
    "status nodes": Read(
        lambda text: swarm.nodes(sections(text), parsers.lab()),
        printed.framed(printed.STATUS),
        ("status.swarm.nodes",),
        required=False,
    ),
    "status service": Read(
        lambda text: swarm.service(text, parsers.lab(), ()),
        printed.framed(printed.STATUS),
        ("status.swarm.service",),
        required=False,
    ),
    "status of Nexus": Read(
        parsers.of_nexus,
        json.dumps(
            {
                "repositories": [{"name": "docker-private", "format": "docker", "type": "hosted"}],
                "blobstores": [
                    {
                        "name": "default",
                        "blobCount": 1,
                        "totalSizeInBytes": 5,
                        "availableSpaceInBytes": 7,
                    }
                ],
            }
        ),
        ("status.nexus._get",),
        required=False,
    ),
    "backups in a directory": Read(
        parsers.of_section(lambda part: parsers.FOLDER.read(part, "nas")),
        printed.DIRECTORY,
        ("steps.backup.directory.read",),
        required=False,
    ),
    "backups of restic": Read(
        parsers.of_section(lambda part: parsers.RESTIC.read(part, "nas")),
        f"blocks /dev/x 100 50 50 50% /\n{printed.SNAPSHOTS}",
        ("steps.backup.restic.read",),
        required=False,
    ),
    "manifest": Read(
        generations.manifest_of,
        printed.MANIFEST,
        ("steps.backup.generations.manifest_of",),
        required=False,
    ),
    "note of an upgrade": Read(
        note_of,
        json.dumps({"before": "3.93.0", "to": "3.94.0", "image": "a", "backup": printed.MOMENT}),
        ("steps.pending_upgrade.note_of",),
        required=False,
    ),
    "journal": Read(
        lambda text: [entry.line() for entry in journal.parse(text)],
        json.dumps(
            {
                "at": "2026-01-01T00:00:00Z",
                "ended": "2026-01-01T00:00:09Z",
                "who": "jane",
                "pid": 1,
                "step": "nfs",
                "host": "nas",
                "change": "update x",
                "fields": ["a"],
                "action": "b",
                "result": "done",
            }
        ),
        ("journal._entry",),
        required=False,
    ),
    "lock": Read(
        parsers.held,
        f"7\n{json.dumps(printed.OWNER)}\n"
        + json.dumps({"step": "nfs", "change": "x", "host": "nas"})[:-1],
        ("lock._json", "lock.holder"),
        required=False,
    ),
    "Traefik": Read(
        parsers.stack_manager,
        printed.MANAGER
        + printed.framed({"traefik": printed.TRAEFIK})
        .replace("a6b74aa4f1c8e52f", printed.MANAGER[:16])
        .partition("\n")[2],
        ("ingress.running.services",),
        required=False,
    ),
    "exportfs": Read(
        partial(exports.parse_exportfs, path="/srv/nexus"),
        printed.part(printed.EXPORT, "exported"),
        (),
        required=False,
    ),
    "holders": Read(holders.holders, "10.77.0.12:700\n[fd00::1]:700", (), required=False),
    "complaints of a server": Read(
        messages,
        json.dumps([{"id": "x", "message": "y"}]),
        ("transport.http.messages",),
        required=False,
    ),
}
