"""What is left over is removed, Nexus' own tasks run, and a site taken away and brought back."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from test_7_plan_and_drift import asked
from two_nodes import containers, mounts

pytestmark = [pytest.mark.lab, pytest.mark.long]

_HOSTS = ("nfs", "manager", "worker")
_NODES = ("manager", "worker")
_OLD = "moorage/nexus:3.0.0-former"
_FORMER = "registry-data-0000beef"
_IMAGES = "docker image ls --format '{{.Repository}}:{{.Tag}}' moorage/nexus"
_VOLUMES = "docker volume ls -q"


def typed(root, words, answer, **env):
    """A command on a terminal where a person types one line."""
    master, terminal = pty.openpty()
    environment = {**os.environ, "MOORAGE_INVENTORY": "lab", **env}
    fab = str(Path(sys.executable).parent / "fab")
    process = subprocess.Popen(
        [fab, "--search-root", str(root), *words], env=environment, stdin=terminal,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    os.write(master, f"{answer}\n".encode())
    said, _ = process.communicate(timeout=900)
    os.close(master)
    return process.returncode, said


@pytest.fixture(scope="module")
def left_over(lab, site_up):
    """A former build, a former volume and a former secret, as former runs leave them."""
    now = f"$({_IMAGES} | head -n 1)"
    for host in _NODES:
        lab.run(host, f"docker volume create -d local -o type=nfs -o device=:/srv/nexus "
                f"-o o=addr=10.77.0.10,nfsvers=4.2,hard,rw {_FORMER}; "
                f"printf 'FROM %s\\nRUN head -c 3000000 /dev/urandom >/big\\n' {now} | "
                "docker build -q --force-rm --network none "
                f"--label moorage.dockerfile=former -t {_OLD} - ||"
                f"printf 'FROM %s\\nENV FORMER=yes\\n' {now} | "
                "docker build -q --force-rm "
                f"--label moorage.dockerfile=former -t {_OLD} -")  # fmt: skip
    lab.run("manager", "printf former | docker secret create --label moorage.certificate=registry "
            "registry-certificate-former -")  # fmt: skip


def test_what_is_left_over_is_shown_with_its_size_and_nothing_is_done(lab, fab, left_over):
    ran = fab("clean", "--dry-run")

    assert ran.code == 0, ran.text
    for host in _NODES:
        assert f"clean on {host}: - remove image {_OLD}" in ran.out
        assert f"clean on {host}: - remove volume {_FORMER}" in ran.out
        assert f"{host}: " in ran.out
    assert "will be freed" in ran.out
    assert "- remove secret registry-certificate-former" in ran.out
    assert ran.out.splitlines()[-1] == "plan: 5 changes (clean 5); nothing was done"
    assert _OLD in lab.run("worker", _IMAGES)


def test_it_is_removed_on_every_node_and_what_is_of_use_stays(lab, fab, left_over):
    before = {host: set(lab.run(host, f"{_IMAGES}; {_VOLUMES}").split()) for host in _NODES}

    ran = fab("clean")

    assert ran.code == 0, ran.text
    for host in _NODES:
        gone = before[host] - set(lab.run(host, f"{_IMAGES}; {_VOLUMES}").split())
        assert gone == {_OLD, _FORMER}
    assert "former" not in lab.run("manager", "docker secret ls --format '{{.Name}}'")
    again = fab("clean")
    assert (again.code, "clean: no changes" in again.out) == (0, True), again.text
    assert fab("plan", "--check").code == 0


def test_nexus_own_tasks_are_run_and_waited_for(lab, fab, site_up, variant):
    more = """environment: {NEXUS_STANDIN_TASK_SECONDS: '3'}
  tasks:
    unused-layers: {type: docker-gc, repository: docker-private, schedule: manual}
    room: {type: compact-blob-store, blob_store: default, schedule: manual}
  startup_timeout: 5m"""
    slow = variant(("startup_timeout: 5m", more))
    ran = fab("up", inventory=slow)
    assert ran.code == 0, ran.text

    ran = fab("gc", inventory=slow)

    assert ran.code == 0, ran.text
    for name in ("Cleanup service", "unused-layers", "room"):
        assert f"gc: note: the task {name} ended with OK" in ran.out
    assert "the task room runs" in ran.out
    assert "Nexus has no task docker-uploads" in ran.out
    for task in asked(lab, "GET", "tasks")["items"]:
        ours = task["type"] in {"repository.docker.gc", "blobstore.compact", "repository.cleanup"}
        assert (task["lastRunResult"] == "OK") == ours, task
    one = fab("gc", "--only", "docker-gc", inventory=slow)
    assert one.code == 0, one.text
    assert "room" not in one.out


def test_a_site_is_taken_away_and_its_data_stay(lab, fab, site_up):
    # the lab's own nodes have it from the start; what was there before is not taken away
    for host in _NODES:
        lab.run(host, "rm -rf /etc/docker/certs.d/registry.lab")
    assert fab("nodes-setup").code == 0
    data = lab.run("nfs", "cd /srv/nexus && find blobs db -type f | sort | xargs sha256sum")
    export = lab.run("nfs", "exportfs -s")

    shown = fab("destroy", "--dry-run")
    assert shown.code == 0, shown.text
    for words in ("- remove service registry_nexus", "- remove volume registry-data-",
                  "~ update node worker", "- remove CA /etc/docker/certs.d/registry.lab",
                  "kept: /srv/nexus on nfs", "kept: the images",
                  "lock: lock and journal would go last, on nfs, manager, worker"):  # fmt: skip
        assert words in shown.out, words
    assert containers(lab, "manager") + containers(lab, "worker") == 1

    ran = fab("destroy")

    assert ran.code == 0, ran.text
    assert lab.run("manager", "docker stack ls --format '{{.Name}}'").split() == ["traefik"]
    for host in _NODES:
        assert (containers(lab, host), mounts(lab, host)) == (0, 0)
        assert "registry" not in lab.run(host, _VOLUMES)
        assert lab.run(host, "ls /etc/docker/certs.d/registry.lab 2>/dev/null; true") == ""
        labels = lab.run("manager", f"docker node inspect --format '{{{{.Spec.Labels}}}}' {host}")
        assert "moorage" not in labels
    for host in _HOSTS:
        assert lab.run(host, "ls /var/lib/moorage").split() == ["registry.jsonl"]
    assert "remove service registry_nexus" in lab.run("manager", "cat /var/lib/moorage/*.jsonl")
    assert lab.run("nfs", "exportfs -s") == export
    after = lab.run("nfs", "cd /srv/nexus && find blobs db -type f | sort | xargs sha256sum")
    assert after == data

    again = fab("destroy")
    assert (again.code, "stack: no changes" in again.out) == (0, True), again.text


def test_it_comes_back_with_its_data(lab, fab, site_up):
    ran = fab("up")

    assert ran.code == 0, ran.text
    assert "admin.password" not in lab.run("nfs", "ls -A /srv/nexus")
    # what was made before is there: nothing was seeded anew
    assert "create repository" not in ran.out
    assert "unused-layers" in {task["name"] for task in asked(lab, "GET", "tasks")["items"]}


def test_data_are_deleted_only_for_the_stacks_name_on_a_terminal(lab, fab, root, site_up):
    ran = fab("destroy", "--purge-data", "--yes", typed="registry\n")
    assert ran.code == 3
    assert "no terminal" in ran.err
    code, said = typed(root, ["destroy", "--purge-data", "--yes"], "registri")
    assert code == 3, said
    assert "purge: note: /srv/nexus will be deleted for good: " in said
    assert containers(lab, "manager") + containers(lab, "worker") == 1

    code, said = typed(root, ["destroy", "--purge-data", "--images", "--yes"], "registry")

    assert code == 0, said
    left = lab.run("nfs", "ls -dA /srv/*nexus* /srv/.nexus* /etc/exports.d/moorage* 2>/dev/null; "
                   "exportfs -s")  # fmt: skip
    assert left == ""
    for host in _NODES:
        assert lab.run(host, _IMAGES) == "", said
    for host in _HOSTS:
        assert lab.run(host, "ls -A /var/lib/moorage") == ""


def test_from_nothing_again(lab, fab, site_up):
    ran = fab("up")

    assert ran.code == 0, ran.text
    assert fab("plan", "--check").code == 0
