"""Upgrades of a running site: one that goes well, one that never comes up, one that is cut off."""

from __future__ import annotations

import json
import os
import re
import signal
import time

import pytest
from older_site import begun, over, runs, written_by
from witness import filled

pytestmark = [pytest.mark.lab, pytest.mark.long]

HOME = "/var/lib/moorage/registry"


@pytest.fixture(scope="module")
def site(root, lab, tmp_path_factory, fab):
    """A site of its own; the inventory is edited by the upgrades."""
    yield begun(lab, fab, root, tmp_path_factory.mktemp("upgraded"))
    over(lab, fab)


def test_what_is_no_way_is_refused_and_nothing_is_done(lab, fab, site):
    before = lab.run("manager", "docker service ps -q registry_nexus")

    back = fab("upgrade", "--to", "3.89.0", "--base", "sonatype/nexus3:3.90.0-standin",
               inventory=site)  # fmt: skip
    java = fab("upgrade", "--to", "3.92.0", "--base", "sonatype/nexus3:3.92.0-java11",
               inventory=site)  # fmt: skip
    # what is left from before a migration is in nobody's way
    lab.run("nfs", "mkdir /srv/nexus/db/component")
    dry = fab("upgrade", "--to", "3.92.0", "--dry-run", inventory=site)
    lab.run("nfs", "rmdir /srv/nexus/db/component")

    assert (back.code, java.code, dry.code) == (3, 3, 0), back.text + java.text + dry.text
    assert "does not go back" in back.err
    assert "Java 11" in java.err
    assert "3.90.0 → 3.92.0" in dry.out
    assert lab.run("manager", "docker service ps -q registry_nexus") == before
    assert "upgrade.json" not in lab.run("manager", f"ls {HOME}")


@pytest.mark.scenario(9, "Disk full on the export")
def test_where_the_disk_is_full_none_is_begun(lab, fab, site):
    before = lab.run("manager", "docker service ps -q registry_nexus")
    with filled(lab, 97):
        ran = fab("upgrade", "--to", "3.92.0", inventory=site)

    assert ran.code == 3, ran.text
    assert re.search(r"% (of its space )?free, \d+ MiB; 5 % are needed", ran.err)
    assert lab.run("manager", "docker service ps -q registry_nexus") == before
    assert "upgrade.json" not in lab.run("manager", f"ls {HOME}")
    assert runs(lab)[0] == "3.90.0"


@pytest.mark.scenario(30, "Upgrade fails its gate")
def test_a_version_that_never_comes_up_is_left_again_with_the_data_from_before(lab, fab, site):
    lab.run("nfs", "echo untouched >/srv/nexus/blobs/mark")
    _, image = runs(lab)
    text = site.read_text()

    ran = fab("upgrade", "--to", "3.93.0", inventory=site, timeout=1500)

    assert ran.code == 5, ran.text
    assert re.search(r"the upgrade to 3\.93\.0 failed, Nexus 3\.90\.0 is back from 20", ran.err)
    assert re.search(r"Nexus could not be written to for \d+ s in all", ran.err)
    assert runs(lab) == ("3.90.0", image)
    assert written_by(lab) == "3.90.0"
    assert lab.run("nfs", "cat /srv/nexus/blobs/mark") == "untouched\n"
    (aside,) = lab.run("nfs", "ls -d /srv/nexus.pre-restore-*").split()
    assert json.loads(lab.run("nfs", f"cat {aside}/db/standin.json"))["version"] == "3.93.0"
    lab.run("nfs", f"rm -rf {aside}")
    assert site.read_text() == text
    assert lab.run("manager", f"ls {HOME} | grep -e upgrade -e stopped || true") == ""
    assert fab("plan", "--check", inventory=site).code == 0


@pytest.mark.scenario(30, "Upgrade fails its gate")
def test_where_the_way_back_fails_too_it_stands_still_and_both_copies_are_kept(
    lab, fab, start, site
):
    run = start("upgrade", "--to", "3.93.0", inventory=site)
    run.until("stack: deploy the stack")
    lab.run("nfs", "mv /srv/backup/registry /srv/backup/away")
    code = run.ended()

    assert code == 5, run.text
    assert "and so did bringing 3.90.0 back" in run.text
    assert "Nexus is left stopped" in run.text
    replicas = "docker service inspect --format '{{.Spec.Mode.Replicated.Replicas}}' registry_nexus"
    assert lab.run("manager", replicas).strip() == "0"
    for host in ("manager", "worker"):
        assert lab.run(host, "docker ps -q --filter name=registry_nexus") == ""
    assert written_by(lab) == "3.93.0"
    assert lab.run("nfs", "ls /srv/backup/away").split()
    up = fab("up", inventory=site)
    assert up.code == 3, up.text
    assert "fab upgrade --back" in up.err
    assert lab.run("manager", replicas).strip() == "0"

    lab.run("nfs", "mv /srv/backup/away /srv/backup/registry")
    back = fab("upgrade", "--back", inventory=site, timeout=900)

    assert back.code == 0, back.text
    assert runs(lab)[0] == written_by(lab) == "3.90.0"
    assert fab("plan", "--check", inventory=site).code == 0


def _cut_off(start, site, words):
    run = start("upgrade", "--to", "3.92.0", inventory=site)
    run.until(words)
    os.kill(run.process.pid, signal.SIGKILL)
    run.ended()


