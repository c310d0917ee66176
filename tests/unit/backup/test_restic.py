"""Generations in a restic repository, by a real sh and a real restic."""

from __future__ import annotations

import json
import os
import subprocess
import time

import pytest
from backup_scripts import files, manifest, run, seen

from moorage.errors import Refused
from moorage.steps.backup.desired import Target
from moorage.steps.backup.generations import Generation
from moorage.steps.backup.restic import Restic, with_content
from moorage.transport.base import Section, sections
from moorage.values import Secret

FIRST, SECOND = "2026-01-01T000000Z", "2026-01-02T000000Z"
PASSWORD = "it's $HOME and `id`"


@pytest.fixture
def keeping(tmp_path, home, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    target = Target("restic", "", str(tmp_path / "repo"), f"restic:{tmp_path}/repo",
                    password=Secret(PASSWORD))  # fmt: skip
    return Restic(target, "registry", str(home), os.getuid())


@pytest.fixture
def made(keeping):
    assert not seen(keeping).ready
    assert run(keeping.make()).returncode == 0
    return keeping


def snapshot(**tags):
    tags = [f"{key}={value}" for key, value in tags.items()]
    return {"id": "-".join(tags), "tags": ["moorage", "stack=registry", *tags]}


def test_a_generation_is_what_has_data_and_a_manifest(keeping):
    listed = [
        snapshot(data=FIRST), snapshot(manifest=FIRST, version="3.90.0", files="3", bytes="12",
                                       index="abc", proven="then"),
        snapshot(live=SECOND), snapshot(data="by hand"),
    ]  # fmt: skip
    text = f"blocks /dev/x 100 50 50 50% /\n{json.dumps(listed)}"

    there = keeping.read(Section(0, text), "nas")

    (one,) = there.generations
    assert (one.name, one.proven, one.manifest.version) == (FIRST, "then", "3.90.0")
    assert (one.manifest.files, one.manifest.bytes, one.manifest.index) == (3, 12, "abc")
    assert there.partial == (SECOND,)
    assert there.free == 50 * 1024


def test_a_repository_that_cannot_be_read_is_no_empty_one(keeping):
    with pytest.raises(Refused, match="connection refused"):
        keeping.read(Section(1, "Fatal: connection refused"), "nas")
    missing = Section(1, "Fatal: unable to open config\nIs there a repository at the following")
    assert not keeping.read(missing, "nas").ready


@pytest.mark.long
def test_a_generation_is_made_listed_and_fetched(made, make, export, tmp_path):
    first = make(FIRST, made)
    (export / "blobs/default/c.bytes").write_text("c" * 10)
    second = make(SECOND, made)

    assert [one.name for one in seen(made).generations] == [FIRST, SECOND]
    assert seen(made).partial == ()
    assert seen(made).free > 0
    assert (first.manifest.version, first.manifest.image) == ("3.94.0", "moorage/nexus:1")
    assert second.manifest.bytes == first.manifest.bytes + 10
    whole = with_content(second, run(made.described(second)).stdout)
    assert whole.manifest.content == manifest(SECOND).content
    into = tmp_path / "back"
    done = run(made.fetch(first, str(into)))
    assert done.returncode == 0, done.stderr
    assert files(into) == [
        "blobs/default/a.bytes", "blobs/default/b.bytes", "db/nexus.mv.db", "etc/nexus.properties",
        "keystores/node/private.ks", "with space/it's",
    ]  # fmt: skip
    assert run(made.fetch(second, str(tmp_path / "x"), without=["blobs"])).returncode == 0
    assert not (tmp_path / "x/blobs").exists()


@pytest.mark.long
def test_what_was_begun_and_not_ended_counts_for_nothing_and_is_removed(made, make, export):
    make(FIRST, made)
    assert run(made.copy(SECOND, FIRST, str(export), live=True)).returncode == 0
    assert seen(made).partial == (SECOND,)
    assert run(made.copy(SECOND, FIRST, str(export), live=False)).returncode == 0
    assert seen(made).partial == (SECOND,)

    assert run(made.discard(SECOND)).returncode == 0

    assert seen(made).partial == ()
    assert [one.name for one in seen(made).generations] == [FIRST]


@pytest.mark.long
def test_what_is_complete_is_not_discarded(made, make):
    make(FIRST, made)

    assert run(made.discard(FIRST)).returncode == 0

    assert [one.name for one in seen(made).generations] == [FIRST]


def snapshots_by(script, answers, tmp_path, monkeypatch):
    """What a script forgets, where restic has these snapshots, by tag; None for no answer."""
    programs = tmp_path / "bin"
    programs.mkdir(exist_ok=True)
    said = "\n".join(
        f"*{tag}=*) {'exit 1' if text is None else f'echo {chr(39)}{text}{chr(39)}; exit 0'} ;;"
        for tag, text in answers.items()
    )
    (programs / "restic").write_text(
        f'#!/bin/sh\ncase "$*" in *" snapshots "*) case "$*" in {said} esac; echo "[]" ;;\n'
        f'*" forget "* | *" prune"*) echo "$*" | sed "s/.*quiet //" >>{tmp_path}/forgot ;; esac\n'
    )
    (programs / "restic").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    done = run(script)
    told = tmp_path / "forgot"
    return done.returncode, told.read_text().splitlines() if told.exists() else []


def one(identity):
    return f'[{{"short_id":"{identity}"}}]'


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        # removed half way by a run that was killed: else every later backup would fail at it
        ({"manifest": one("aa")}, (0, ["--prune aa"])),
        ({"data": one("bb")}, (0, ["--prune bb"])),
        ({"manifest": one("aa"), "data": one("bb")}, (0, [])),
        # it was full, or the run killed, before there was any snapshot: what was copied takes room
        ({}, (0, ["prune"])),
        # a repository that does not answer says nothing of what is lacking
        ({"manifest": None, "data": one("bb")}, (1, [])),
        ({"manifest": one("aa"), "data": None}, (1, [])),
    ],
)
def test_half_a_generation_is_discarded_and_no_whole_one(
    keeping, tmp_path, monkeypatch, answers, expected
):
    assert snapshots_by(keeping.discard(FIRST), answers, tmp_path, monkeypatch) == expected


