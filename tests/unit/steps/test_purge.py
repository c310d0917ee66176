"""Data deleted for good: what is refused, and the shell on real folders."""

from __future__ import annotations

import dataclasses
import os
import subprocess

import pytest

from moorage.errors import Refused
from moorage.steps.holders import CLIENTS
from moorage.steps.nfs.purge import PurgeObserved, PurgeStep, refuse_deletion

SEEN = PurgeObserved(
    file=True, exported=frozenset({"10.0.0.1"}), realpath="/srv/nexus", kind="directory",
    mountpoint="/", within=(), entries=frozenset({"db", "blobs", "mine"}), files=12, size=4096,
    whole=True, left="",
)  # fmt: skip


def test_the_plan_says_how_much_goes_and_takes_the_export_first():
    plan = PurgeStep(None, "nas", "/srv/nexus", "/e").plan(SEEN)

    assert [change.title for change in plan.changes] == [
        "remove export /srv/nexus", "remove directory /srv/nexus",
    ]  # fmt: skip
    assert plan.notes == ("/srv/nexus will be deleted for good: 4096 bytes in 12 files",)


def test_what_could_not_be_counted_to_the_end_is_more():
    plan = PurgeStep(None, "nas", "/srv/nexus", "/e").plan(dataclasses.replace(SEEN, whole=False))

    assert plan.notes[0].endswith("more than 4096 bytes in more than 12 files")


def test_data_from_before_a_restore_are_named_and_stay(tmp_path):
    aside = tmp_path / "nexus.pre-restore-20260102T030405Z"
    aside.mkdir()
    step = PurgeStep(None, "nas", str(tmp_path / "nexus"), str(tmp_path / "e"))
    (probe,) = step.probes().values()
    ran = subprocess.run(["sh", "-s"], input=probe.script().text(), text=True,
                         capture_output=True, check=False)  # fmt: skip

    plan = step.plan(step.read({"nas": ran.stdout}, print))

    assert plan.empty
    assert plan.notes == (
        f"kept: {aside} on nas, data from before a restore; delete it by hand",)  # fmt: skip


def test_with_nothing_left_there_is_nothing_to_do():
    gone = dataclasses.replace(SEEN, file=False, exported=frozenset(), kind=None)

    assert PurgeStep(None, "nas", "/srv/nexus", "/e").plan(gone).empty


def test_what_was_cut_off_is_deleted_to_the_end():
    seen = dataclasses.replace(SEEN, file=False, exported=frozenset(), kind=None,
                               left="/srv/.nexus.moorage-purged")  # fmt: skip
    (change,) = PurgeStep(None, "nas", "/srv/nexus", "/e").plan(seen).changes

    assert change.differences[0].before == "partly deleted"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"realpath": "/mnt/raid"}, "leads to /mnt/raid by a symbolic link"),
        ({"kind": "regular file"}, "is a regular file"),
        ({"mountpoint": "/srv/nexus"}, "is a file system of its own"),
        ({"within": ("/srv/nexus/blobs",)}, "has /srv/nexus/blobs mounted in it"),
        ({"entries": frozenset({"photos"})}, "has nothing of Nexus in it, but photos"),
    ],
)
def test_what_may_be_somebody_elses_is_refused(changes, words):
    with pytest.raises(Refused) as caught:
        refuse_deletion("/srv/nexus", dataclasses.replace(SEEN, **changes), "nas")
    assert words in caught.value.message
    assert caught.value.host == "nas"


def test_an_empty_directory_holds_nothing_of_anybody():
    refuse_deletion("/srv/nexus", dataclasses.replace(SEEN, entries=frozenset()), "nas")


