"""Backups of the lab's site: where they go, how a copy is held up, and what is seen of one."""

from __future__ import annotations

import json
import time

HOME = "/var/lib/moorage/registry"
FOLDER = "/srv/backup/registry"
# an rsync, or restic, that waits as long as a file is there
SLOW = """
for word in rsync restic; do
  cat >/usr/local/sbin/$word <<END
#!/bin/sh
case "\\$*" in
  *"\\$(cat /run/slow 2>/dev/null || echo nothing-is-slow)"*)
    echo "\\$*" >>/run/slowed
    while [ -e /run/slow ]; do sleep 0.5; done ;;
esac
exec /usr/bin/$word "\\$@"
END
  chmod 0755 /usr/local/sbin/$word
done
"""
FAST = "rm -f /run/slow /run/slowed /usr/local/sbin/rsync /usr/local/sbin/restic"


def backup_to(where, more=""):
    return ("api: via-ssh", f'api: via-ssh\nbackup: {{to: "{where}", floor: 1k{more}}}')


def names(lab, folder=FOLDER):
    return lab.run("nfs", f"ls {folder} 2>/dev/null || true").split()


def replicas(lab):
    return lab.run("manager", "docker service ls --filter name=registry_nexus "
                   "--format '{{.Replicas}}'").split()[0]  # fmt: skip


def record(lab):
    return json.loads(lab.run("manager", f"cat {HOME}/backups.json"))


def status(lab):
    """What Nexus answers to anybody, by curl in a guest."""
    return lab.run("manager", "curl -sk -o /dev/null -w '%{http_code}' "
                   "--resolve nexus.lab:443:127.0.0.1 "
                   "https://nexus.lab/service/rest/v1/status/writable")  # fmt: skip


def until(check, seconds, what):
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, what
        time.sleep(2)


def nothing_is_left(lab):
    assert lab.run("nfs", "ls -d /srv/nexus.verify /srv/nexus.restoring 2>/dev/null || true") == ""
    assert lab.run("nfs", "ls /etc/exports.d").split() == ["moorage-registry.exports"]
    assert "verify" not in lab.run("nfs", "exportfs -s")
    for host in ("manager", "worker"):
        assert "verify" not in lab.run(host, "docker volume ls -q; docker ps -a --format "
                                       "'{{.Names}}'; docker network ls")  # fmt: skip
    assert "verify" not in lab.run("manager", "docker stack ls")
