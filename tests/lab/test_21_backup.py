"""Backups of a running site: made, proven, cut off at their worst moment, and put back."""

from __future__ import annotations

import json
import os
import re
import signal
import time

import pytest
from backups_seen import (
    FAST,
    FOLDER,
    HOME,
    SLOW,
    backup_to,
    names,
    nothing_is_left,
    record,
    replicas,
    status,
    until,
)

pytestmark = [pytest.mark.lab, pytest.mark.long]


@pytest.fixture
def site(variant, site_up):
    """The lab's, with backups on the NFS host."""
    return variant(backup_to("/srv/backup", ", keep: 2"))


@pytest.fixture
def slow(lab):
    """Makes a program of the NFS host wait where it is called with some words."""
    lab.run("nfs", SLOW)
    yield lambda words: lab.run("nfs", f"printf '%s' '{words}' >/run/slow")
    lab.run("nfs", FAST)


@pytest.mark.scenario(31, "Backup verified")
def test_a_backup_is_made_of_one_moment_and_proven_beside(lab, fab, site):
    before = lab.run("manager", "docker service ps -q registry_nexus").split()

    dry = fab("backup", "--verify", "--dry-run", inventory=site)
    assert dry.code == 0, dry.text
    assert names(lab) == []
    ran = fab("backup", "--verify", inventory=site)

    assert ran.code == 0, ran.text
    (name,) = names(lab)
    assert re.search(r"Nexus could not be written to for \d+ s", ran.out)
    assert re.search(r"is proven: \d\d repositories and [1-9]", ran.out)
    # another task than before: it was stopped, and it runs
    running = "docker service ps -q --filter desired-state=running registry_nexus"
    after = lab.run("manager", running).split()
    assert len(after) == 1
    assert not set(after) & set(before)
    assert (replicas(lab), status(lab)) == ("1/1", "200")
    nothing_is_left(lab)
    lab.run("nfs", f"cd {FOLDER}/{name} && sha256sum -c --quiet index && [ -s proven ]")
    assert lab.run("nfs", f"cd {FOLDER}/{name}/data && ls -A tmp cache 2>/dev/null; ls lock "
                   "2>/dev/null || true").split() in ([], ["cache:", "tmp:"], ["tmp:"])  # fmt: skip
    assert lab.run("nfs", f"stat -c '%u %a' {FOLDER}/{name}/data") == "200 750\n"
    told = record(lab)
    assert told["last"]["name"] == told["proven"]["name"] == name
    assert fab("plan", "--check", inventory=site).code == 0


@pytest.mark.scenario(31, "Backup verified")
def test_another_one_shares_what_has_not_changed_and_keep_is_kept(lab, fab, site):
    first = names(lab)
    for _ in range(2):
        ran = fab("backup", inventory=site)
        assert ran.code == 0, ran.text

    there = names(lab)
    # two are to stay, and the only one that is proven
    assert len(there) == 3
    assert there[0] == first[0]
    shared = lab.run("nfs", f"find {FOLDER}/{there[-1]}/data -type f -links +1 | wc -l")
    assert int(shared) > 3
    assert record(lab)["proven"]["name"] == first[0]


def test_ctrl_c_while_nexus_is_stopped_starts_it_again(lab, fab, start, site, slow):
    before = names(lab)
    run = start("backup", inventory=site)
    # what is copied while Nexus runs goes by at full speed
    run.until("stop registry_nexus")
    slow("--delete")
    run.until("prove that nobody holds")
    until(lambda: lab.run("nfs", "cat /run/slowed 2>/dev/null || true"), 120, run.text)
    assert replicas(lab) == "0/0"
    os.kill(run.process.pid, signal.SIGINT)
    code = run.ended()

    assert code == 130, run.text
    assert "putting things right first" in run.text
    until(lambda: replicas(lab) == "1/1", 120, "it was not started again")
    assert names(lab) == before
    assert "copying" not in lab.run("nfs", f"ls {HOME}")
    assert "rsync" not in lab.run("nfs", "ps -eo args | grep -v grep | grep rsync || true")
    assert "locked" not in fab("lock-status").out


