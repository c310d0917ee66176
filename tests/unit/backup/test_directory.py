"""Generations as directories, by a real sh and a real rsync: whole, linked, partial, fetched."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time

import pytest
from backup_scripts import FIRST, SECOND, THIRD, files, manifest, run, seen

from moorage.transport.base import Section


def test_a_first_generation_has_all_but_what_nexus_makes_anew(make, folder, export):
    made = make(FIRST)

    assert files(folder / FIRST / "data") == [
        "blobs/default/a.bytes", "blobs/default/b.bytes", "db/nexus.mv.db", "etc/nexus.properties",
        "keystores/node/private.ks", "with space/it's",
    ]  # fmt: skip
    assert (folder / FIRST / "data" / "cache").is_dir()
    assert (made.manifest.files, made.manifest.bytes) == (6, 1000 + 2000 + 8 + 3 + 3 + 3)
    assert made.manifest.content == manifest(FIRST).content
    assert made.manifest.downtime == 3.5
    assert folder.stat().st_mode & 0o77 == 0


def test_its_checksums_are_what_sha256sum_takes(make, folder):
    made = make(FIRST)
    index = (folder / FIRST / "index").read_bytes()

    assert hashlib.sha256(index).hexdigest() == made.manifest.index
    subprocess.run(["sha256sum", "-c", "--quiet", "index"], cwd=folder / FIRST, check=True)


def test_a_second_one_shares_what_has_not_changed(make, folder, export):
    make(FIRST)
    (export / "db/nexus.mv.db").write_text("database!")
    (export / "blobs/default/c.bytes").write_text("c")
    (export / "blobs/default/a.bytes").unlink()
    second = make(SECOND)

    def inode(name, path):
        return (folder / name / "data" / path).stat().st_ino

    assert inode(FIRST, "blobs/default/b.bytes") == inode(SECOND, "blobs/default/b.bytes")
    assert inode(FIRST, "db/nexus.mv.db") != inode(SECOND, "db/nexus.mv.db")
    assert (folder / FIRST / "data/db/nexus.mv.db").read_text() == "database"
    assert not (folder / SECOND / "data/blobs/default/a.bytes").exists()
    subprocess.run(["sha256sum", "-c", "--quiet", "index"], cwd=folder / SECOND, check=True)
    assert len((folder / SECOND / "index").read_text().splitlines()) == 6
    assert second.manifest.files == 6


def test_of_what_is_shared_no_checksum_is_reckoned_again(make, folder, export):
    """Seen by a former index that says otherwise: its line is taken over."""
    make(FIRST)
    index = folder / FIRST / "index"
    false = index.read_text().replace(hashlib.sha256(b"a" * 1000).hexdigest(), "0" * 64)
    index.write_text(false)
    make(SECOND)

    assert f"{'0' * 64}  data/blobs/default/a.bytes" in (folder / SECOND / "index").read_text()


def test_a_database_written_within_the_same_second_is_copied_again(
    keeping, folder, export, monkeypatch
):
    """Same size, and a time that differs by nanoseconds alone."""
    database = export / "db/nexus.mv.db"
    run(keeping.copy(FIRST, "", str(export), live=True))
    before = database.stat().st_mtime_ns
    database.write_text("DATABASE")
    os.utime(database, ns=(before, before + 1))

    assert run(keeping.copy(FIRST, "", str(export), live=False)).returncode == 0
    assert (folder / f"{FIRST}.partial/data/db/nexus.mv.db").read_text() == "DATABASE"


def test_what_is_not_complete_is_no_generation(keeping, make, folder, export):
    make(FIRST)
    run(keeping.copy(SECOND, FIRST, str(export), live=True))

    there = seen(keeping)
    assert [one.name for one in there.generations] == [FIRST]
    assert there.partial == (SECOND,)
    assert run(keeping.discard(SECOND)).returncode == 0
    assert seen(keeping).partial == ()
    assert run(keeping.discard(SECOND)).returncode == 0
    assert (folder / FIRST / "data/db/nexus.mv.db").read_text() == "database"


def test_a_manifest_of_another_program_or_a_broken_one_counts_for_nothing(keeping, make, folder):
    make(FIRST)
    for name, text in ((SECOND, "{"), (THIRD, '{"schema": 2}'), ("other", '{"schema": 1}')):
        (folder / name).mkdir()
        (folder / name / "manifest.json").write_text(text)

    assert [one.name for one in seen(keeping).generations] == [FIRST]


def test_a_target_that_is_not_there_yet_tells_what_is_free_above_it(keeping, folder):
    there = seen(keeping)

    assert (there.ready, there.generations) == (False, ())
    assert there.free > 0
    assert run(keeping.make()).returncode == 0
    assert seen(keeping).ready


def test_inodes_are_counted_where_the_file_system_has_any(keeping):
    def free(line):
        return keeping.read(Section(0, f"blocks /dev/x 9 5 4 50% /\n{line}"), "nas").free_inodes

    assert free("inodes /dev/x 100 100 0 100% /") == 0
    assert free("inodes /dev/x 100 90 10 90% /") == 10
    assert free("inodes /dev/x 0 0 0 - /") is None
    assert free("inodes") is None


@pytest.mark.parametrize("previous", ["", FIRST])
def test_what_would_be_copied_is_reckoned_beforehand(keeping, make, export, previous):
    if previous:
        make(FIRST)
        (export / "blobs/default/c.bytes").write_text("c" * 77)

    done = run(keeping.measure(previous, str(export)))

    assert done.stdout.strip() == ("77" if previous else "3017"), done.stderr


def test_a_full_disk_is_a_failure(keeping, export, folder, tmp_path):
    """rsync meets a target that it cannot write to."""
    (folder / f"{FIRST}.partial/data").mkdir(parents=True)
    (folder / f"{FIRST}.partial/data/db").write_text("a file in the way of a directory")
    (folder / f"{FIRST}.partial/data/db").chmod(0)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "rsync").write_text(
        "#!/bin/sh\necho 'rsync: write failed: No space left on device (28)' >&2\nexit 11\n"
    )
    (programs / "rsync").chmod(0o755)

    done = run(keeping.copy(FIRST, "", str(export), live=True),
               PATH=f"{programs}:{os.environ['PATH']}")  # fmt: skip

    assert done.returncode == 11
    assert "No space left" in done.stderr


def test_files_that_vanish_are_no_failure_while_nexus_runs_alone(keeping, export, tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "rsync").write_text("#!/bin/sh\nexit 24\n")
    (programs / "rsync").chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"

    assert run(keeping.copy(FIRST, "", str(export), live=True), PATH=path).returncode == 0
    assert run(keeping.copy(FIRST, "", str(export), live=False), PATH=path).returncode == 24


def test_a_copy_that_goes_on_alone_is_ended_before_it_is_removed(
    keeping, export, home, folder, tmp_path
):
    """As after a connection that broke: nobody waits for the script any more."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "rsync").write_text(f"#!/bin/sh\necho x >{tmp_path}/begun\nexec sleep 60\n")
    (programs / "rsync").chmod(0o755)
    env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    alone = subprocess.Popen(["sh", "-s"], stdin=subprocess.PIPE, text=True, env=env)
    alone.stdin.write(keeping.copy(FIRST, "", str(export), live=True).text())
    alone.stdin.close()
    while not (home / "copying").exists() or not (tmp_path / "begun").exists():
        time.sleep(0.05)

    done = run(keeping.discard(FIRST))

    assert done.returncode == 0, done.stderr
    assert alone.wait(30) != 0
    assert not (home / "copying").exists()
    assert not (folder / f"{FIRST}.partial").exists()


