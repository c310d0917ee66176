"""The step ``restore`` and its exchange of directories, carried out on hosts that are shells."""

from __future__ import annotations

import subprocess

import pytest
from backup_scripts import files

from moorage.errors import CommandFailed, Interrupted, NotConverged, Refused
from moorage.runner import run
from moorage.steps.backup import BackupStep, RestoreStep, Wish

FIRST, SECOND = "2026-01-01T000000Z", "2026-01-02T000000Z"
STAMP = "2026-01-03T000000Z"


@pytest.fixture
def backed_up(swarm):
    step = BackupStep(swarm.fleet, swarm.wanted, swarm.keeping(), swarm.ways(), FIRST)
    run(swarm.work(step), dry_run=False)
    (swarm.export / "db/nexus.mv.db").write_text("written since")
    (swarm.export / "blobs/default/new.bytes").write_text("pushed since")
    swarm.waits.clear()
    return swarm


@pytest.fixture
def restore(backed_up):
    def call(name="", *, dry_run=False, confirm=lambda _question: None, **options):
        swarm = backed_up
        step = RestoreStep(swarm.fleet, swarm.wanted, swarm.keeping(), swarm.ways(),
                           Wish(name, STAMP, **options))  # fmt: skip
        return run(swarm.work(step, confirm=confirm), dry_run=dry_run)

    return call


def aside(swarm):
    return swarm.root / f"nexus.pre-restore-{STAMP}"


def test_the_plan_says_what_is_replaced_and_where_it_goes(restore, backed_up, out):
    restore(dry_run=True)

    text = out.getvalue()
    assert f"update data of {backed_up.export}" in text
    assert "content: Nexus 3.94.0, " in text
    assert f"→ {FIRST} (Nexus 3.94.0, 6 files, 2.9 KiB)" in text
    assert f"what is there now goes to: absent → {aside(backed_up)}" in text
    assert "never proven" in text
    assert (backed_up.export / "db/nexus.mv.db").read_text() == "written since"


def test_the_data_are_exchanged_and_nothing_is_deleted(restore, backed_up):
    swarm = backed_up
    mode = swarm.export.stat().st_mode

    restore()

    assert (swarm.export / "db/nexus.mv.db").read_text() == "database"
    assert not (swarm.export / "blobs/default/new.bytes").exists()
    assert (aside(swarm) / "db/nexus.mv.db").read_text() == "written since"
    assert (aside(swarm) / "blobs/default/new.bytes").read_text() == "pushed since"
    assert swarm.export.stat().st_mode == mode
    assert swarm.replicas == "1"
    assert swarm.waits == ["1"]
    assert not (swarm.root / "nexus.restoring").exists()
    assert not list(swarm.home("boss").glob("stopped*"))
    assert not (swarm.home("nas") / "swap").exists()


def test_what_is_to_stay_stays(restore, backed_up):
    restore(without=("blobs",))

    assert (backed_up.export / "db/nexus.mv.db").read_text() == "database"
    assert (backed_up.export / "blobs/default/new.bytes").read_text() == "pushed since"
    assert files(aside(backed_up) / "db") == ["nexus.mv.db"]
    assert not (aside(backed_up) / "blobs").exists()


def test_another_version_is_refused_unless_told(restore, backed_up):
    import dataclasses

    backed_up.wanted = dataclasses.replace(backed_up.wanted, version="3.95.0")

    with pytest.raises(Refused, match=r"by Nexus 3\.94\.0, and the inventory asks for 3\.95\.0"):
        restore()
    assert (backed_up.export / "db/nexus.mv.db").read_text() == "written since"

    restore(any_version=True)
    assert (backed_up.export / "db/nexus.mv.db").read_text() == "database"


@pytest.mark.parametrize(("name", "words"), [
    ("2025-01-01T000000Z", "there is no backup 2025"), ("nonsense", "there is no backup nonsense"),
])  # fmt: skip
def test_a_backup_that_is_not_there_is_refused(restore, name, words):
    with pytest.raises(Refused, match=words) as caught:
        restore(name)
    assert FIRST in caught.value.hint


