"""``fab status``, ``fab logs`` and ``fab shell`` on the running registry, with hosts that die.

What is true is asked by plain commands in the guests; that status itself changed nothing, too.
"""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest
from status_seen import known, rows, until
from witness import filled

from lab.errors import LabError

pytestmark = [pytest.mark.lab, pytest.mark.long]


LIMIT_SECONDS = 60


"""Three times what an operator waits at the most at a real site."""


PINNED = ("placement: {nodes: [worker, manager], failover: true}", "placement: {nodes: [worker]}")


TASKS = "docker service ps --no-trunc --format '{{.ID}} {{.CurrentState}}' registry_nexus"


RUNNING = "docker ps -q -f label=com.docker.swarm.service.name=registry_nexus"


@pytest.fixture(scope="module")
def pinned(root, fab, tmp_path_factory, site_up):
    """Nexus on the worker alone."""
    text = (root / "inventories/lab/site.yml").read_text().replace("../../.lab", str(root / ".lab"))
    assert PINNED[0] in text
    path = tmp_path_factory.mktemp("pinned") / "site.yml"
    path.write_text(text.replace(*PINNED))
    ran = fab("up", inventory=path)
    assert ran.code == 0, ran.text
    return path


@pytest.fixture
def status(fab, pinned, root):
    """The status as data, held to its schema, and how the command ended."""
    schema = json.loads((root / "docs/status.schema.json").read_text())

    def look(*words):
        begun = time.monotonic()
        ran = fab("status", "--json", "--within", f"{LIMIT_SECONDS}s", *words, inventory=pinned)
        assert time.monotonic() - begun < LIMIT_SECONDS
        said = json.loads(ran.out)
        jsonschema.validate(said, schema, cls=jsonschema.Draft202012Validator)
        assert said["exit_code"] == ran.code, ran.text
        return said

    return look


def test_a_site_that_is_well(lab, fab, status, pinned):
    said = until(lambda: known(one := status()) and one["healthy"] and one)
    assert said, status()

    df = lab.run("nfs", "df -Pk /srv/nexus | tail -n 1; df -Pi /srv/nexus | tail -n 1").split()
    assert abs(said["export"]["free_bytes"] - int(df[3]) * 1024) < 64 * 2**20
    assert abs(said["export"]["inodes_free"] - int(df[9])) < 5000
    assert said["export"]["exported"] is True
    assert [host["name"] for host in said["hosts"] if host["reached"]] == [
        "nfs", "manager", "worker",
    ]  # fmt: skip
    [mount] = said["mounts"]
    assert (mount["node"], mount["reachable"], mount["mounted"], mount["hard"]) == (
        "worker", True, True, True,
    )  # fmt: skip
    task, *_ = lab.run("manager", TASKS).split()
    assert said["swarm"]["tasks"][0]["id"] == task
    assert said["swarm"]["tasks"][0]["node"] == "worker"
    image = lab.run("worker", f"docker inspect -f '{{{{.Config.Image}}}}' $({RUNNING})").strip()
    assert said["image"] == {"wanted": image, "service": image}
    assert (said["nexus"]["version"], said["nexus"]["edition"]) == ("3.94.0", "COMMUNITY")
    assert {one["name"] for one in said["repositories"]} >= {
        "docker-private", "docker-hub", "docker-all",
    }  # fmt: skip
    sizes = {one["name"]: one["size_bytes"] for one in said["repositories"]}
    assert isinstance(sizes["docker-private"], int)
    assert sizes["docker-all"] is None
    assert {one["name"] for one in said["certificates"]} == {"nexus.lab", "registry.lab", "CA"}
    assert said["locks"] == []
    assert said["backup"]["last"] is None
    assert said["drift"]["changes"] == 0, said["drift"]

    ran = fab("status", "--within", f"{LIMIT_SECONDS}s", inventory=pinned)
    assert ran.code == 0, ran.text
    assert ran.out.splitlines()[-1].startswith("registry is healthy")
    assert len(ran.out.splitlines()) <= 24, "one screen"


