"""What the tests of backups share: data in a folder, and targets that are real directories."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from backup_scripts import manifest, run, seen

from moorage.report.text import Report
from moorage.steps.backup.desired import Target
from moorage.steps.backup.directory import Directory

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "steps"))


@pytest.fixture
def export(tmp_path):
    """A data directory as Nexus has it."""
    root = tmp_path / "nexus"
    for path, text in {
        "db/nexus.mv.db": "database", "blobs/default/a.bytes": "a" * 1000,
        "blobs/default/b.bytes": "b" * 2000, "etc/nexus.properties": "x=1",
        "keystores/node/private.ks": "key", "cache/c": "cache", "tmp/t": "t", "log/nexus.log": "l",
        "lock": "1", "nexus.pid": "7", ".moorage-data": "mark", "with space/it's": "odd",
    }.items():  # fmt: skip
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


@pytest.fixture
def home(tmp_path):
    """Where lock and journal are."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "backups" / "registry"


@pytest.fixture
def keeping(folder, home):
    target = Target("directory", "", str(folder), str(folder))
    return Directory(target, str(home), os.getuid(), 5)


@pytest.fixture
def make(keeping, export):
    """Makes a generation as the step does; gives it as the target tells it."""

    def call(name, kind=None):
        kind = kind or keeping
        before = seen(kind).generations
        previous = before[-1].name if before else ""
        for live in (True, False):
            done = run(kind.copy(name, previous, str(export), live=live))
            assert done.returncode == 0, done.stderr
        done = run(kind.complete(manifest(name), previous))
        assert done.returncode == 0, done.stderr
        return seen(kind).generation(name)

    return call


@pytest.fixture
def out():
    return io.StringIO()


@pytest.fixture
def swarm(tmp_path, monkeypatch, out, export):
    """Three hosts, a service that runs, and data."""
    from played_swarm import PlayedSwarm

    played = PlayedSwarm(tmp_path, monkeypatch, Report(out, live=False), export)
    yield played
    played.end_guards()


@pytest.fixture
def backup(swarm):
    """Makes a backup of a name."""
    from moorage.runner import run
    from moorage.steps.backup import BackupStep

    def make(name, **options):
        step = BackupStep(swarm.fleet, swarm.wanted, swarm.keeping(), swarm.ways(), name, **options)
        return run(swarm.work(step), dry_run=False)

    return make


@pytest.fixture
def nexus_with_content(tmp_path):
    """A stand-in of Nexus in this process, with a repository."""
    from played_nexus import PlayedNexus

    played = PlayedNexus(tmp_path / "standin")
    played.password = played.first_password().reveal()
    with played.nexus.store.change() as draft:
        draft["repositories"] = {
            "raw-private": {**next(iter(draft["repositories"].values())), "name": "raw-private",
                            "format": "raw", "type": "hosted"},
        }  # fmt: skip
    yield played
    played.nexus.stop()
