"""``fab plan`` and the tasks on locks, over a real SSH server: execs, data, exit codes."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest
from invoke.exceptions import Exit

from moorage import cli_locks, cli_looks, cli_runs, lock_shell
from moorage.cli import Flags

ROOT = Path(__file__).resolve().parents[3]
SITE = """\
schema: 1
hosts:
  nfs: {{nas: {{address: 127.0.0.1}}}}
  managers: {{boss: {{address: 127.0.0.1}}}}
ssh:
  {{port: {port}, user: {user}, key: {key}, known_hosts: [{known}], config: {config}, sudo: false}}
nexus: {{version: 3.94.0, domain: nexus.example.com}}
registry: {{domain: registry.example.com}}
storage: {{export: {export}}}
ingress: {{version: "3.7"}}
"""
CONTEXT = SimpleNamespace(config={})


@pytest.fixture
def inventory(inventory_of):
    """A site whose two hosts are the same server."""
    return inventory_of(SITE)


def plan(inventory, **options):
    """How ``fab plan`` ends."""
    try:
        cli_looks.plan(CONTEXT, Flags(inventory), **options)
    except Exit as end:
        return end.code
    return 0


def test_a_plan_of_one_step_shows_its_changes_and_counts_them(inventory, capsys, tmp_path):
    assert plan(inventory, step="nfs") == 0

    lines = capsys.readouterr().out.splitlines()
    assert f"nfs on nas: + create directory {tmp_path}/export" in lines
    assert "      owner: absent → 200:200" in lines
    assert lines[-1].startswith("plan: ")
    assert lines[-1].endswith("; nothing was done")
    assert not (tmp_path / "export").exists()
    assert not (tmp_path / "moorage").exists()


def test_check_ends_with_two_where_anything_would_change(inventory):
    assert plan(inventory, step="nfs", check=True) == 2


def test_all_steps_ask_each_host_once(inventory, execs):
    """The NFS host for one step, the manager for five."""
    plan(inventory)

    assert execs() == 2


def test_json_is_as_its_schema_says(inventory, capsys):
    assert plan(inventory, as_json=True) != 0

    said = json.loads(capsys.readouterr().out)
    schema = json.loads((ROOT / "docs/plan.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(said, schema, cls=jsonschema.Draft202012Validator)
    states = {step["step"]: step["state"] for step in said["steps"]}
    assert list(states) == ["nfs", "nodes", "image", "stack", "nexus", "logins"]
    assert states["nfs"] == "changes"
    assert states["nexus"] in {"unknown", "failed"}


def test_a_step_that_there_is_not_is_refused_with_those_that_there_are(inventory, execs, capsys):
    assert plan(inventory, step="nfs,stock") == 3
    assert execs() == 0


def test_a_change_without_a_terminal_and_without_yes_is_refused(inventory, execs, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)

    with pytest.raises(Exit) as caught:
        cli_runs.run(CONTEXT, ["nfs"], Flags(inventory))

    assert caught.value.code == 3
    assert "--yes" in caught.value.message
    assert execs() == 1


def test_a_wait_that_is_no_duration_is_refused(inventory, execs):
    with pytest.raises(Exit) as caught:
        cli_runs.run(CONTEXT, ["nfs"], Flags(inventory, wait="soon"))

    assert caught.value.code == 3
    assert execs() == 0


def test_verbose_tells_each_command_with_its_exit_code_and_time(inventory, capsys):
    cli_looks.plan(CONTEXT, Flags(inventory, verbose=True), step="nfs")

    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("nas$ "))
    assert "(exit code 0, " in line


@pytest.fixture
def held(inventory, tmp_path):
    """The lock of both hosts, which are one here, held by somebody elsewhere."""
    lock = tmp_path / "moorage/registry/lock"
    lock.mkdir(parents=True)
    owner = {"id": "x", "who": "alice@laptop", "pid": 4211, "origin": "elsewhere",
             "since": "2026-01-02T10:02:11+00:00", "doing": "step stack"}  # fmt: skip
    (lock / "owner").write_text(json.dumps(owner))
    (lock / "id").write_text("x")
    (lock / "beat").touch()
    return lock


def test_a_lock_stops_a_run_with_six_and_its_holders_name(inventory, held):
    with pytest.raises(Exit) as caught:
        cli_runs.run(CONTEXT, ["nfs"], Flags(inventory, yes=True))

    assert caught.value.code == 6
    assert "on nas: locked by alice@laptop pid 4211 since" in caught.value.message


def test_lock_status_tells_who(inventory, held, capsys):
    cli_locks.lock_status(CONTEXT, Flags(inventory))

    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["nas", "boss"]
    assert "locked by alice@laptop" in lines[0]


def test_lock_status_tells_of_free_hosts(inventory, capsys):
    cli_locks.lock_status(CONTEXT, Flags(inventory))

    assert capsys.readouterr().out.splitlines() == ["nas: free", "boss: free"]


def test_unlock_leaves_a_live_lock_alone(inventory, held):
    with pytest.raises(Exit) as caught:
        cli_locks.unlock(CONTEXT, Flags(inventory))

    assert caught.value.code == 6
    assert "--force" in caught.value.message
    assert held.exists()


@pytest.mark.parametrize(("answer", "gone"), [("registry", True), ("yes", False)])
def test_unlock_by_force_wants_the_stacks_name(inventory, held, monkeypatch, answer, gone):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _prompt: answer)

    try:
        cli_locks.unlock(CONTEXT, Flags(inventory), force=True)
    except Exit as end:
        assert end.code == 3  # noqa: PT017
    assert held.exists() is not gone


def test_unlock_takes_a_stale_lock_away(inventory, held, capsys):
    import os

    then = time.time() - lock_shell.STALE_SECONDS - 5
    os.utime(held / "beat", (then, then))

    cli_locks.unlock(CONTEXT, Flags(inventory))

    assert not held.exists()
    assert "unlocked; it was locked by alice@laptop" in capsys.readouterr().out


def test_unlock_with_nothing_locked_says_so(inventory, capsys):
    cli_locks.unlock(CONTEXT, Flags(inventory))

    assert capsys.readouterr().out == "no host is locked\n"


def test_history_shows_what_was_done(inventory, tmp_path, capsys):
    folder = tmp_path / "moorage/registry"
    folder.mkdir(parents=True)
    entry = {"at": "2026-01-02T10:02:11Z", "who": "alice@laptop", "pid": 1, "step": "nfs",
             "host": "nas", "change": "update export /srv", "fields": ["10.0.0.2"],
             "action": "export", "ended": "2026-01-02T10:02:12Z", "result": "done"}  # fmt: skip
    (folder / "journal.jsonl").write_text(json.dumps(entry) + "\n")

    cli_locks.history(CONTEXT, Flags(inventory), lines="1")
    assert "alice@laptop  nfs on nas: update export /srv (10.0.0.2)" in capsys.readouterr().out

    cli_locks.history(CONTEXT, Flags(inventory), lines="1", as_json=True)
    assert json.loads(capsys.readouterr().out) == entry


@pytest.mark.parametrize("lines", ["0", "-1", "many"])
def test_a_number_of_lines_that_is_none_is_refused(inventory, lines):
    with pytest.raises(Exit) as caught:
        cli_locks.history(CONTEXT, Flags(inventory), lines=lines)
    assert caught.value.code == 3