def test_where_the_operators_machine_dies_the_guard_starts_nexus(lab, fab, start, site, slow):
    before = names(lab)
    run = start("backup", inventory=site)
    # what is copied while Nexus runs goes by at full speed
    run.until("stop registry_nexus")
    slow("--delete")
    run.until("prove that nobody holds")
    until(lambda: lab.run("nfs", "cat /run/slowed 2>/dev/null || true"), 120, run.text)
    assert replicas(lab) == "0/0"
    os.kill(run.process.pid, signal.SIGKILL)
    run.ended()

    until(lambda: status(lab) == "200", 240, "nobody has started it")
    assert replicas(lab) == "1/1"
    assert lab.run("manager", f"ls {HOME} | grep stopped || true") == ""
    lab.run("nfs", FAST)
    ran = fab("backup", inventory=site)
    assert ran.code == 0, ran.text
    assert "remove unfinished backup" in ran.out
    assert [name for name in names(lab) if name.endswith(".partial")] == []
    assert len(set(names(lab)) - set(before)) == 1


@pytest.mark.scenario(9, "Disk full on the export")
def test_a_target_that_is_full_is_refused_and_one_that_fills_up_leaves_nothing(
    lab, fab, variant, site_up
):
    lab.run("nfs", "mkdir -p /srv/tiny /srv/few && mount -t tmpfs -o size=16k tmpfs /srv/tiny && "
            "mount -t tmpfs -o nr_inodes=20 tmpfs /srv/few")  # fmt: skip
    try:
        tasks = lab.run("manager", "docker service ps -q registry_nexus")
        ran = fab("backup", inventory=variant(backup_to("/srv/tiny")))
        assert ran.code == 3, ran.text
        assert re.search(r"/srv/tiny has .* free; .* would be written, and 1.0 KiB", ran.err)
        assert lab.run("manager", "docker service ps -q registry_nexus") == tasks

        ran = fab("backup", inventory=variant(backup_to("/srv/few")))
        assert ran.code == 1, ran.text
        assert "No space left on device" in ran.err
        assert names(lab, "/srv/few/registry") == []
        assert replicas(lab) == "1/1"
    finally:
        lab.run("nfs", "umount /srv/tiny /srv/few")


@pytest.mark.scenario(31, "Backup verified")
def test_a_proof_that_fails_leaves_nothing_either(lab, fab, site):
    """The newest backup says that there is a repository more."""
    newest = names(lab)[-1]
    lab.run("nfs", f"sed -i.kept 's/\"repositories\": {{/&\"gone\": \"docker hosted\", /' "
            f"{FOLDER}/{newest}/manifest.json")  # fmt: skip
    ran = fab("backup-verify", inventory=site)
    lab.run("nfs", f"mv {FOLDER}/{newest}/manifest.json.kept {FOLDER}/{newest}/manifest.json")

    assert ran.code == 1, ran.text
    assert "repository gone: is not there" in ran.err
    nothing_is_left(lab)
    assert record(lab)["proven"]["name"] != newest


def test_a_proof_that_is_killed_is_cleared_away_by_the_next_backup(lab, fab, start, site):
    run = start("backup-verify", inventory=site)
    run.until("compare what Nexus has")
    time.sleep(3)
    os.kill(run.process.pid, signal.SIGKILL)
    run.ended()
    assert "registry-verify" in lab.run("manager", "docker stack ls")

    ran = fab("backup", inventory=site)

    assert ran.code == 0, ran.text
    assert "left by a run that has died" in ran.out
    nothing_is_left(lab)


def asked(lab, method, path):
    """What Nexus answers to admin, by curl in a guest."""
    password = (lab.paths.secrets / "admin_password").read_text().strip()
    return lab.run("manager", f"printf 'user = \"admin:%s\"' '{password}' | curl -sfk --config - "
                   f"--resolve nexus.lab:443:127.0.0.1 -X {method} "
                   f"https://nexus.lab/service/rest/v1/{path}")  # fmt: skip


def repositories(lab):
    return sorted(one["name"] for one in json.loads(asked(lab, "GET", "repositories")))


