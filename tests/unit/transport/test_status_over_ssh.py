"""``fab status`` over a real SSH server: one exec a host, data by its schema, metrics, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest
from invoke.exceptions import Exit

from moorage import cli_status, order
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
COUNTING = """#!/bin/sh
echo "$*" >>{log}
exec /bin/sh "$@"
"""
CONTEXT = SimpleNamespace(config={})


@pytest.fixture
def execs(sshd, tmp_path):
    """How many commands the server has been asked to run."""
    log = tmp_path / "execs"
    program = sshd.programs / "sh"
    program.write_text(COUNTING.format(log=log))
    program.chmod(0o755)
    return lambda: len(log.read_text().splitlines()) if log.exists() else 0


@pytest.fixture
def inventory(sshd, target, tmp_path, monkeypatch):
    """A site whose two hosts are the same server, without Docker and without NFS."""
    monkeypatch.setattr(order, "HOME", str(tmp_path / "moorage"))
    monkeypatch.setenv("SSH_AUTH_SOCK", "")
    monkeypatch.setenv("NEXUS_ADMIN_PASSWORD", "x")
    for name in ("MOORAGE_YES", "MOORAGE_DRY_RUN", "MOORAGE_VERBOSE"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "site" / "site.yml"
    path.parent.mkdir()
    path.write_text(SITE.format(
        port=sshd.port, user=sshd.user, key=sshd.user_key, known=sshd.known_hosts,
        config=target.ssh_config, export=tmp_path / "export",
    ))  # fmt: skip
    return str(path)


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
    print("\n".join(lines))
    assert lines[-1].startswith("registry is not healthy: ")


def test_json_is_as_its_schema_says(inventory, capsys):
    code = status(inventory, as_json=True)

    said = json.loads(capsys.readouterr().out)
    schema = json.loads((ROOT / "docs/status.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(said, schema, cls=jsonschema.Draft202012Validator)
    assert said["exit_code"] == code == 1
    assert said["why"]
    assert [host["reached"] for host in said["hosts"]] == [True, True]
