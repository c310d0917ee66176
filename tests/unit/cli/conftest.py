"""What the tests of the command line share: ``fab`` in this process, on tasks that tell."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

SITE = """\
schema: 1
hosts:
  nfs: {nas: {address: 10.0.0.10}}
  managers:
    swarm1: {address: 10.0.0.11}
    swarm2: {address: swarm2.internal}
  nodes: {edge: {address: 10.0.0.13}}
ssh: {config: ssh_config}
nexus: {version: 3.94.0, domain: nexus.example.com}
registry: {domain: registry.example.com}
storage: {export: /srv/nexus}
ingress: {version: "3.7"}
"""
SSH_CONFIG = """\
Host store
    HostName 10.0.0.10
Host front
    HostName swarm2.internal
Host stranger
    HostName 192.0.2.1
"""
FABFILE = """\
import json
from fabric import task
from moorage import cli

def _tell(c, name, **flags):
    given = cli.options(c)
    with open({log!r}, "a") as file:
        password = given.sudo_password.reveal() if given.sudo_password else None
        line = dict(task=name, hosts=given.hosts, dry=given.dry_run, debug=given.debug,
                    password=password, connect=given.connect_kwargs, **flags)
        print(json.dumps(line), file=file)

@task
def one(c, inventory=None, dry_run=False):
    _tell(c, "one", inventory=inventory, dry_run=dry_run)

@task
def two(c, inventory=None, dry_run=False):
    _tell(c, "two", inventory=inventory, dry_run=dry_run)

@task
def plain(c):
    _tell(c, "plain")
"""


@dataclass(frozen=True)
class Ran:
    """How a command line ended, and what its tasks told."""

    code: int
    out: str
    err: str
    told: list[dict]


@pytest.fixture
def inventory(tmp_path):
    """Path of an inventory with two managers and ssh-config aliases."""
    folder = tmp_path / "inventories" / "prod"
    folder.mkdir(parents=True)
    (folder / "site.yml").write_text(SITE)
    (folder / "ssh_config").write_text(SSH_CONFIG)
    return str(folder / "site.yml")


@pytest.fixture
def fab(tmp_path, capsys, monkeypatch, inventory):
    """Run ``fab`` with words of a command line."""
    from fabric.main import make_program

    log = tmp_path / "log"
    (tmp_path / "fabfile.py").write_text(FABFILE.format(log=str(log)))
    shutil.copy(ROOT / "fabric.yaml", tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv("MOORAGE_DRY_RUN", raising=False)
    monkeypatch.delenv("MOORAGE_DEBUG", raising=False)
    monkeypatch.setenv("MOORAGE_INVENTORY", inventory)

    def run(*words: str) -> Ran:
        code = 0
        log.unlink(missing_ok=True)
        try:
            make_program().run(["fab", "--search-root", str(tmp_path), *words])
        except SystemExit as end:
            code = end.code or 0
        finally:
            sys.modules.pop("fabfile", None)
        said = capsys.readouterr()
        told = log.read_text().splitlines() if log.exists() else []
        return Ran(code, said.out, said.err, [json.loads(line) for line in told])

    return run


@pytest.fixture
def site(inventory):
    from moorage.config.inventory import load_site

    return load_site(inventory, root=ROOT, environ={})
