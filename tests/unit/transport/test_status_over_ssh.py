"""``fab status`` over a real SSH server: one exec a host, data by its schema, what hangs."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest
from invoke.exceptions import Exit

from moorage import cli_status
from moorage.cli import Flags
from moorage.status import look

ROOT = Path(__file__).resolve().parents[3]
SITE = """\
schema: 1
hosts:
  nfs: {{nas: {{address: 127.0.0.1}}}}
  managers: {{boss: {{address: 127.0.0.1}}}}
ssh:
  {{port: {port}, user: {user}, key: {key}, known_hosts: [{known}], config: {config}, sudo: false}}
nexus: {{version: 3.94.0, domain: nexus.test}}
registry: {{domain: registry.test}}
storage: {{export: {export}, volume: {{server: 127.0.0.1}}}}
ingress: {{version: "3.7", port: 1}}
api: via-ssh
"""
CONTEXT = SimpleNamespace(config={})


@pytest.fixture
def inventory(inventory_of):
    """A site whose two hosts are the same server, without Docker and without NFS."""
    return inventory_of(SITE)


def status(inventory, **options):
    """How ``fab status`` ends."""
    try:
        cli_status.status(CONTEXT, Flags(inventory), **options)
    except Exit as end:
        return end.code
    return 0


def program(sshd, name, text):
    path = sshd.programs / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_each_host_is_asked_once_for_everything(inventory, execs, capsys):
    assert status(inventory) == 1

    assert execs() == 2
    lines = capsys.readouterr().out.splitlines()
    assert "ok       hosts          nas, boss answer" in lines
    assert lines[-1].startswith("registry is not healthy: export: NFS 127.0.0.1:2049 unreachable")
    assert [line for line in lines if line.startswith("warning  drift ")], "the plans were counted"


def test_json_is_as_its_schema_says(inventory, capsys):
    code = status(inventory, as_json=True)

    said = json.loads(capsys.readouterr().out)
    schema = json.loads((ROOT / "docs/status.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(said, schema, cls=jsonschema.Draft202012Validator)
    assert said["exit_code"] == code == 1
    assert said["why"]
    assert [host["reached"] for host in said["hosts"]] == [True, True]


def printed(capsys):
    return json.loads(capsys.readouterr().out)


def by_subject(said, subject, *levels):
    return [row["message"] for row in said["rows"]
            if row["subject"] == subject and row["level"] in levels]  # fmt: skip


@pytest.fixture
def silent(inventory):
    """The NFS host takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        path = Path(inventory)
        port = server.getsockname()[1]
        path.write_text(path.read_text().replace(
            "nas: {address: 127.0.0.1}", f"nas: {{address: 127.0.0.1, port: {port}}}"))  # fmt: skip
        yield inventory


def test_a_host_that_takes_connections_and_says_nothing_is_not_waited_for(silent, capsys):
    code = status(silent, as_json=True, within="12s")

    said = printed(capsys)
    assert code == said["exit_code"] == 4
    assert [host["reached"] for host in said["hosts"]] == [False, True]
    [message] = by_subject(said, "hosts", "failure")
    assert message.startswith("nas: no ")
    assert by_subject(said, "export", "unknown")
    assert by_subject(said, "drift", "warning")
    assert said["drift"]["changes"] is None


def test_a_docker_that_hangs_is_told_and_everything_else_is_known(inventory, sshd, capsys):
    program(sshd, "docker", "exec sleep 60")

    status(inventory, as_json=True)

    said = printed(capsys)
    assert said["swarm"]["unknown"] == "boss: Docker does not answer in time"
    assert said["export"]["free_bytes"] > 0
    assert said["backup"]["known"] is True
    assert {host["reached"] for host in said["hosts"]} == {True}


def test_what_came_before_a_host_hung_is_not_lost(inventory, sshd, capsys):
    """The plans' own looks come after status' own, and may be cut."""
    program(sshd, "ls", "exec sleep 60")

    status(inventory, as_json=True, within="14s")

    said = printed(capsys)
    [nas, _] = said["hosts"]
    assert nas["reached"] is True, json.dumps(nas)
    assert nas["reason"].startswith("it had not told everything after")
    assert said["export"]["free_bytes"] > 0
    steps = {step["step"]: step for step in said["drift"]["steps"]}
    assert steps["nfs"]["changes"] is None
    assert "cut off" in steps["nfs"]["reason"]


