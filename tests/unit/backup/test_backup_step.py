"""The step ``backup`` carried out by the runner on hosts that are shells."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from backup_scripts import files

from moorage.errors import CommandFailed, Interrupted, Refused, Unreachable
from moorage.runner import run
from moorage.steps.backup import BackupStep
from moorage.steps.backup.generations import Rule

FIRST, SECOND, THIRD, FOURTH = (f"2026-01-0{day}T000000Z" for day in range(1, 5))


def journal(swarm, host):
    path = swarm.home(host) / "journal.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(entry["change"], entry["result"]) for entry in map(json.loads, lines)]


def fails_when(monkeypatch, swarm, program, words, text):
    """A program that does what it always does, but for one call."""
    import shutil

    real = shutil.which(program)
    (swarm.programs / program).write_text(
        f'#!/bin/sh\ncase "$*" in {words}) {text} ;; esac\nexec {real} "$@"\n'
    )
    (swarm.programs / program).chmod(0o755)


def test_a_backup_is_made_and_nexus_runs_again(backup, swarm, out):
    backup(FIRST)

    text = out.getvalue()
    assert swarm.generations() == [FIRST]
    assert swarm.replicas == "1"
    assert swarm.waits == ["1"]
    assert not (swarm.home("boss") / "stopped").exists()
    assert "create backup 2026-01-01T000000Z" in text
    assert "a copy while Nexus runs; Nexus stopped" in text
    assert "Nexus could not be written to for" in text
    manifest = json.loads((swarm.root / f"backups/played/{FIRST}/manifest.json").read_text())
    assert (manifest["version"], manifest["image"]) == ("3.94.0", "moorage/nexus:1")
    assert manifest["image_id"] == "sha256:abc"
    assert manifest["files"] == 6
    assert (f"create backup {FIRST}", "done") in journal(swarm, "nas")


def test_what_the_manager_remembers_is_what_others_read(backup, swarm):
    backup(FIRST)

    assert swarm.record() == {
        "schema": 1,
        "last": {"name": FIRST, "at": "2026-01-01T00:00:00+00:00", "bytes": 3017,
                 "kind": "directory", "where": str(swarm.root / "backups")},
        "proven": None,
    }  # fmt: skip


def test_between_the_passes_it_is_stopped(backup, swarm):
    """What is written until it is stopped is in the backup, and rsync tells when it ran."""
    fails_when(None, swarm, "rsync", "*.partial*",
               f"cat {swarm.here}/replicas >>{swarm.here}/passes")  # fmt: skip

    backup(FIRST)

    assert (swarm.here / "passes").read_text().split() == ["1", "0"]


def test_a_dry_run_changes_nothing(swarm, out):
    step = BackupStep(swarm.fleet, swarm.wanted, swarm.keeping(), swarm.ways(), FIRST)

    run(swarm.work(step), dry_run=True)

    assert swarm.generations() == []
    assert not swarm.home("boss").exists()
    assert "plan: 3 changes" in out.getvalue()


@pytest.mark.parametrize("failing", ["first pass", "second pass", "completing"])
def test_a_failure_starts_nexus_again_and_leaves_nothing(backup, swarm, failing, out):
    backup(FIRST)
    if failing == "completing":
        fails_when(None, swarm, "sha256sum", "*", "exit 1")
    else:
        stopped = "0" if failing == "second pass" else "1"
        fails_when(None, swarm, "rsync", "*.partial*",
                   f'[ "$(cat {swarm.here}/replicas)" != {stopped} ] || {{ echo "No space left on '
                   'device (28)" >&2; exit 11; }')  # fmt: skip

    with pytest.raises(CommandFailed) as caught:
        backup(SECOND)

    assert swarm.generations() == [FIRST]
    assert swarm.replicas == "1"
    assert swarm.record()["last"]["name"] == FIRST
    assert caught.value.exit_code == 1
    if failing != "completing":
        assert "No space left" in caught.value.output
    assert "putting things right first" in out.getvalue()
    assert (f"create backup {SECOND}", "failed") in journal(swarm, "nas")
    assert not swarm.home("nas").joinpath("lock").exists()


def test_ctrl_c_while_nexus_is_stopped_starts_it_again(backup, swarm):
    def interrupt(script):
        if "copy" in script.summary and swarm.replicas == "0":
            swarm.fleet.host("nas").before = lambda _script: None
            raise KeyboardInterrupt

    swarm.fleet.host("nas").before = interrupt

    with pytest.raises(Interrupted):
        backup(FIRST)

    assert swarm.replicas == "1"
    assert swarm.generations() == []
    assert not (swarm.home("boss") / "stopped").exists()
    assert (f"create backup {FIRST}", "interrupted") in journal(swarm, "nas")
    assert not (swarm.home("boss") / "lock").exists()
    assert not (swarm.home("nas") / "lock").exists()


def test_a_guard_that_was_quicker_makes_the_copy_worth_nothing(backup, swarm):
    def meanwhile(script):
        if script.summary == "start played_nexus again":
            (swarm.home("boss") / "stopped").unlink()

    swarm.fleet.host("boss").before = meanwhile

    with pytest.raises(CommandFailed, match="start played_nexus again"):
        backup(FIRST)

    assert swarm.generations() == []


def test_a_service_that_a_dead_run_left_stopped_is_started_first(backup, swarm, out):
    swarm.home("boss").mkdir(parents=True)
    (swarm.home("boss") / "stopped").write_text("dead\nplayed_nexus\n1\nbackup X\n")
    swarm.replicas = "0"

    backup(FIRST)

    assert "stopped by a run that has died: backup X → absent" in out.getvalue()
    assert swarm.generations() == [FIRST]
    assert swarm.replicas == "1"


def test_one_that_does_not_answer_yet_is_waited_for_before_it_is_stopped(backup, swarm, out):
    """The guard of a run that has died may have started it just now."""
    swarm.starting = True

    backup(FIRST)

    assert "Nexus: does not answer yet → writable" in out.getvalue()
    assert swarm.generations() == [FIRST]
    assert swarm.waits == ["1", "1"]


def test_what_a_dead_run_left_at_the_target_is_removed(backup, swarm, out):
    (swarm.root / f"backups/played/{FIRST}.partial/data").mkdir(parents=True)

    backup(SECOND)

    assert f"remove unfinished backup {FIRST}" in out.getvalue()
    assert swarm.generations() == [SECOND]


def test_old_ones_go_once_the_new_one_is_there_but_never_the_only_proven_one(backup, swarm):
    backup(FIRST)
    (swarm.root / f"backups/played/{FIRST}/proven").write_text("2026-01-01T01:00:00+00:00")
    backup(SECOND)
    backup(THIRD)
    backup(FOURTH)

    assert swarm.generations() == [FIRST, THIRD, FOURTH]
    assert swarm.record()["proven"] == {"name": FIRST, "at": "2026-01-01T01:00:00+00:00"}


def test_where_the_new_one_fails_no_old_one_goes(backup, swarm):
    swarm.wanted = dataclasses.replace(swarm.wanted, rule=Rule(last=1))
    backup(FIRST)
    fails_when(None, swarm, "sha256sum", "*", "exit 1")

    with pytest.raises(CommandFailed):
        backup(SECOND)

    assert swarm.generations() == [FIRST]


def test_a_nexus_that_does_not_come_up_again_is_told_once_the_backup_is_whole(backup, swarm):
    step = BackupStep(swarm.fleet, swarm.wanted, swarm.keeping(),
                      dataclasses.replace(swarm.ways(), await_writable=late), FIRST)  # fmt: skip

    with pytest.raises(Unreachable, match="not writable"):
        run(swarm.work(step), dry_run=False)

    assert swarm.generations() == [FIRST]


def late(_progress):
    raise Unreachable("Nexus is not writable after 10 s")


def test_left_stopped_for_the_next_step(swarm):
    step = BackupStep(swarm.fleet, swarm.wanted, swarm.keeping(), swarm.ways(), FIRST,
                      leave_stopped=True)  # fmt: skip

    run(swarm.work(step), dry_run=False)

    assert swarm.replicas == "0"
    assert swarm.generations() == [FIRST]
    assert step.stopped_at > 0


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda swarm: setattr(swarm, "replicas", "0"), "is stopped"),
        (lambda swarm: setattr(swarm, "writable", False), "cannot be written to"),
        (lambda swarm: (swarm.here / "replicas").unlink(), "not deployed"),
        (lambda swarm: swarm.export.rename(swarm.root / "elsewhere"), "is not there"),
    ],
)
def test_what_would_not_be_of_use_is_refused(backup, swarm, break_it, words):
    break_it(swarm)

    with pytest.raises(Refused, match=words) as caught:
        backup(FIRST)

    assert caught.value.hint
    assert swarm.generations() == []


def test_a_target_that_would_be_too_full_is_refused_with_the_numbers(backup, swarm):
    swarm.wanted = dataclasses.replace(swarm.wanted, floor=2**60)

    with pytest.raises(Refused, match=r"free; .* would be written, and 1048576.0 TiB are to stay"):
        backup(FIRST)

    assert swarm.waits == []


def test_what_is_reckoned_before_the_copy_counts_too(backup, swarm, monkeypatch):
    """Found by rsync's own reckoning, before anything is stopped."""
    backup(FIRST)
    (swarm.export / "blobs/default/big").write_text("x")
    fails_when(None, swarm, "rsync", "*--stats*",
               f'echo "Total transferred file size: {2**60} bytes"; exit 0')  # fmt: skip
    swarm.waits.clear()

    with pytest.raises(Refused, match=r"1048576\.0 TiB would be written"):
        backup(SECOND)

    assert swarm.waits == []
    assert swarm.generations() == [FIRST]


