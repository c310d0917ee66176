"""Metrics in the text format of Prometheus, held by its own grammar; the file, whole or not."""

from __future__ import annotations

import os
import re

import pytest
from status_fakes import WELL, host, status

from moorage.errors import Refused
from moorage.status.model import Backups, DriftStep, RepositorySeen
from moorage.status.prometheus import metrics, write

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
SAMPLE = re.compile(rf"({NAME})\{{({LABEL}(?:,{LABEL})*)\}} (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)")


def parsed(text):
    """Samples by name and labels; fails on whatever the format does not allow.

    Source: prometheus.io/docs/instrumenting/exposition_formats, "Text format details".
    """
    assert text.endswith("\n")
    samples, done, family = {}, set(), None
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if line.startswith("# HELP "):
            family = line.split()[2]
            assert family not in done, "all lines of a family stand together"
            done.add(family)
            assert lines[at + 1] == f"# TYPE {family} gauge"
            assert re.fullmatch(NAME, family)
            continue
        if line.startswith("# TYPE "):
            continue
        found = SAMPLE.fullmatch(line)
        assert found, line
        assert found[1] == family
        key = found[1], found[2]
        assert key not in samples, "a sample comes once"
        samples[key] = float(found[3])
    return samples


def value(samples, name, *labels):
    found = [number for (metric, said), number in samples.items()
             if metric == f"moorage_{name}" and all(label in said for label in labels)]  # fmt: skip
    assert len(found) <= 1, (name, labels)
    return found[0] if found else None


def test_a_site_that_is_well():
    seen = parsed(metrics(status()))

    assert all('stack="registry"' in labels for _, labels in seen)
    assert all(name.startswith("moorage_") for name, _ in seen)
    for name, labels, number in (
        ("healthy", (), 1), ("status_exit_code", (), 0), ("status_duration_seconds", (), 2.5),
        ("status_timestamp_seconds", (), 1768046400),
        ("host_reachable", ('host="w1"', 'role="node"'), 1),
        ("export_free_bytes", ('path="/srv/nexus"',), 60 * 1024**3),
        ("export_free_inodes", (), 900), ("export_exported", (), 1),
        ("nfs_reachable", ('node="w1"',), 1), ("node_ready", ('node="w2"',), 1),
        ("service_tasks_wanted", (), 1), ("service_tasks_running", (), 1),
        ("image_as_wanted", (), 1), ("nexus_writable", (), 1),
        ("nexus_info", ('version="3.94.0"', 'edition="COMMUNITY"'), 1),
        ("repository_size_bytes", ('repository="docker-private"',), 3 * 1024**3),
        ("repository_size_bytes", ('repository="docker-all"',), None),
        ("blob_store_size_bytes", (), 4 * 1024**3),
        ("certificate_expiry_timestamp_seconds", ('name="nexus.test"',), 1773144000),
        ("backup_last_timestamp_seconds", (), 1768014000),
        ("backup_proven_timestamp_seconds", (), 1767754800),
        ("host_locked", ('host="m1"',), 0), ("drift_changes", ('step="stack"',), 0),
    ):  # fmt: skip
        assert value(seen, name, *labels) == number, name


def test_what_is_not_known_has_no_sample():
    gone = host("m1", "manager", reached=False)
    seen = parsed(metrics(status(
        hosts=(gone,), export=None, mounts=(), service=None, nexus=None, repositories=None,
        backups=Backups(), drift=(DriftStep("stack", None, "no answer"),),
    )))  # fmt: skip
    assert value(seen, "healthy") == 0
    assert value(seen, "status_exit_code") == 4
    assert value(seen, "host_reachable") == 0
    for name in ("host_locked", "drift_changes", "export_free_bytes", "nexus_writable",
                 "backup_last_timestamp_seconds", "service_tasks_running"):  # fmt: skip
        assert value(seen, name) is None, name
    assert value(seen, "findings", 'subject="hosts"', 'level="failure"') == 1


def test_what_would_end_a_label_is_escaped():
    seen = parsed(
        metrics(status(repositories=(RepositorySeen('a"b\\c\nd', "hosted", online=True),)))
    )
    assert value(seen, "repository_online", r'repository="a\"b\\c\nd"') == 1


def test_the_file_is_put_in_place_whole_and_readable_for_the_collector(tmp_path):
    place = tmp_path / "moorage.prom"
    place.write_text("old")
    write(place, "new\n")
    assert place.read_text() == "new\n"
    assert place.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["moorage.prom"]


def test_until_it_is_whole_the_former_one_stays(tmp_path, monkeypatch):
    place = tmp_path / "moorage.prom"
    place.write_text("old")

    def fails(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("pathlib.Path.replace", fails)
    with pytest.raises(Refused, match="No space left"):
        write(place, "new")
    assert place.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["moorage.prom"]


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refused, match="cannot be written"):
        write(tmp_path / "no" / "moorage.prom", "x")
    assert WELL.locks == ()