def test_a_broken_backup_is_found_before_anything_is_stopped(restore, backed_up):
    (backed_up.root / f"backups/played/{FIRST}/data/db/nexus.mv.db").write_text("Database")

    with pytest.raises(CommandFailed):
        restore()

    assert (backed_up.export / "db/nexus.mv.db").read_text() == "written since"
    assert backed_up.replicas == "1"
    assert "scale" not in (backed_up.here / "asked").read_text().rpartition("image ls")[2]
    assert not (backed_up.root / "nexus.restoring").exists()


def test_ctrl_c_just_before_the_exchange_leaves_the_data_and_starts_nexus(restore, backed_up):
    swarm = backed_up

    def interrupt(script):
        if script.summary.startswith("move the data"):
            swarm.fleet.host("nas").before = lambda _script: None
            raise KeyboardInterrupt

    swarm.fleet.host("nas").before = interrupt

    with pytest.raises(Interrupted):
        restore()

    assert (swarm.export / "db/nexus.mv.db").read_text() == "written since"
    assert swarm.replicas == "1"
    assert not (swarm.root / "nexus.restoring").exists()
    assert not aside(swarm).exists()


def test_an_exchange_that_fails_half_way_is_undone(restore, backed_up, monkeypatch):
    """The second of the two renames does not take."""
    real = subprocess.run(["sh", "-c", "command -v mv"], capture_output=True, text=True,
                          check=True).stdout.strip()  # fmt: skip
    program = backed_up.programs / "mv"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *restoring*nexus) [ ! -e {backed_up.root}/once ] && '
        f'{{ : >{backed_up.root}/once; exit 1; }} ;; esac\nexec {real} "$@"\n'
    )
    program.chmod(0o755)

    with pytest.raises(CommandFailed):
        restore()

    assert (backed_up.export / "db/nexus.mv.db").read_text() == "written since"
    assert backed_up.replicas == "1"
    assert not aside(backed_up).exists()


def test_an_exchange_that_was_cut_off_is_put_right_by_the_next(restore, backed_up, out):
    """The NFS host lost power between the two renames; the run and its guard are gone."""
    swarm, home = backed_up, backed_up.home("nas")
    old = swarm.root / "nexus.pre-restore-2026-01-02T120000Z"
    into = swarm.root / "nexus.restoring"
    into.mkdir()
    (into / "half").write_text("")
    (home / "swap").write_text(f"out\nno\n{swarm.export}\n{into}\n{old}\n\n")
    (swarm.home("boss") / "stopped").write_text("dead\nplayed_nexus\n1\nrestore X\n")
    (swarm.home("boss") / "stopped.hold").touch()
    swarm.replicas = "0"

    restore()

    assert "cut off while moving" in out.getvalue()
    assert (swarm.export / "db/nexus.mv.db").read_text() == "database"
    assert (aside(swarm) / "db/nexus.mv.db").read_text() == "written since"
    assert swarm.replicas == "1"
    assert not (home / "swap").exists()


def test_content_that_is_otherwise_is_told_and_both_are_kept(
    restore, backed_up, nexus_with_content
):
    import json

    path = backed_up.root / f"backups/played/{FIRST}/manifest.json"
    data = json.loads(path.read_text())
    data["content"] = {"repositories": {"gone": "docker hosted"}, "assets": []}
    path.write_text(json.dumps(data))
    backed_up.nexus = nexus_with_content
    backed_up.logged_in = True

    with pytest.raises(NotConverged, match="other content") as caught:
        restore()

    assert any("repository gone: is not there" in line for line in caught.value.evidence)
    assert aside(backed_up).exists()


def test_what_is_to_stay_stopped_is_not_started_in_between(restore, backed_up):
    """An upgrade's way back: the later version would migrate the data once more."""
    swarm = backed_up
    swarm.home("boss").mkdir(parents=True, exist_ok=True)
    (swarm.home("boss") / "stopped").write_text("a\nplayed_nexus\n1\nit failed\n")
    (swarm.home("boss") / "stopped.hold").touch()
    swarm.replicas = "0"
    (swarm.here / "asked").unlink()

    restore(leave_stopped=True)

    assert (swarm.export / "db/nexus.mv.db").read_text() == "database"
    assert "played_nexus=1" not in (swarm.here / "asked").read_text()
    assert swarm.replicas == "0"
    assert swarm.waits == []