@pytest.mark.parametrize("nested", ["", "nexus/blobs"])
def test_a_btrfs_subvolume_is_read_from_a_snapshot(backup, swarm, out, nested):
    """The file system is played: stat tells a subvolume, btrfs copies and removes."""
    snapshot = Path(f"{swarm.export}.snapshot")
    fails_when(None, swarm, "stat", "*%F*", 'echo "directory|256"; exit 0')
    real = (swarm.programs / "stat").read_text()
    (swarm.programs / "stat").write_text(
        real.replace("esac", '"-f -c %T -- "*) echo btrfs; exit 0 ;; esac')
    )
    (swarm.programs / "btrfs").write_text(
        f"""#!/bin/sh
[ "$2" != list ] || {{ echo "ID 258 gen 9 top level 257 path {nested}" | grep '/'; exit 0; }}
echo "$2 $(cat {swarm.here}/replicas)" >>{swarm.here}/btrfs
case $2 in
  snapshot) cp -a -- "$5" "$6" ;;
  delete) rm -rf -- "$4" ;;
esac
"""
    )
    (swarm.programs / "btrfs").chmod(0o755)

    backup(FIRST)

    if nested:
        assert "no snapshot, which would leave out nexus/blobs" in out.getvalue()
        return
    assert "a btrfs snapshot while Nexus stands still" in out.getvalue()
    assert (swarm.here / "btrfs").read_text().splitlines() == ["snapshot 0", "delete 1"]
    assert not snapshot.exists()
    assert len(files(swarm.root / f"backups/played/{FIRST}/data")) == 6
    manifest = json.loads((swarm.root / f"backups/played/{FIRST}/manifest.json").read_text())
    assert manifest["kind"] == "snapshot"