def test_one_cut_off_before_the_new_version_came_backs_up_what_was_taken_since(
    lab, fab, start, site
):
    _cut_off(start, site, "call it complete")
    deadline = time.monotonic() + 600
    while runs(lab)[0] != "3.90.0":
        assert time.monotonic() < deadline, "nobody started it again"
        time.sleep(2)
    lab.run("nfs", "touch /srv/nexus/db/since")

    # Swarm has been told: from now on it is the new version's
    _cut_off(start, site, "stack: wait until")

    newest = lab.run("nfs", "ls -r /srv/backup/registry").split()[0]
    assert lab.run("nfs", f"ls /srv/backup/registry/{newest}/data/db/since")


def test_one_that_goes_well_is_carried_on(lab, fab, start, site):
    backups = lab.run("nfs", "ls /srv/backup/registry").split()

    other = fab("upgrade", "--to", "3.94.0", inventory=site)
    ran = fab("upgrade", "--to", "3.92.0", "--wait", "3m", inventory=site, timeout=1500)

    assert other.code == 3, other.text
    assert "is not over" in other.err
    assert ran.code == 0, ran.text
    assert "is carried on" in ran.out
    assert lab.run("nfs", "ls /srv/backup/registry").split() == backups
    assert runs(lab)[0] == written_by(lab) == "3.92.0"
    assert "version: 3.92.0" in site.read_text()
    assert "sonatype/nexus3:3.92.0-standin" in site.read_text()
    assert fab("plan", "--check", inventory=site).code == 0


def test_a_whole_one_tells_how_long_it_took_and_the_old_one_is_never_deployed(lab, fab, site):
    old = site.read_text()
    ran = fab("upgrade", "--to", "3.94.0", inventory=site, timeout=1500)

    assert ran.code == 0, ran.text
    assert re.search(r"upgrade: Nexus could not be written to for \d+ s in all", ran.out)
    assert "verify: done" in ran.out
    assert runs(lab)[0] == "3.94.0"
    # the image was there before the old task stopped
    assert ran.out.index("hand moorage/nexus") < ran.out.index("stop registry_nexus for a while")
    site.with_name("old.yml").write_text(old)
    refused = fab("deploy", inventory=site.with_name("old.yml"))
    assert refused.code == 3, refused.text
    assert "Nexus 3.94.0 runs, and 3.92.0 cannot read" in refused.err


def test_a_change_of_the_stack_alone_is_undone(lab, fab, site):
    changed = site.with_name("changed.yml")
    changed.write_text(site.read_text().replace("stack:\n", "stack:\n  nofile: 70000\n"))
    deployed = fab("deploy", inventory=changed)
    assert deployed.code == 0, deployed.text

    ran = fab("rollback", inventory=site)

    assert ran.code == 0, ran.text
    assert "-        soft: 70000" in ran.out
    assert fab("plan", "--check", inventory=site).code == 0


def test_a_backup_of_an_older_version_comes_with_that_version(lab, fab, site):
    """What runs would migrate the data again."""
    old = site.with_name("old.yml")
    taken = site.read_text()

    refused = fab("restore", inventory=site)
    ran = fab("restore", inventory=old, timeout=1500)

    assert refused.code == 3, refused.text
    assert "was written by Nexus 3.92.0" in refused.err
    assert ran.code == 0, ran.text
    assert runs(lab)[0] == written_by(lab) == "3.92.0"
    assert "stopped" not in lab.run("manager", f"ls {HOME}")
    assert fab("plan", "--check", inventory=old).code == 0
    assert site.read_text() == taken
    site.write_text(old.read_text())


def test_a_proof_that_failed_before_is_no_reason_to_leave_the_new_version(lab, fab, site):
    """With routing split one fails by design; the last lines bring the older version back."""
    safe = site.read_text()
    site.write_text(safe.replace("  network: proxy", "  network: proxy\n  routing: split"))
    assert fab("deploy", inventory=site).code == 0
    assert fab("verify", inventory=site).code == 1

    ran = fab("upgrade", "--to", "3.94.0", inventory=site, timeout=1500)

    assert ran.code == 0, ran.text
    assert "fab verify fails already: push of an image built upon hello-world" in ran.out
    assert "it failed before the upgrade too" in ran.out
    assert runs(lab)[0] == written_by(lab) == "3.94.0"
    assert "upgrade.json" not in lab.run("manager", f"ls {HOME}")
    site.write_text(safe)
    back = fab("restore", inventory=site, timeout=1500)
    assert back.code == 0, back.text
    assert runs(lab)[0] == "3.92.0"


def test_one_that_was_cut_off_after_its_proofs_is_carried_on(lab, fab, start, site):
    """The proofs of the first run have pushed under tags that the backup has as they were."""
    assert fab("verify", inventory=site).code == 0
    to = {"3.90.0": "3.92.0", "3.92.0": "3.94.0"}[runs(lab)[0]]
    run = start("upgrade", "--to", to, inventory=site)
    # they are tried before it is begun, too
    run.until("gate: see that")
    run.until("verify: done")
    run.process.send_signal(signal.SIGKILL)
    run.ended()

    ran = fab("upgrade", "--to", to, "--wait", "3m", inventory=site, timeout=1500)

    assert ran.code == 0, ran.text
    assert "is carried on" in ran.out
    assert runs(lab)[0] == written_by(lab) == to
    assert fab("plan", "--check", inventory=site).code == 0