def test_a_backup_is_put_in_the_place_of_the_data_and_nothing_is_lost(lab, fab, site):
    before = repositories(lab)
    newest = names(lab)[-1]
    asked(lab, "DELETE", "repositories/docker-private")
    lab.run("nfs", "echo since >/srv/nexus/since")
    assert repositories(lab) != before

    refused = fab("restore", inventory=site, MOORAGE_YES="")
    assert refused.code == 3
    assert "what is there now goes to" in refused.out
    ran = fab("restore", "--from", newest, inventory=site)

    assert ran.code == 0, ran.text
    assert repositories(lab) == before
    (aside,) = lab.run("nfs", "ls -d /srv/nexus.pre-restore-*").split()
    assert (
        lab.run("nfs", f"cat {aside}/since; ls /srv/nexus/since 2>/dev/null || true") == "since\n"
    )
    assert lab.run("nfs", "stat -c '%u:%g %a' /srv/nexus") == "200:200 750\n"
    verified = fab("verify", inventory=site)
    assert verified.code == 0, verified.text
    assert fab("plan", "--check", inventory=site).code == 0
    lab.run("nfs", f"rm -rf {aside}")


def test_a_restic_repository_and_a_directory_by_ssh(lab, fab, variant, site_up, tmp_path):
    password = "the repository's own"
    lab.run("nfs", "[ -e /root/.ssh/id_ed25519 ] || "
            "ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519\n"
            "ssh-keyscan -t ed25519 10.77.0.11 >/root/.ssh/known_hosts")  # fmt: skip
    key = lab.run("nfs", "cat /root/.ssh/id_ed25519.pub")
    stranger = fab("backup", inventory=variant(backup_to("root@10.77.0.11:/srv/vault")))
    assert stranger.code == 3, stranger.text
    assert "is not reached by SSH" in stranger.err
    lab.run("manager", f"echo '{key}' >>/root/.ssh/authorized_keys")
    where = ("root@10.77.0.11:/srv/vault", "restic:/srv/restic")
    for to in where:
        site = variant(backup_to(to, ", password: env:RESTIC" if to.startswith("restic") else ""))
        ran = fab("backup", "--verify", inventory=site, RESTIC=password)
        assert ran.code == 0, ran.text
        assert re.search(r"is proven: \d\d repositories and [1-9]", ran.out)
        nothing_is_left(lab)
        again = fab("backup", inventory=site, RESTIC=password)
        assert again.code == 0, again.text
        assert password not in ran.text + again.text
        assert record(lab)["last"]["kind"] == ("restic" if to.startswith("restic") else "ssh")
    shared = lab.run("manager", "find /srv/vault/registry -type f -links +1 | wc -l")
    assert int(shared) > 3
    restored = fab("restore", inventory=site, RESTIC=password)
    assert restored.code == 0, restored.text
    assert fab("verify", inventory=site).code == 0
    lab.run("nfs", "rm -rf /srv/nexus.pre-restore-*")
    for host in ("nfs", "manager"):
        assert password not in lab.run(host, f"cat {HOME}/journal.jsonl* {HOME}/backups.json "
                                       "2>/dev/null || true")  # fmt: skip


@pytest.fixture
def elsewhere(lab, fab, site_up):
    """The service stopped and its export taken back, before and after: it is to lie elsewhere."""

    def away():
        lab.run("manager", "docker service scale registry_nexus=0 >/dev/null")
        lab.run("nfs", "rm /etc/exports.d/moorage-registry.exports && exportfs -ra")

    away()
    yield
    away()
    back = fab("up")
    assert back.code == 0, back.text


def test_a_btrfs_subvolume_is_snapshotted(lab, fab, variant, elsewhere):
    lab.run("nfs", "modprobe loop && truncate -s 400M /srv/bt.img && mkfs.btrfs -q /srv/bt.img && "
            "mkdir -p /srv/bt && mount -o loop /srv/bt.img /srv/bt && "
            "btrfs subvolume create /srv/bt/nexus")  # fmt: skip
    site = variant(backup_to("/srv/backup-bt"), ("export: /srv/nexus", "export: /srv/bt/nexus"))
    up = fab("up", inventory=site)
    assert up.code == 0, up.text

    ran = fab("backup", "--verify", inventory=site)

    assert ran.code == 0, ran.text
    assert "a btrfs snapshot while Nexus stands still" in ran.out
    assert re.search(r"is proven: \d\d repositories and [1-9]", ran.out)
    assert lab.run("nfs", "btrfs subvolume list /srv/bt").count("path") == 1
    restored = fab("restore", inventory=site)
    assert restored.code == 0, restored.text
    listed = lab.run("nfs", "btrfs subvolume list /srv/bt")
    assert "path nexus\n" in listed
    assert "pre-restore" in listed
    assert fab("verify", inventory=site).code == 0
