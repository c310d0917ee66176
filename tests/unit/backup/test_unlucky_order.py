"""Backups, restorations and upgrades that come in an unlucky order, on hosts that are shells."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import time
from types import SimpleNamespace

import pytest
from played_swarm import held

from moorage.errors import CommandFailed, Interrupted, Refused
from moorage.order_destroy import refuse_under_way
from moorage.runner import run
from moorage.steps.backup import RestoreStep, Wish
from moorage.steps.backup.generations import Rule

FIRST, SECOND, THIRD, FOURTH = (f"2026-01-0{day}T000000Z" for day in range(1, 5))


@pytest.fixture
def upgrading(swarm):
    """An upgrade that is not over goes back to the first backup."""

    def begun(image="moorage/nexus:0", backup=FIRST):
        text = json.dumps({"before": "3.93.0", "to": "3.94.0", "image": image, "backup": backup})
        (swarm.home("boss") / "upgrade.json").write_text(text)

    return begun


def test_the_backup_that_an_upgrade_goes_back_to_stays(backup, swarm, upgrading):
    """It was killed before its gate, and backups are made every night for weeks."""
    swarm.wanted = dataclasses.replace(swarm.wanted, rule=Rule(last=1))
    backup(FIRST)
    upgrading()
    backup(SECOND)
    backup(THIRD)

    assert swarm.generations() == [FIRST, THIRD]
    (swarm.home("boss") / "upgrade.json").unlink()
    backup(FOURTH)
    assert swarm.generations() == [FOURTH]


def test_what_the_new_version_made_is_no_backup_of_the_data_from_before(backup, swarm):
    """It lacks at the target: removed by hand, or backup.to leads elsewhere by now."""
    with pytest.raises(Refused, match="of the data from before is not at") as caught:
        backup(FIRST, only_of="moorage/nexus:0")

    assert "backup.to" in caught.value.hint
    assert swarm.generations() == []
    assert swarm.replicas == "1"


def test_an_upgrade_is_not_carried_on_over_half_an_exchange(backup, swarm, upgrading):
    """Its way back was cut off between two renames; its backup is there."""
    backup(FIRST)
    upgrading()
    (swarm.home("nas") / "swap").write_text("out\n")

    with pytest.raises(Refused, match="was cut off") as caught:
        backup(FIRST, leave_stopped=True)

    assert "fab upgrade --back" in caught.value.hint


def test_where_the_guard_started_nexus_before_the_upgrade_it_is_seen(backup, swarm):
    """What was pushed since the copy is in no backup."""

    def meanwhile(script):
        if script.summary == "see that it is still stopped":
            (swarm.home("boss") / "stopped").unlink()

    swarm.fleet.host("boss").before = meanwhile

    with pytest.raises(CommandFailed, match="see that it is still stopped"):
        backup(FIRST, leave_stopped=True)


def test_what_a_restoration_kept_stopped_is_started_where_its_data_are_whole(backup, swarm):
    held(swarm)
    swarm.replicas = "0"

    backup(FIRST)

    assert swarm.generations() == [FIRST]
    assert swarm.replicas == "1"
    assert not list(swarm.home("boss").glob("stopped*"))


def test_a_hold_that_was_left_does_not_stop_backups_for_ever(backup, swarm):
    """Nexus was started by hand: its data are not those of the restoration any more."""
    held(swarm)

    backup(FIRST)
    backup(SECOND)

    assert swarm.generations() == [FIRST, SECOND]
    assert not list(swarm.home("boss").glob("stopped*"))


def test_what_an_upgrade_left_stopped_is_not_started_by_a_backup(backup, swarm, upgrading):
    held(swarm, "the upgrade failed")
    upgrading()
    swarm.replicas = "0"

    with pytest.raises(Refused, match="kept stopped") as caught:
        backup(FIRST)

    assert "fab upgrade --back" in caught.value.hint
    assert swarm.replicas == "0"


def test_a_clock_that_is_behind_makes_no_backup_that_goes_at_once(backup, swarm):
    swarm.wanted = dataclasses.replace(swarm.wanted, rule=Rule(last=1))
    backup(SECOND)

    with pytest.raises(Refused, match="later than now") as caught:
        backup(FIRST)

    assert "clock" in caught.value.hint
    assert swarm.generations() == [SECOND]


@pytest.fixture
def restore(swarm, backup):
    def call(name="", **options):
        wish = Wish(name, THIRD, **options)
        step = RestoreStep(swarm.fleet, swarm.wanted, swarm.keeping(), swarm.ways(), wish)
        return run(swarm.work(step), dry_run=False)

    backup(FIRST)
    (swarm.export / "db/nexus.mv.db").write_text("written since")
    return call


def test_no_backup_is_put_under_half_an_upgrade(restore, swarm, upgrading):
    """The service has the later version's image, which would migrate it."""
    upgrading()

    with pytest.raises(Refused, match=r"from 3\.93\.0 to 3\.94\.0 is not over") as caught:
        restore()
    assert "fab upgrade --back" in caught.value.hint
    assert (swarm.export / "db/nexus.mv.db").read_text() == "written since"

    # the way back itself, and who says that any version will do
    restore(leave_stopped=True)
    assert (swarm.export / "db/nexus.mv.db").read_text() == "database"


