"""``fab import`` over a real SSH server, with a Nexus that plays: one exec a host."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from invoke.exceptions import Exit

from moorage import cli_import
from moorage.cli_import_flags import ImportFlags
from moorage.config.inventory import load_site
from moorage.transport.base import sections

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/unit/steps"))
from played_nexus import PASSWORD, PlayedNexus, desired  # noqa: E402

CONTEXT = SimpleNamespace(config={})
DOCKER = r"""#!/bin/sh
cd {folder}
case "$*" in
  "info "*) cat swarm ;;
  "ps -q"*) echo c1 ;;
  "inspect --format"*) echo "registry_nexus||200" ;;
  "node ls -q") echo n1 ;;
  "node inspect"*) cat nodes ;;
  "network ls"*) cat networks ;;
  "stack ls"*) echo registry ;;
  "service ls -q --filter"*) echo s1 ;;
  "service ls --format"*) echo "t1 traefik:v3.7" ;;
  "service inspect --format {{.Spec.Name}}"*) echo "traefik_traefik|" ;;
  "service inspect --format"*) ;;
  "service inspect s1") cat services ;;
  "volume ls -q") ;;
esac
"""
COUNTING = '#!/bin/sh\necho "$*" >>{log}\nexec /bin/sh "$@"\n'


@pytest.fixture
def nexus(tmp_path):
    """A Nexus that was seeded by hand."""
    played = PlayedNexus(tmp_path / "nexus-data")
    played.seed(desired())
    yield played
    played.nexus.stop()


def written_by_hand(folder, export, nexus):
    """What Docker says of the recorded Swarm, as of this machine, for the program that plays it."""
    told = sections((ROOT / "tests/recorded/docker/20.10/manager.txt").read_text())
    text = told["services"].text.replace("/srv/nexus", str(export)).replace(
        "10.77.0.10", "127.0.0.1")  # fmt: skip
    ports = {repository["name"]: (repository.get("docker") or {}).get("httpPort") for repository in
             nexus.call("GET", "/repositorySettings")}  # fmt: skip
    text = text.replace('"8082"', f'"{ports["docker-all"]}"')
    text = text.replace('"8083"', f'"{ports["docker-private"]}"')
    node = [item for item in json.loads(told["nodes"].text) if item["Spec"]["Role"] == "manager"]
    (folder / "services").write_text(text + "\n")
    (folder / "nodes").write_text(json.dumps(node).replace("10.77.0.11", "127.0.0.1") + "\n")
    swarm = json.loads(told["swarm"].text)
    (folder / "swarm").write_text(json.dumps({**swarm, "NodeID": node[0]["ID"]}) + "\n")
    (folder / "networks").write_text(told["networks"].text + "\n")


@pytest.fixture
def export(tmp_path):
    """The data's directory."""
    folder = tmp_path / "export"
    (folder / "blobs").mkdir(parents=True)
    folder.chmod(0o750)
    os.chown(folder, os.getuid() or 200, os.getgid() or 200)
    return folder


@pytest.fixture
def site(sshd, tmp_path, monkeypatch, nexus, export):
    """A Swarm of one machine, which is the NFS host too; flags that lead to it."""
    written_by_hand(tmp_path, export, nexus)
    log = tmp_path / "execs"
    for name, body in (
        ("docker", DOCKER.replace("{folder}", str(tmp_path))),
        ("exportfs", f"#!/bin/sh\necho '{export}  *(rw,sync)'\n"),
        ("sh", COUNTING.format(log=log)),
    ):
        (sshd.programs / name).write_text(body)
        (sshd.programs / name).chmod(0o755)
    monkeypatch.setenv("SSH_AUTH_SOCK", "")
    monkeypatch.setenv("NEXUS_ADMIN_PASSWORD", PASSWORD)
    planned = []
    monkeypatch.setattr(cli_import, "plan", lambda _c, flags: planned.append(flags.inventory))
    at = f"{sshd.user}@127.0.0.1:{sshd.port}"

    def run(**changes):
        flags = {
            "nfs": at, "manager": at, "stack": "registry", "to": str(tmp_path / "prod"),
            "key": str(sshd.user_key), "known_hosts": str(sshd.known_hosts), "sudo": False,
            "port": str(nexus.port), **changes,
        }  # fmt: skip
        try:
            cli_import.take_over(CONTEXT, ImportFlags(**flags))
        except Exit as end:
            return end
        return None

    run.export, run.path, run.planned = export, tmp_path / "prod/site.yml", planned
    run.execs = lambda: len(log.read_text().splitlines()) if log.exists() else 0
    return run


def test_a_site_is_read_by_one_exec_a_host_and_written_down(site, nexus, capsys):
    before = nexus.writes()

    assert site() is None

    assert site.execs() == 2
    assert nexus.writes() == []
    assert before == []
    text = site.path.read_text()
    assert PASSWORD not in text + capsys.readouterr().out
    made = load_site(str(site.path), root=ROOT, environ={})
    assert made.api == "via-ssh"
    assert made.storage.export == str(site.export)
    assert made.ingress.port == nexus.port
    assert set(made.registry.repositories) == {"docker-private", "docker-hub", "docker-all"}
    assert made.pull_repository == "docker-all"
    assert made.nexus.version == "3.94.0"
    assert list(made.named_hosts()) == [os.uname().nodename, "manager"]
    assert made.ssh.sudo is False
    assert "env:NEXUS_ADMIN_PASSWORD" in text
    assert site.planned == [str(site.path)]


def test_a_password_that_is_wrong_or_not_there_is_told_and_nothing_is_written(site, monkeypatch):
    monkeypatch.setenv("NEXUS_ADMIN_PASSWORD", "wrong")
    wrong = site()
    monkeypatch.delenv("NEXUS_ADMIN_PASSWORD")
    missing = site()

    assert (wrong.code, missing.code) == (3, 3)
    assert "--admin-password" in wrong.message
    assert "NEXUS_ADMIN_PASSWORD" in missing.message
    assert not site.path.exists()
    assert site.planned == []


def test_a_host_key_that_is_unknown_ends_before_any_command(site, tmp_path):
    (tmp_path / "nobody").write_text("")

    end = site(known_hosts=str(tmp_path / "nobody"))

    assert end.code == 3
    assert "SHA256:" in end.message
    assert "--known-hosts" in end.message
    assert site.execs() == 0


def test_nexus_that_does_not_answer_is_told_with_every_way_tried(site):
    end = site(port="1")

    assert end.code == 4
    assert "via-ssh" in end.message
    assert not site.path.exists()


def test_where_the_line_is_to_plan_only_the_text_is_shown_and_not_written(
    site, monkeypatch, capsys
):
    monkeypatch.setenv("MOORAGE_DRY_RUN", "1")

    assert site() is None

    said = capsys.readouterr().out
    assert "schema: 1\n" in said
    assert "nothing was written" in said
    assert not site.path.exists()
    assert site.planned == []
