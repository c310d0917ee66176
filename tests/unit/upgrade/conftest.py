"""A Swarm of shells, for the steps of an upgrade and of the rollback."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "backup"))


@pytest.fixture
def out():
    import io

    return io.StringIO()


@pytest.fixture
def swarm(tmp_path, monkeypatch, out):
    from played_swarm import PlayedSwarm

    from moorage.report.text import Report

    export = tmp_path / "nexus"
    (export / "db").mkdir(parents=True)
    (export / "db/nexus.mv.db").write_text("x")
    played = PlayedSwarm(tmp_path, monkeypatch, Report(out, live=False), export)
    docker = played.programs / "docker"
    told = "*ContainerSpec.Image*) echo moorage/nexus:1@sha256:a ;;"
    former = "*--format*) cat $here/replicas ;;"
    docker.write_text(docker.read_text().replace(former, f"{told}\n      {former}"))
    yield played
    played.end_guards()