def test_a_generation_that_is_removed_is_none_before_its_data_go(keeping, tmp_path, monkeypatch):
    generation = Generation(FIRST, manifest(FIRST))
    answers = {"manifest": one("aa"), "data": one("bb"), "live": one("cc")}

    done = snapshots_by(keeping.remove(generation), answers, tmp_path, monkeypatch)

    assert done == (0, ["aa", "--prune bb cc"])


@pytest.mark.long
def test_one_is_removed_and_another_is_proven(made, make):
    first, second = make(FIRST, made), make(SECOND, made)

    assert run(made.prove(second, "2026-01-02T01:00:00+00:00")).returncode == 0
    assert run(made.remove(first)).returncode == 0

    (left,) = seen(made).generations
    assert (left.name, left.proven) == (SECOND, "2026-01-02T01:00:00+00:00")
    assert left.manifest.image == "moorage/nexus:1"


def test_the_password_is_in_no_argument_and_no_environment(keeping, export, tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "restic").write_text(
        f"#!/bin/sh\ncat </proc/$$/cmdline >>{tmp_path}/told\ncat </proc/$$/environ >>"
        f"{tmp_path}/told\ncat /dev/fd/3 >>{tmp_path}/given\nexit 0\n"
    )
    (programs / "restic").chmod(0o755)

    run(keeping.copy(FIRST, "", str(export), live=True),
        PATH=f"{programs}:{os.environ['PATH']}")  # fmt: skip

    assert PASSWORD in (tmp_path / "given").read_text()
    assert PASSWORD.encode() not in (tmp_path / "told").read_bytes()


@pytest.mark.long
def test_a_wrong_password_is_told_as_that(made, home, tmp_path):
    target = Target("restic", "", str(tmp_path / "repo"), "restic:repo", password=Secret("no"))
    wrong = Restic(target, "registry", str(home), os.getuid())

    output = run(wrong.probe().script()).stdout

    with pytest.raises(Refused, match="wrong password") as caught:
        wrong.read(sections(output)["target"], "nas")
    assert "backup.password" in caught.value.hint


@pytest.mark.long
def test_another_stacks_generations_are_not_ours(made, make, home, tmp_path):
    make(FIRST, made)
    target = Target("restic", "", str(tmp_path / "repo"), "x", password=Secret(PASSWORD))

    assert seen(Restic(target, "other", str(home), os.getuid())).generations == ()


def test_restic_is_ended_with_the_copy(keeping, export, home, tmp_path):
    """What is noted is restic's own process, not that of a shell around it."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "restic").write_text(
        '#!/bin/sh\ncase "$*" in *backup*) echo $$ >"$0.pid"; exec sleep 60 ;; esac\n'
    )
    (programs / "restic").chmod(0o755)
    env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    alone = subprocess.Popen(["sh", "-s"], stdin=subprocess.PIPE, text=True, env=env)
    alone.stdin.write(keeping.copy(FIRST, "", str(export), live=True).text())
    alone.stdin.close()
    pid_file = programs / "restic.pid"
    while not (home / "copying").exists() or not pid_file.exists() or not pid_file.read_text():
        time.sleep(0.05)

    assert run(keeping.discard(FIRST), PATH=env["PATH"]).returncode == 0

    assert alone.wait(30) != 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