def test_metrics_drift_a_lock_and_backups_are_told(lab, fab, status, pinned, tmp_path):
    home = "/var/lib/moorage/registry"
    owner = json.dumps({"id": "x", "who": "alice@laptop", "pid": 4211, "origin": "elsewhere",
                        "since": "2026-01-02T10:02:11+00:00", "doing": "step nfs"})  # fmt: skip
    record = json.dumps({
        "schema": 1,
        "last": {"name": "b2", "at": "2026-01-09T03:00:00Z", "bytes": 12, "kind": "full",
                 "where": "/backup"},
        "proven": {"name": "b1", "at": "2026-01-07T03:00:00Z"},
    })  # fmt: skip
    lab.run("nfs", f"mkdir -p {home}/lock && cd {home}/lock && printf x >id && "
            f"printf '%s' '{owner}' >owner && touch beat && chmod 0700 /srv/nexus")  # fmt: skip
    lab.run("manager", f"printf '%s' '{record}' >{home}/backups.json")
    file = tmp_path / "moorage.prom"
    try:
        said = until(lambda: known(one := status("--prometheus", str(file))) and one)
    finally:
        lab.run("nfs", f"rm -rf {home}/lock; chmod 0750 /srv/nexus")
        lab.run("manager", f"rm -f {home}/backups.json")

    assert {step["step"]: step["changes"] for step in said["drift"]["steps"]}["nfs"] == 1
    assert [lock["who"] for lock in said["locks"]] == ["alice@laptop"]
    assert said["backup"]["proven"]["name"] == "b1"
    assert "last verified restore" in rows(said, "backup")[0]
    metrics = dict(line.rsplit(" ", 1) for line in file.read_text().splitlines()
                   if not line.startswith("#"))  # fmt: skip
    assert metrics['moorage_healthy{stack="registry"}'] == "1"
    assert metrics['moorage_drift_changes{stack="registry",step="nfs"}'] == "1"
    assert metrics['moorage_host_locked{stack="registry",host="nfs"}'] == "1"
    assert int(metrics['moorage_export_free_bytes{stack="registry",host="nfs",path="/srv/nexus"}'])


@pytest.mark.scenario(9, "Disk full on the export")
def test_a_disk_that_fills_up_is_warned_of(lab, status):
    """Scenario 9: a file that takes all but 12 %."""
    with filled(lab, 88):
        said = status()

    assert 5 <= said["export"]["free_percent"] <= 15
    assert rows(said, "export", "warning"), said["rows"]


def test_the_log_of_the_service_and_nexus_own(lab, fab, pinned):
    ran = fab("logs", "--lines", "500", "--grep", "Started Sonatype Nexus", inventory=pinned)
    assert ran.code == 0, ran.text
    assert "Started Sonatype Nexus COMMUNITY 3.94.0" in ran.out

    now = lab.run("nfs", "date -u '+%Y-%m-%d %H:%M:%S,001+0000'").strip()
    lab.run("nfs", "mkdir -p /srv/nexus/log && cd /srv/nexus/log && "
            f"printf '2020-01-01 00:00:00,001+0000 INFO old\\n{now} INFO new\\n' >nexus.log && "
            "chown -R 200:200 /srv/nexus/log")  # fmt: skip
    try:
        ran = fab("logs", "--nexus", inventory=pinned)
        assert [line[-3:] for line in ran.out.splitlines()] == ["old", "new"], ran.text
        ran = fab("logs", "--nexus", "--since", "10m", inventory=pinned)
        assert [line[-3:] for line in ran.out.splitlines()] == ["new"], ran.text
        ran = fab("logs", "--file", "request", inventory=pinned)
        assert ran.code == 1
        assert "there are: nexus.log" in ran.text
    finally:
        lab.run("nfs", "rm -r /srv/nexus/log")


@pytest.mark.parametrize("number", [2, 15], ids=["ctrl-c", "terminated"])
def test_following_ends_without_a_trace(lab, start, pinned, number):
    run = start("logs", "--follow", inventory=pinned)
    run.until("registry_nexus")
    assert lab.run("manager", "pgrep -fc '[s]ervice logs --follow'").strip() != "0"

    os.kill(run.process.pid, number)

    assert run.ended(60) == 130, run.text
    assert "Traceback" not in run.text
    left = "pgrep -fa '[s]ervice logs --follow' || true"
    assert until(lambda: not lab.run("manager", left).strip(), 30), lab.run("manager", left)