def test_an_upgrade_that_cannot_go_back_does_not_keep_from_restoring(restore, swarm, upgrading):
    upgrading()

    restore(any_version=True)

    assert (swarm.export / "db/nexus.mv.db").read_text() == "database"


def test_what_was_stopped_by_hand_runs_once_it_is_restored(restore, swarm):
    """Its data are broken, and somebody scaled it to nothing before he asked for a backup."""
    swarm.replicas = "0"

    restore()

    assert (swarm.export / "db/nexus.mv.db").read_text() == "database"
    assert swarm.replicas == "1"


def cut_off(swarm):
    """Power went between the two renames of a restoration."""
    into, aside = swarm.root / "nexus.restoring", swarm.root / "nexus.pre-restore-x"
    into.mkdir()
    (into / "half").write_text("")
    swarm.export.rename(aside)
    (swarm.home("nas") / "swap").write_text(f"out\nno\n{swarm.export}\n{into}\n{aside}\n\n")
    held(swarm)
    swarm.replicas = "0"


def test_an_export_that_was_made_anew_meanwhile_does_not_keep_the_data_away(restore, swarm):
    """fab nfs-setup makes a directory that is not there."""
    cut_off(swarm)
    swarm.export.mkdir()

    restore()

    assert (swarm.export / "db/nexus.mv.db").read_text() == "database"
    aside = swarm.root / f"nexus.pre-restore-{THIRD}"
    assert (aside / "db/nexus.mv.db").read_text() == "written since"
    assert swarm.replicas == "1"


def test_one_that_has_files_by_now_is_left_alone(restore, swarm):
    cut_off(swarm)
    swarm.export.mkdir()
    (swarm.export / "pushed").write_text("by hand")

    with pytest.raises(CommandFailed):
        restore()

    assert (swarm.export / "pushed").read_text() == "by hand"
    assert (swarm.root / "nexus.pre-restore-x/db/nexus.mv.db").exists()
    assert swarm.replicas == "0"


def test_what_nexus_was_started_on_by_hand_is_not_moved_away(restore, swarm):
    """What was undone would be removed as half a restoration, with all that was pushed to it."""
    aside = swarm.root / "nexus.pre-restore-x"
    aside.mkdir()
    into = swarm.root / "nexus.restoring"
    (swarm.home("nas") / "swap").write_text(f"out\nno\n{swarm.export}\n{into}\n{aside}\n\n")
    held(swarm)

    with pytest.raises(Refused, match="started by hand") as caught:
        restore()

    assert "/swap" in caught.value.hint
    assert (swarm.export / "db/nexus.mv.db").read_text() == "written since"


@pytest.mark.parametrize(
    ("host", "name"), [("boss", "upgrade.json"), ("nas", "swap"), ("edge", "upgrade.json")]
)
def test_a_site_is_not_taken_away_with_the_notes_that_its_data_need(swarm, host, name):
    stack = SimpleNamespace(name="played")
    hosts = SimpleNamespace(managers=["boss", "edge"])
    site = SimpleNamespace(stack=stack, nfs_name="nas", hosts=hosts)
    assembly = SimpleNamespace(site=site, fleet=swarm.fleet, manager="boss")
    refuse_under_way(assembly)
    swarm.home(host).mkdir(parents=True, exist_ok=True)
    (swarm.home(host) / name).write_text("{}")

    with pytest.raises(Refused, match="not over, and the data that stay need") as caught:
        refuse_under_way(assembly)

    assert caught.value.host == host
    assert name in caught.value.hint


def test_a_disk_of_backups_that_is_not_mounted_is_no_empty_place(backup, swarm):
    """Else the backup fills the disk below, and says that all is well."""
    backup(FIRST)
    (swarm.root / "backups").rename(swarm.root / "unmounted")

    with pytest.raises(Refused, match="has none of the backups that were made there") as caught:
        backup(SECOND)

    assert "mount" in caught.value.hint
    assert swarm.generations() == []
    (swarm.home("boss") / "backups.json").unlink()
    backup(SECOND)
    assert swarm.generations() == [SECOND]


def test_ctrl_c_while_data_are_exchanged_lets_that_end_first(restore, swarm):
    """The script on the NFS host goes on: what it is at work on is neither started nor removed."""
    sync = swarm.programs / "sync"
    once = swarm.root / "once"
    nas, going = swarm.fleet.host("nas"), []

    def interrupt(script):
        if script.summary.startswith("move the data"):
            nas.before = lambda _script: None
            # what was fetched is written to the disk first, and that takes a while
            sync.write_text(f"#!/bin/sh\n[ -e {once} ] || {{ : >{once}; sleep 3; }}\n")
            text = script.text().replace("/var/lib/", f"{nas.root}/")
            sh = subprocess.Popen(["sh", "-s"], stdin=subprocess.PIPE, text=True)
            going.append(sh)
            sh.stdin.write(text)
            sh.stdin.close()
            while not once.exists():
                time.sleep(0.05)
            raise KeyboardInterrupt

    nas.before = interrupt

    with pytest.raises(Interrupted):
        restore()

    assert going[0].wait() == 0
    assert (swarm.export / "db/nexus.mv.db").read_text() == "database"
    aside = swarm.root / f"nexus.pre-restore-{THIRD}"
    assert (aside / "db/nexus.mv.db").read_text() == "written since"
    assert swarm.replicas == "1"
    assert not (swarm.home("nas") / "swap").exists()