@pytest.fixture
def place(tmp_path):
    """A directory of Nexus', with hosts that run scripts here and an exportfs that exports it."""
    data = tmp_path / "srv" / "nexus"
    (data / "blobs").mkdir(parents=True)
    (data / "blobs" / "one").write_bytes(b"x" * 5000)
    (data / "lock").touch()
    programs = tmp_path / "bin"
    programs.mkdir()
    file = tmp_path / "m.exports"
    file.write_text(f"{data} 10.0.0.1(rw)\n")
    exportfs = programs / "exportfs"
    exportfs.write_text(f'#!/bin/sh\n[ "$1" != -s ] || cat {file} 2>/dev/null || :\n')
    exportfs.chmod(0o755)
    clients = tmp_path / "clients"
    clients.mkdir()

    def run(script):
        script = dataclasses.replace(script, body=script.body.replace(CLIENTS, str(clients)))
        return subprocess.run(
            ["sh", "-s"], input=script.text(), text=True, capture_output=True, check=False,
            env={"PATH": f"{programs}:{os.environ['PATH']}"},
        )  # fmt: skip

    run.data, run.file, run.clients = data, file, clients
    run.step = PurgeStep(None, "nas", str(data), str(file))
    run.seen = lambda: run.step.read(
        {"nas": run(run.step.probes()["nas"].script()).stdout}, lambda _: None)  # fmt: skip
    run.scripts = lambda: [action.script for change in run.step.plan(run.seen()).changes
                           for action in change.actions]  # fmt: skip
    return run


def test_it_is_read_as_it_is(place):
    seen = place.seen()

    assert (seen.file, seen.exported, seen.kind) == (True, {"10.0.0.1"}, "directory")
    assert (seen.entries, seen.files, seen.whole) == ({"blobs", "lock"}, 2, True)
    assert 5000 <= seen.size < 50_000
    assert (seen.within, seen.left) == ((), "")


def test_export_and_directory_go_and_nothing_beside_them(place):
    for script in place.scripts():
        ran = place(script)
        assert ran.returncode == 0, ran.stderr

    assert not place.file.exists()
    assert list(place.data.parent.iterdir()) == []
    assert place.step.plan(place.seen()).empty


def test_more_than_two_gibibytes_are_counted_too(place, tmp_path):
    """mawk prints whole numbers from 2^31 on as 2.1e+09."""
    (tmp_path / "bin/find").write_text("#!/bin/sh\necho 3000000000; echo 5\n")
    (tmp_path / "bin/find").chmod(0o755)

    assert place.seen().size == 3000000005 * 512


# the second one is of a server that was started anew meanwhile
@pytest.mark.parametrize("name", ["nexus/lock", "/"])
def test_data_that_are_open_still_are_not_deleted(place, name):
    client = place.clients / "7"
    client.mkdir()
    (client / "info").write_text('address: "10.0.0.1:915"\nstatus: confirmed\n')
    inode = (place.data / "lock").stat().st_ino
    (client / "states").write_text(
        f'- 0x1: {{ superblock: "fe:00:{inode}", filename: "{name}" }}\n'
    )
    (client / "ctl").touch()

    ran = place(place.scripts()[-1])

    assert ran.returncode == 1
    assert "still open on 10.0.0.1" in ran.stderr
    assert (place.data / "blobs" / "one").exists()


def test_what_a_client_that_is_dead_had_open_is_ended(place):
    """Its lease is over, and the server keeps it up as a courtesy."""
    client = place.clients / "7"
    client.mkdir()
    (client / "info").write_text('address: "10.0.0.1:915"\nstatus: courtesy\n')
    inode = (place.data / "lock").stat().st_ino
    (client / "states").write_text(f'- 0x1: {{ superblock: "fe:00:{inode}", filename: "/" }}\n')
    (client / "ctl").touch()

    place(place.scripts()[-1])

    assert (client / "ctl").read_text() == "expire\n"


def test_a_directory_that_became_a_link_meanwhile_is_not_followed(place):
    script = place.scripts()[-1]
    other = place.data.parent / "other"
    place.data.rename(other)
    place.data.symlink_to(other)

    ran = place(script)

    assert ran.returncode == 1
    assert (other / "blobs" / "one").exists()


def test_what_a_former_run_has_taken_away_is_deleted_too(place):
    left = place.data.parent / ".nexus.moorage-purged"
    place.data.rename(left)
    place.file.unlink()

    (script,) = place.scripts()
    assert place(script).returncode == 0
    assert not left.exists()