def test_a_command_in_the_container_and_on_a_host(lab, fab, pinned):
    ran = fab("shell", "--command", "id -u; test -w /nexus-data && echo writable; hostname",
              inventory=pinned)  # fmt: skip
    container = lab.run("worker", RUNNING).strip()
    assert ran.code == 0, ran.text
    assert ran.out.split() == ["200", "writable", container]

    ran = fab("shell", "--host", "nfs", "--command", "hostname; exit 5", inventory=pinned)
    assert ran.code == 1
    assert ran.out.splitlines() == ["nfs", "shell: it ended with exit code 5"]
    ran = fab("shell", inventory=pinned)
    assert ran.code == 3
    assert "no terminal" in ran.err


def test_a_shell_in_the_container_by_an_account_with_sudo(root, pinned, tmp_path):
    """On a terminal, typed to."""
    account = tmp_path / "site.yml"
    account.write_text(pinned.read_text().replace("user: root", "user: ops"))
    fd, other = pty.openpty()
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "fab"), "--search-root", str(root), "shell"],
        stdin=other, stdout=other, stderr=other, start_new_session=True,
        env={**os.environ, "MOORAGE_INVENTORY": str(account), "TERM": "xterm"},
    )  # fmt: skip
    os.close(other)
    text = ""

    def read_until(words):
        nonlocal text
        while words not in text:
            ready, _, _ = select.select([fd], [], [], 120)
            assert ready, text
            text += os.read(fd, 65536).decode(errors="replace")

    os.write(fd, b"echo uid=$(id -u)=; tty; exit 3\n")
    read_until("uid=200=")
    read_until("/dev/pts/")
    read_until("exit code 3")
    assert process.wait(60) == 1
    os.close(fd)


@pytest.mark.scenario(4, "NFS host dies while Nexus runs")
def test_an_nfs_host_that_dies_under_nexus(lab, status):
    """Scenario 4."""
    task, *_ = lab.run("manager", TASKS).split()
    started = lab.run("worker", f"docker inspect -f '{{{{.State.StartedAt}}}}' $({RUNNING})")
    lab.kill("nfs")
    try:
        # the kernel has something to wait for once the next look at Nexus' health writes or reads
        said = until(lambda: (one := status()) and any(mount["stuck"] for mount in one["mounts"])
                     and one)  # fmt: skip
        assert said, status()
        threads = lab.run("worker", "cat /proc/[0-9]*/task/*/stat 2>/dev/null; true")
        assert ") D " in threads
    finally:
        lab.boot("nfs")

    assert said["exit_code"] == 4
    assert said["healthy"] is False
    [message] = rows(said, "export", "failure")
    assert message.startswith("NFS 10.77.0.10:2049 unreachable since ")
    assert "; task hung on hard mount (D state): " in message
    assert [host["name"] for host in said["hosts"] if not host["reached"]] == ["nfs"]
    # with no action
    assert until(lambda: status()["healthy"], 300), status()
    assert lab.run("manager", TASKS).split()[0] == task
    assert (
        lab.run("worker", f"docker inspect -f '{{{{.State.StartedAt}}}}' $({RUNNING})") == started
    )


@pytest.mark.scenario(5, "Worker killed")
def test_a_worker_that_is_killed_with_nexus_pinned_to_it(lab, status):
    """Scenario 5."""
    lab.kill("worker")
    try:
        said = until(lambda: (one := status()) and rows(one, "task", "failure") and one)
        listed = lab.run("manager", "docker node ls --format '{{.Hostname}} {{.Status}}'")
    finally:
        lab.boot("worker")
        lab.wait_ready()

    assert "worker Down" in listed
    assert said["exit_code"] == 4
    [message] = rows(said, "task", "failure")
    assert message.startswith('Pending "no suitable node (')
    assert "scheduling constraints not satisfied" in message
    [hint] = [row["hint"] for row in said["rows"] if row["subject"] == "task" and row["hint"]]
    once = "once stack.placement.nodes names manager too"
    assert hint == f"bring worker back, or fab relocate --to manager {once}"
    assert any(line.startswith("worker (may run Nexus) is Down")
               for line in rows(said, "node", "failure"))  # fmt: skip
    assert until(lambda: status()["healthy"], 300), status()


def test_looking_changed_nothing(lab, fab, pinned):
    ran = fab("plan", "--check", inventory=pinned)
    assert ran.code == 0, ran.text
    journal = lab.run("manager", "cat /var/lib/moorage/registry/journal.jsonl")
    fab("status", inventory=pinned)
    assert lab.run("manager", "cat /var/lib/moorage/registry/journal.jsonl") == journal
    with pytest.raises(LabError):
        lab.run("manager", "test -e /var/lib/moorage/registry/lock")
