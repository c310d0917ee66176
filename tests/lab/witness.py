"""Witnesses of the scenarios that are not Moorage's own probes: sshd's log, Docker, files, HTTP."""

from __future__ import annotations

import contextlib
import json
import time

HOSTS = ("nfs", "manager", "worker")
SERVICE = "registry_nexus"
EXPORTS = "/etc/exports.d/moorage-registry.exports"
TASKS = f"docker service ps --no-trunc --format '{{{{.ID}}}} {{{{.DesiredState}}}}' {SERVICE}"
RUNNING = f"docker service ps -q --no-trunc -f desired-state=running {SERVICE}"
SPEC = f"docker service inspect --format '{{{{.Version.Index}}}} {{{{.UpdatedAt}}}}' {SERVICE}"
_TALKATIVE = (
    "printf 'LogLevel VERBOSE\\n' >/etc/ssh/sshd_config.d/00-witness.conf; systemctl reload ssh"
)
_SILENT = "rm -f /etc/ssh/sshd_config.d/00-witness.conf; systemctl reload ssh"
_SESSIONS = (
    "journalctl --sync; journalctl -q --no-pager | grep -c 'sshd.*Starting session: command'; true"
)


def talkative(lab, *, on=True):
    """Have sshd write down each command that it is asked to run."""
    for host in HOSTS:
        lab.run(host, _TALKATIVE if on else _SILENT)
        lab.ssh.forget(host)


def commands(lab):
    """How many commands each host was asked to run over SSH so far, this question included."""
    return [int(lab.run(host, _SESSIONS)) for host in HOSTS]


def asked_for_nothing(lab, before):
    """Whether no host was asked for a command since, but for the question itself."""
    now = commands(lab)
    assert min(before) > 0, "sshd writes nothing down, so this proves nothing"
    return [after - one for after, one in zip(now, before, strict=True)] == [1] * len(HOSTS)


def state(lab):
    """What a run may change on the hosts, as one text."""
    return "\n".join(
        lab.run(host, script)
        for host, script in {
            "nfs": "cat /etc/exports.d/* 2>/dev/null; exportfs -s; stat -c '%u:%g %a %Y' "
                   "/srv/nexus 2>&1; ls -A /srv /var/lib/moorage 2>&1; true",
            "manager": "docker service ls -q; docker stack ls; docker volume ls -q; docker image "
                       "ls -q --no-trunc | sort; docker secret ls -q; docker node inspect --format "
                       "'{{.Spec.Labels}}' $(docker node ls -q); ls -A /var/lib/moorage 2>&1; true",
            "worker": "docker volume ls -q; docker image ls -q --no-trunc | sort; docker ps -q; "
                      "ls -A /var/lib/moorage 2>&1; true",
        }.items()
    )  # fmt: skip


def until(condition, seconds=180):
    """Wait for something that comes about by itself; gives what it was."""
    deadline = time.monotonic() + seconds
    while not (seen := condition()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(1)
    return seen


@contextlib.contextmanager
def filled(lab, percent):
    """The export's file system with so much of it used."""
    lab.run("nfs", "used() { df -Pk /srv/nexus | awk 'NR == 2 { print $3 }'; };"
            "total=$(df -Pk /srv/nexus | awk 'NR == 2 { print $3 + $4 }');"
            f"fallocate -l $(( total * {percent} / 100 - $(used) ))K /srv/ballast")  # fmt: skip
    try:
        yield
    finally:
        lab.run("nfs", "rm -f /srv/ballast")


def writable(lab):
    """The status by Nexus' public name, asked by curl in a guest."""
    return lab.run("manager", "curl -sk -o /dev/null -w '%{http_code}' "
                   "--resolve nexus.lab:443:127.0.0.1 "
                   "https://nexus.lab/service/rest/v1/status/writable; true")  # fmt: skip


def history(fab):
    """All entries of the journals."""
    lines = fab("history", "--json", "--lines", "1000").out.splitlines()
    return [json.loads(line) for line in lines]
