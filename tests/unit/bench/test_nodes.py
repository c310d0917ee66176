"""What stands behind the rows of many nodes: the stand-ins' answers, the proof of having looked."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.converge.nodes.site import Nodes, nodes
from bench.converge.sides import PEERS
from bench.errors import BenchError
from bench.hosts.sshd import HERE, Served
from bench.hosts.stage import ROOT, Stage
from bench.side import Side
from moorage.config.inventory import load_site
from moorage.order_nodes import nodes_step

SIDE = Side("peer", [sys.executable])
ADDRESSES = ("127.0.0.2", "127.0.0.3")
LOOKS = (PEERS / "nodes.sh").read_text()


@pytest.fixture
def site(tmp_path) -> Nodes:
    """Two hosts whose files are in a folder; each has been asked once."""
    root = tmp_path / "root"
    for folder in ("srv", "etc"):
        (root / folder).mkdir(parents=True)
    served = Served(connects=2, execs=2, sftp=0)
    login = SimpleNamespace(key="key", ssh_config="config", known_hosts="known")
    made = nodes(Stage(
        tmp_path, SimpleNamespace(root=root, served=lambda: served), login, ADDRESSES, 22,
        tmp_path, "export file", tmp_path,
    ))  # fmt: skip
    (root / "srv/calls").write_text("\n".join(made.calls))
    return made


def shell(site: Nodes, address: str, text: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ, "PATH": f"{HERE / 'programs'}:{os.environ['PATH']}",
        "SRV": str(site.stage.hosts.root / "srv"),
        "SSH_CONNECTION": f"127.0.0.9 4000 {address} 22",
    }  # fmt: skip
    return subprocess.run(["sh", "-s"], input=text, env=environment, text=True,
                          capture_output=True, check=False)  # fmt: skip


def looks(site: Nodes, **changed: str) -> subprocess.CompletedProcess[str]:
    """A peer's looks that are shell, all at one host's root and at names that this machine has."""
    daemon = str(site.stage.hosts.root / "etc/docker/daemon.json")
    values = {"DAEMON": daemon, "NAMES": "localhost", **changed}
    lines = "".join(f"{name}='{value}'\n" for name, value in values.items())
    return shell(site, ADDRESSES[1], f"set -eu\n{site.asked.shell_values}{lines}{LOOKS}")


def test_a_peers_looks_are_answered_and_written_down(site):
    site.forget()

    done = looks(site)

    assert (done.returncode, done.stderr) == (0, "")
    calls = set((site.stage.hosts.root / "srv/calls").read_text().splitlines())
    named = {call for call in site.calls if ADDRESSES[1] in call and "getent" not in call}
    assert named | {f"getent at {ADDRESSES[1]}: ahosts -- localhost"} <= calls


@pytest.mark.parametrize("changed", [{"MIRROR": "https://other.example"}, {"DAEMON": "gone"}])
def test_a_peers_looks_fail_where_a_host_is_otherwise(site, changed):
    assert looks(site, **changed).returncode != 0


def test_moorage_finds_nothing_to_do_on_such_a_host(site):
    root = site.stage.hosts.root
    loaded = load_site(str(site.stage.inventory), root=ROOT, environ=os.environ)
    step = nodes_step(None, loaded, "/gone", (), undo=False)
    probe = next(iter(step.probes().values()))
    parts = {name: text.replace("/etc/docker", f"{root}/etc/docker")
             .replace("cat -- /etc/hosts", f"cat -- {root}/etc/hosts")
             for name, text in probe.parts.items()}  # fmt: skip
    # nobody asks DNS for the bench's names
    probe = replace(probe, parts=parts, variables={**probe.variables, "names": ("localhost",)})
    said = shell(site, ADDRESSES[0], probe.script().text()).stdout
    seen = step.read(dict.fromkeys(loaded.docker_hosts(), said.replace(str(root), "")), print)

    assert step.plan(seen).changes == ()


def test_a_side_that_looked_at_everything_passes_until_the_next_is_counted(site):
    site.check(SIDE)
    site.forget()

    with pytest.raises(
        BenchError, match=r"peer ended well, but never asked: docker at 127\.0\.0\.2"
    ):
        site.check(SIDE)


def test_a_side_that_left_one_host_out_is_told_of(site):
    calls = site.stage.hosts.root / "srv/calls"
    calls.write_text(calls.read_text().replace("getent at 127.0.0.3", "getent at 127.0.0.2"))

    with pytest.raises(BenchError, match=r"never asked: getent at 127\.0\.0\.3: ahosts"):
        site.check(SIDE)


def test_a_side_that_wrote_what_was_there_is_told_of(site):
    file: Path = site.stage.hosts.root / site.asked.ca_file.lstrip("/")
    copy = file.with_suffix(".new")
    copy.write_text(file.read_text())
    copy.replace(file)

    with pytest.raises(BenchError, match="peer wrote a file"):
        site.check(SIDE)


def test_moorage_itself_may_take_one_command_a_host(site):
    site.check(replace(SIDE, name="Moorage"))
    site.stage.hosts.served = lambda: Served(connects=2, execs=3, sftp=0)

    site.check(SIDE)
    with pytest.raises(BenchError, match="asked 2 machines otherwise than once each"):
        site.check(replace(SIDE, name="Moorage"))
