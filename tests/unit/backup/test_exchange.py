"""The exchange of data by its own script: of a mount point, between subvolumes, cut off."""

from __future__ import annotations

import os
import shutil

import pytest
from backup_scripts import run as by_sh

from moorage.quoting import Script
from moorage.steps.backup import restore_scripts


@pytest.fixture
def program(tmp_path):
    """Puts a program into a folder that may stand on the PATH."""

    def put(name, text, folder="bin"):
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        (place / name).write_text(f"#!/bin/sh\n{text}\n")
        (place / name).chmod(0o755)
        return f"{place}:{os.environ['PATH']}"

    return put


@pytest.fixture
def disk(tmp_path, home):
    export = tmp_path / "disk"
    into, gone = export / ".moorage-restoring", export / ".moorage-pre-restore-x"
    for path, text in {"db/a": "old", "blobs/b": "old", ".hidden": "old", "lost+found/x": "",
                       ".moorage-restoring/db/a": "new",
                       ".moorage-restoring/blobs/b": "new"}.items():  # fmt: skip
        (export / path).parent.mkdir(parents=True, exist_ok=True)
        (export / path).write_text(text)

    class Disk:
        def __init__(self):
            self.export, self.into, self.gone = export, into, gone

        def run(self, body, carried=(), **env):
            values = {"home": str(home), "export": str(export), "into": str(into),
                      "aside": str(gone), "mounted": True, "carried": list(carried)}  # fmt: skip
            return by_sh(Script("x", body, values), **env)

    return Disk()


def test_a_mount_point_keeps_its_place_and_its_entries_are_exchanged(disk, home):
    done = disk.run(restore_scripts.SWAP)

    assert done.returncode == 0, done.stderr
    assert (disk.export / "db/a").read_text() == "new"
    assert (disk.gone / "db/a").read_text() == "old"
    assert (disk.gone / ".hidden").read_text() == "old"
    assert (disk.export / "lost+found").exists()
    assert not disk.into.exists()
    assert not (home / "swap").exists()


def test_of_a_mount_point_too_what_is_to_stay_stays(disk):
    (disk.into / "blobs/b").unlink()
    (disk.into / "blobs").rmdir()

    assert disk.run(restore_scripts.SWAP, carried=["blobs"]).returncode == 0

    assert (disk.export / "blobs/b").read_text() == "old"
    assert (disk.export / "db/a").read_text() == "new"


@pytest.fixture
def cut_after(disk, tmp_path, program):
    """Runs a script whose host loses power after so many moves; gives how it ended."""
    real = shutil.which("mv")
    count = tmp_path / "count"

    def run(moves, body):
        count.unlink(missing_ok=True)
        path = program(
            "mv",
            f'case "$*" in *swap*) exec {real} "$@" ;; esac\n'
            f'echo x >>{count}\n{real} "$@"\n[ "$(wc -l <{count})" -ne {moves} ] || kill -9 $PPID',
        )
        return disk.run(body, PATH=path).returncode

    return run


def is_as_before(disk, home):
    found = {name: (disk.export / name).read_text() for name in ("db/a", "blobs/b", ".hidden")}
    return (
        set(found.values()) == {"old"}
        and (disk.into / "db/a").read_text() == "new"
        and not disk.gone.exists()
        and not (home / "swap").exists()
    )


@pytest.mark.parametrize("moves", [1, 2, 3, 4])
def test_an_exchange_cut_off_after_any_move_is_undone(disk, home, cut_after, moves):
    assert cut_after(moves, restore_scripts.SWAP) == -9
    assert (home / "swap").exists()

    assert disk.run(restore_scripts.SETTLE).returncode == 0

    assert is_as_before(disk, home)


@pytest.mark.parametrize("moves", range(1, 8))
def test_an_undoing_that_was_cut_off_itself_is_undone_by_the_next(disk, home, cut_after, moves):
    # all of the backup is in, and the note not gone yet
    assert cut_after(5, restore_scripts.SWAP) == -9
    cut_after(moves, restore_scripts.SETTLE)

    done = disk.run(restore_scripts.SETTLE)

    assert done.returncode == 0, done.stderr
    assert is_as_before(disk, home)


@pytest.fixture
def subvolumes(tmp_path, home, program):
    """An export and what is to take its place, in two subvolumes by stat's word."""
    export, into = tmp_path / "export", tmp_path / "export.restoring"
    for path, text in {"export/db/a": "old", "export/blobs/b": "kept",
                       "export.restoring/db/a": "new"}.items():  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    programs = program(
        "stat",
        'for path; do :; done\ncase "$*" in "-c %d"*) ;; *) exec /usr/bin/stat "$@" ;; esac\n'
        '[ -d "$path/db" ] && grep -q new "$path/db/a" && echo 42 || echo 41',
    )
    aside = tmp_path / "export.pre-restore-x"
    values = {"home": str(home), "export": str(export), "into": str(into), "aside": str(aside),
              "mounted": False, "carried": ["blobs"]}  # fmt: skip

    def run(body, first=""):
        return by_sh(Script("x", body, values), PATH=f"{first}{programs}")

    run.export, run.into, run.aside = export, into, aside
    return run


def test_between_subvolumes_what_is_to_stay_is_copied_and_never_moved(subvolumes):
    done = subvolumes(restore_scripts.SWAP)

    assert done.returncode == 0, done.stderr
    assert (subvolumes.export / "db/a").read_text() == "new"
    assert (subvolumes.export / "blobs/b").read_text() == "kept"
    assert (subvolumes.aside / "blobs/b").read_text() == "kept"


def test_a_copy_between_subvolumes_that_was_cut_off_is_undone(subvolumes, tmp_path, program, home):
    program(
        "cp",
        'for to; do :; done\nmkdir -p "$to/blobs"; echo half >"$to/blobs/b"\nkill -9 $PPID',
        "broken",
    )
    broken = tmp_path / "broken"
    assert subvolumes(restore_scripts.SWAP, f"{broken}:").returncode == -9

    done = subvolumes(restore_scripts.SETTLE)

    assert done.returncode == 0, done.stderr
    assert (subvolumes.export / "db/a").read_text() == "old"
    assert (subvolumes.export / "blobs/b").read_text() == "kept"
    assert (subvolumes.into / "db/a").read_text() == "new"
    assert not (home / "swap").exists()


def test_another_ones_mistake_in_an_export_is_no_failure_of_the_exchange(disk, tmp_path, program):
    path = program(
        "exportfs",
        f'echo "$*" >>{tmp_path}/asked\n[ "$1" = -f ] || {{ echo gone >&2; exit 1; }}',
    )

    done = disk.run(restore_scripts.SWAP, PATH=path)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "asked").read_text().split() == ["-ra", "-f"]
