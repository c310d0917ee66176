"""A site that is well, as facts and as what its hosts print; tests change one thing of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from moorage.status.judge import exit_code, rows
from moorage.status.machines import Export, HostSeen, Mount, NodeSeen, ServiceSeen, TaskSeen
from moorage.status.model import (
    Backups,
    BackupSeen,
    BlobStoreSeen,
    CertificateSeen,
    DriftStep,
    Facts,
    NexusSeen,
    RepositorySeen,
    Status,
)

NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
IMAGE = "moorage/nexus:3.94.0-0123456789ab"
GIB = 1024**3


def host(name, role, *, reached=True, reason="", refused=False, hint=""):
    return HostSeen(name, role, f"10.0.0.{len(name)}", reached, reason, refused, hint)


def node(name, *, state="ready", availability="active", eligible=False, message=""):
    role = "manager" if name.startswith("m") else "worker"
    return NodeSeen(name, name, role, state, availability, message, eligible)


def task(state="running", wanted="running", *, on="w1", error="", number="a" * 25):
    return TaskSeen(number, on, IMAGE, state, wanted, "3 minutes ago", error)


WELL = Facts(
    hosts=(host("nas", "nfs"), host("m1", "manager"), host("w1", "node"), host("w2", "node")),
    export=Export("nas", "/srv/nexus", active=True, exported=True, size_bytes=100 * GIB,
                  free_bytes=60 * GIB, free_percent=60, inodes=1000, inodes_free=900,
                  inodes_free_percent=90),
    mounts=(Mount("w1", "10.0.0.5:2049", reachable=True, mounted=True, hard=True),),
    nodes=(node("m1"), node("w1", eligible=True), node("w2")),
    service=ServiceSeen("registry_nexus", there=True, wanted=1, running=1, image=IMAGE),
    tasks=(task(),),
    image_wanted=IMAGE,
    nexus=NexusSeen("https://nexus.test", writable=True, phase="writable", version="3.94.0",
                    edition="COMMUNITY"),
    repositories=(RepositorySeen("docker-private", "hosted", online=True, size_bytes=3 * GIB),
                  RepositorySeen("docker-all", "group", online=True)),
    blob_stores=(BlobStoreSeen("default", 12, 4 * GIB, 60 * GIB),),
    certificates=(CertificateSeen("nexus.test", "nexus.test", "a CA",
                                  "2026-03-10T12:00:00+00:00", 59),),
    backups=Backups(known=True,
                    last=BackupSeen("b2", "2026-01-10T03:00:00Z", 4 * GIB, "full", "/backup"),
                    proven=BackupSeen("b1", "2026-01-07T03:00:00Z")),
    drift=(DriftStep("nfs", 0), DriftStep("stack", 0), DriftStep("nexus", 0)),
)  # fmt: skip


def judged(**changes):
    """The rows of the well site with some facts otherwise, and the exit code."""
    facts = replace(WELL, **changes)
    told = rows(facts, NOW)
    return told, int(exit_code(facts, told))


def status(**changes):
    facts = replace(WELL, **changes)
    told = rows(facts, NOW)
    return Status("site.yml", "registry", "2026-01-10T12:00:00+00:00", 2.5, facts, told,
                  int(exit_code(facts, told)))  # fmt: skip


def of(told, subject, *levels):
    """Messages of the rows of a subject, of some levels."""
    return [row.message for row in told if row.subject == subject
            and (not levels or row.level in levels)]  # fmt: skip


def hint(told, subject):
    return next(row.hint for row in told if row.subject == subject and row.hint)


def frame(parts, boundary="0123456789abcdef"):
    """The output of a probe whose parts printed this; a tuple has its exit code too."""
    lines = [boundary]
    for name, said in parts.items():
        text, code = said if isinstance(said, tuple) else (said, 0)
        lines += [f"--{boundary} {name}", text, "", f"--{boundary} = {code}"]
    return "\n".join(lines) + "\n"


def listed(hostname, *, state="Ready", availability="Active", manager=""):
    """A node as ``docker node ls`` prints it as JSON."""
    return json.dumps({
        "ID": "x", "Hostname": hostname, "Status": state, "Availability": availability,
        "ManagerStatus": manager, "EngineVersion": "20.10.24", "Self": False, "TLSStatus": "Ready",
    })  # fmt: skip