def test_a_secret_that_is_missing_costs_what_needs_it_alone(inventory, capsys, monkeypatch):
    monkeypatch.delenv("NEXUS_ADMIN_PASSWORD")

    assert status(inventory, as_json=True) == 1

    said = printed(capsys)
    steps = {step["step"]: step for step in said["drift"]["steps"]}
    assert steps["nfs"]["changes"] > 0
    assert "NEXUS_ADMIN_PASSWORD is not set" in steps["nexus"]["reason"]


def test_an_unknown_host_key_is_a_refusal_and_ends_with_three(inventory, sshd, tmp_path, capsys):
    empty = tmp_path / "none"
    empty.touch()
    path = Path(inventory)
    path.write_text(path.read_text().replace(str(sshd.known_hosts), str(empty)))

    assert status(inventory, as_json=True) == 3

    said = printed(capsys)
    assert {host["refused"] for host in said["hosts"]} == {True}
    assert "doctor --trust-host-keys" in said["rows"][0]["hint"]


def test_the_record_of_backups_and_a_lock_are_read_on_the_way(inventory, tmp_path, capsys):
    folder = tmp_path / "moorage/registry"
    (folder / "lock").mkdir(parents=True)
    (folder / "lock/owner").write_text(json.dumps({"who": "alice@laptop", "pid": 1, "id": "x"}))
    (folder / "lock/beat").touch()
    made = {"name": "b2", "at": "2026-01-10T03:00:00Z", "bytes": 1, "kind": "full", "where": "/b"}
    (folder / "backups.json").write_text(json.dumps({"schema": 1, "last": made, "proven": None}))

    status(inventory, as_json=True)

    said = printed(capsys)
    at = "2026-01-10T03:00:00+00:00"
    assert said["backup"] == {"known": True, "last": {**made, "at": at}, "proven": None}
    assert {lock["host"] for lock in said["locks"]} == {"nas", "boss"}
    assert said["locks"][0]["who"] == "alice@laptop"


def test_metrics_are_written_too(inventory, tmp_path, capsys):
    file = tmp_path / "moorage.prom"

    assert status(inventory, prometheus=str(file)) == 1

    assert 'moorage_healthy{stack="registry"} 0\n' in file.read_text()
    assert status(inventory, prometheus=str(tmp_path / "no/moorage.prom")) == 3
    capsys.readouterr()


def test_watching_tells_again_and_again_until_ctrl_c(inventory, capsys, monkeypatch):
    rounds = []

    def sleep(seconds):
        rounds.append(seconds)
        if len(rounds) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(cli_status.time, "sleep", sleep)
    assert status(inventory, watch=True, every="30s") == 130
    said = capsys.readouterr()
    assert rounds == [30, 30]
    assert said.out.count("registry is not healthy") == 2
    assert "interrupted" not in said.err


def test_watching_as_data_is_one_line_a_look(inventory, capsys, monkeypatch):
    def sleep(_seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_status.time, "sleep", sleep)
    assert status(inventory, watch=True, as_json=True) == 130
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["schema"] == 1


def test_a_pause_or_a_time_that_is_no_duration_is_refused(inventory, execs, capsys):
    assert status(inventory, watch=True, every="soon") == 3
    assert status(inventory, watch=True, every="") == 3
    assert status(inventory, every="1m") == 3
    assert status(inventory, prometheus="") == 3
    assert status(inventory, within="20") == 3
    assert status(inventory, within="7s") == 3
    assert execs() == 0


def test_a_look_is_over_within_its_time_by_its_own_reckoning():
    """A connection, then Docker and the rest, then what is read of it, and the program around."""
    for most in (20, 60):
        connecting = look.connect_seconds(most)
        inside = most - look._AROUND_SECONDS - look._READING_SECONDS - connecting
        assert connecting < most * look._DOCKER < most - look._AROUND_SECONDS
        assert inside > 5
    assert look.SECONDS == 20


def test_a_stack_that_docker_does_not_take_hides_nothing_else(inventory_of, capsys):
    inventory = inventory_of(f"{SITE}stack: {{{{further: {{{{ports: [a]}}}}}}}}\n")

    assert status(inventory) == 1

    lines = capsys.readouterr().out.splitlines()
    assert "ok       hosts          nas, boss answer" in lines
    (drift,) = [line for line in lines if "services.nexus of the stack file" in line]
    assert "unknown: " in drift