def test_a_generation_is_fetched_whole(keeping, make, tmp_path):
    made = make(FIRST)
    into = tmp_path / "nexus.verify"

    done = run(keeping.fetch(made, str(into)))

    assert done.returncode == 0, done.stderr
    assert (into / "db/nexus.mv.db").read_text() == "database"
    assert files(into) == files(tmp_path / "backups/registry" / FIRST / "data")
    # what is written there is not written into the backup
    (into / "db/nexus.mv.db").write_text("changed")
    assert run(keeping.fetch(made, str(tmp_path / "again"))).returncode == 0


def test_without_the_blobs_all_else_is_fetched(keeping, make, tmp_path):
    made = make(FIRST)
    into = tmp_path / "x"

    done = run(keeping.fetch(made, str(into), without=["blobs"]))

    assert done.returncode == 0, done.stderr
    assert not (into / "blobs").exists()
    assert (into / "db/nexus.mv.db").exists()


def test_it_is_fetched_into_nothing_that_has_files(keeping, make, tmp_path):
    made = make(FIRST)
    into = tmp_path / "x"
    into.mkdir()
    (into / "present").write_text("data")

    done = run(keeping.fetch(made, str(into)))

    assert done.returncode == 1
    assert "not empty" in done.stderr


@pytest.mark.parametrize("broken", ["changed", "lost", "index"])
def test_a_generation_that_is_not_as_it_was_is_not_restored(
    keeping, make, folder, tmp_path, broken
):
    made = make(FIRST)
    data = folder / FIRST / "data"
    if broken == "changed":
        (data / "db/nexus.mv.db").write_text("Database")
    elif broken == "lost":
        (data / "blobs/default/a.bytes").unlink()
    else:
        (folder / FIRST / "index").write_text("")

    done = run(keeping.fetch(made, str(tmp_path / "x")))

    assert done.returncode == 1
    words = {"changed": "db/nexus.mv.db: FAILED", "lost": "lacking", "index": "list of checksums"}
    assert words[broken] in done.stdout + done.stderr


def test_that_it_is_proven_stays_with_it(keeping, make):
    made = make(FIRST)

    assert run(keeping.prove(made, "2026-01-01T01:00:00+00:00")).returncode == 0
    assert seen(keeping).generation(FIRST).proven == "2026-01-01T01:00:00+00:00"


def test_one_that_is_removed_takes_nothing_from_the_others(keeping, make, folder):
    make(FIRST)
    make(SECOND)

    assert run(keeping.remove(seen(keeping).generation(FIRST))).returncode == 0

    assert [one.name for one in seen(keeping).generations] == [SECOND]
    subprocess.run(["sha256sum", "-c", "--quiet", "index"], cwd=folder / SECOND, check=True)
    assert seen(keeping).partial == ()
