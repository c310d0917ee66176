"""What may come next on a line of ``fab`` and ``inv``: tasks, flags and values."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from moorage.choice import ORDER
from moorage.completion import table as kept
from moorage.completion.__main__ import COMMANDS
from moorage.completion.values import Known
from moorage.completion.words import candidates, split

ROOT = Path(__file__).resolve().parents[3]
MAIN = ROOT / "moorage/completion/__main__.py"
SITE = """\
hosts:
  nfs: {nas: {address: 10.0.0.10}}
  managers: {swarm1: {address: 10.0.0.11}}
  nodes: {swarm2: {address: 10.0.0.12}}
  clients: {ci1: {address: 10.0.0.21}}
nexus: {users: {jane: {}}}
"""


@pytest.fixture(scope="module")
def tables():
    return kept.asked(ROOT)


@pytest.fixture
def complete(tables, tmp_path):
    """Candidates for a line, in a project with some inventories."""
    for name in ("prod", "example"):
        folder = tmp_path / "inventories" / name
        folder.mkdir(parents=True)
        (folder / "site.yml").write_text(SITE if name == "prod" else SITE.replace("swarm", "ex"))
    (tmp_path / "docs").symlink_to(ROOT / "docs")

    def run(text, **environ):
        return candidates(tables, split(text), Known(tmp_path, environ))

    return run


def test_tasks_are_those_that_invoke_lists(complete, tables):
    listed = {name for name in tables["fab"] if name}
    assert {"deploy", "nfs-setup", "explain"} <= listed
    assert set(complete("fab ")) == listed
    assert complete("fab nfs") == ["nfs-setup"]
    assert complete("fab deploy ver") == ["verify"]
    assert complete("inv lab.st") == ["lab.status"]
    assert complete("fab no-such") == []


def test_flags_are_the_tasks_own_and_each_is_offered_once(complete):
    assert complete("fab status --w") == ["--watch", "--within"]
    assert complete("fab status --watch --w") == ["--within"]
    assert complete("fab import --no-") == ["--no-sudo"]
    assert "--node" in complete("fab import --node a --n")
    assert "--hosts" in complete("fab --")
    assert "--hosts" not in complete("fab deploy --")


def test_the_flags_of_a_task_are_forgotten_at_the_next(complete):
    assert complete("fab nfs-setup --yes deploy --y") == ["--yes"]


def test_the_value_of_a_flag_is_no_task(complete):
    assert complete("fab backup --wait ") == []
    assert "--yes" in complete("fab backup --wait deploy --")
    assert "--verify" in complete("fab backup --wait deploy --")


@pytest.mark.parametrize(
    "line,found",
    [
        ("fab deploy --inventory ", ["example", "prod"]),
        ("fab deploy --inventory p", ["prod"]),
        ("fab deploy --inventory=p", ["--inventory=prod"]),
        ("fab deploy --inventory ./p", []),
        ("inv render --inventory e", ["example"]),
        ("fab -H ", ["nas", "swarm1", "swarm2", "ci1"]),
        ("fab --hosts=sw", ["--hosts=swarm1", "--hosts=swarm2"]),
        ("fab -H nas,sw", ["nas,swarm1", "nas,swarm2"]),
        ("fab -H swarm1,sw", ["swarm1,swarm2"]),
        ("fab deploy --inventory example -H e", ["ex1", "ex2"]),
        ("fab deploy -H n", ["nas"]),
        ("fab relocate --to ", ["swarm1", "swarm2"]),
        ("fab relocate ", ["swarm1", "swarm2"]),
        ("fab relocate --to swarm2 --fenced swarm1,", ["swarm1,swarm2"]),
        ("fab data-move --source ", ["swarm1", "swarm2"]),
        ("fab shell --host c", ["ci1"]),
        ("fab rotate ", ["admin", "jane"]),
        ("fab plan --step ", list(ORDER)),
        ("fab plan --step nfs,st", ["nfs,stack"]),
        ("fab explain NotC", ["NotConverged"]),
        ("fab explain 13", ["130"]),
        ("fab explain storage.exp", ["storage.export", "storage.export_options"]),
        ("inv completion --shell ", ["bash", "zsh", "fish"]),
        ("inv completion z", ["zsh"]),
        ("fab import --ca ", []),
        ("fab -- l", []),
    ],
)
def test_values(complete, line, found):
    assert complete(line) == found


def test_the_inventory_is_chosen_as_fab_chooses_it(complete):
    assert complete("fab -H e", MOORAGE_INVENTORY="example") == ["ex1", "ex2"]
    assert complete("fab deploy --inventory prod -H s", MOORAGE_INVENTORY="example") == [
        "swarm1", "swarm2"]  # fmt: skip


@pytest.mark.parametrize("text", ["hosts: [", "", "- 1", "hosts: {nfs: 3}", "\x00"])
def test_an_inventory_in_the_making_gives_what_it_has_and_no_error(complete, tmp_path, text):
    (tmp_path / "inventories/prod/site.yml").write_text(text)
    assert complete("fab -H ") == []


@pytest.mark.parametrize(
    "text,words",
    [
        ("fab ", ["fab", ""]),
        ("fab a", ["fab", "a"]),
        ("fab --command 'a b", ["fab", "--command", "a b"]),
        ("fab 'a b' ", ["fab", "a b", ""]),
        ('fab "a', ["fab", "a"]),
    ],
)
def test_a_line_is_split_as_a_shell_does(text, words):
    assert split(text) == words


def test_what_invoke_said_is_kept_until_a_file_with_tasks_changes(tmp_path, monkeypatch, tables):
    asked = []
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(kept, "asked", lambda root: asked.append(root) or tables)
    project = tmp_path / "project"
    project.mkdir()
    (project / "tasks.py").write_text("one")

    assert kept.table(project) == tables
    assert kept.table(project) == tables
    assert len(asked) == 1
    (project / "tasks.py").write_text("another")
    assert kept.table(project) == tables
    assert len(asked) == 2
    (tmp_path / "moorage-completion.json").write_text("{")
    assert kept.table(project) == tables
    assert len(asked) == 3


def test_it_works_where_nothing_can_be_kept(monkeypatch, tables, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "no/such"))
    monkeypatch.setattr(kept, "asked", lambda _: tables)
    assert kept.table(ROOT) == tables


def run_main(*words, cwd=ROOT, **env):
    ran = subprocess.run([sys.executable, "-P", str(MAIN), *words], cwd=cwd, text=True,
                         check=True, capture_output=True, env={**os.environ, **env})  # fmt: skip
    return ran.stdout.split()


@pytest.mark.parametrize(
    "words",
    [
        ("fab", "dep"),
        ("fab", "-H", ""),
        ("fab", "plan", "--step", ""),
        ("fab", "explain", ""),
        ("inv", "render", "--inventory", ""),
    ],
)
def test_a_tab_imports_nothing_heavy(words):
    run_main("--", "fab", "")
    program = (
        "import json, sys; from moorage.completion.__main__ import main; "
        "main(['--', *json.loads(sys.argv[1])]); print(json.dumps(sorted(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-c", program, json.dumps(words)], cwd=ROOT, text=True,
        capture_output=True, check=True, env={**os.environ, "MOORAGE_INVENTORY": "lab"},
    )  # fmt: skip
    *found, modules = ran.stdout.splitlines()
    assert found != [""]
    loaded = {name.partition(".")[0] for name in json.loads(modules)}
    heavy = {"fabric", "invoke", "paramiko", "pydantic", "requests", "jinja2", "cryptography"}
    assert loaded & heavy == set()


def test_only_this_projects_programs_are_completed(tmp_path):
    (tmp_path / "run").write_text("#!/bin/sh\n")
    (tmp_path / "run").chmod(0o755)
    assert run_main("--", "fab", "dep", cwd=tmp_path) == []
    assert run_main("--", "./run", "fab", "dep", cwd=tmp_path) == []
    assert run_main("--", str(ROOT / "run"), "fab", "dep", cwd=tmp_path) == ["deploy"]
    assert run_main("--", "../run", "inv", "site-s", cwd=ROOT / "docs") == ["site-schema"]
    assert run_main("--", "invoke", "site-s", cwd=ROOT / "docs") == ["site-schema"]


def test_the_commands_of_run_are_those_that_it_knows():
    known = re.search(r"usage\(\) \{.*?\n\}", (ROOT / "run").read_text(), re.DOTALL)[0]
    listed = re.findall(r"^  (\w+) .*", known, re.MULTILINE)
    assert set(COMMANDS) == set(listed) - {"cat"}
    assert run_main("--", "./run", "de") == ["demo"]


def test_a_change_of_any_file_with_tasks_is_seen(root):
    folders = ("*.py", "fabfile/*.py", "lab/*.py", "house/*.py", "moorage/*.py")
    files = {path for folder in folders for path in root.glob(folder)}
    with_tasks = {path for path in files if "\n@task" in path.read_text(encoding="utf-8")}

    watched = {path for pattern in kept._TASK_FILES for path in root.glob(pattern)}
    assert with_tasks <= watched
