"""What stands behind the rows of a whole site: the stub's answers, the proof of having looked."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from bench.converge.whole.answers import put
from bench.converge.whole.site import _SITE, WRITABLE, Whole, asked_by_all, described
from bench.errors import BenchError
from bench.hosts.sshd import HERE
from bench.nexus.server import Asked
from bench.side import Side
from moorage.steps.image.observe import parse as parse_image
from moorage.steps.image.observe import probe as image_probe
from moorage.steps.stack.observe import manager_probe, node_probe, parse_manager, parse_node

AT = {"manager": "127.0.0.2", "worker": "127.0.0.3"}
SIDE = Side("peer", [sys.executable])


@pytest.fixture
def told(tmp_path):
    inventory = tmp_path / "site.yml"
    inventory.write_text(_SITE.format(
        nfs="127.0.0.1", manager=AT["manager"], worker=AT["worker"], port=22, key="key",
        ssh_config="config", known_hosts="known", export="/srv/nexus", web=80,
    ))  # fmt: skip
    return described(inventory)


@pytest.fixture
def shell(tmp_path, told):
    """Runs shell text as on one of the hosts."""
    put(tmp_path, {AT[name]: found for name, found in told[0].items()})

    def run(host: str, text: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ, "PATH": f"{HERE / 'programs'}:{os.environ['PATH']}",
            "SRV": str(tmp_path), "SSH_CONNECTION": f"127.0.0.9 4000 {AT[host]} 22",
        }  # fmt: skip
        return subprocess.run(["sh", "-s"], input=text, env=environment, text=True,
                              capture_output=True, check=False)  # fmt: skip

    return run


@pytest.mark.parametrize("host", ["manager", "worker"])
def test_each_look_of_a_peer_is_answered_with_what_it_should_find(host, told, shell, tmp_path):
    answers, looks = told

    for look in looks[host]:
        done = shell(host, look.shell)
        assert (done.returncode, done.stderr) == (0, ""), look.name
        assert look.says in done.stdout, look.name
    calls = (tmp_path / "calls").read_text().splitlines()
    asked = {command for command in answers[host] if asked_by_all(command)}
    assert {f"docker at {AT[host]}: {command}" for command in asked} <= set(calls)


def test_moorages_own_probes_are_answered(told, shell):
    image = next(command for command in told[0]["worker"] if "{{json .}}" in command).split()[-1]
    volume, service = told[1]["worker"][-2].says, told[1]["worker"][-1].says
    asked = ("registry", image, volume)
    manager = shell("manager", manager_probe(*asked, [service]).script().text()).stdout
    worker = shell("worker", node_probe(*asked).script().text()).stdout
    built = parse_image(shell("worker", image_probe(image).script().text()).stdout, image, "worker")
    swarm, node = parse_manager(manager, "manager"), parse_node(worker, "worker", service, volume)

    assert set(swarm.services) == {service}
    assert node.node in swarm.swarm
    assert node.uses
    assert node.runs == node.image_id
    assert node.image["moorage.dockerfile"] == built.dockerfile


def test_the_stub_knows_nothing_else_and_says_so(shell):
    done = shell("worker", "docker node ls -q")

    assert done.returncode == 1
    assert "no answer at 127.0.0.3 to: node ls -q" in done.stderr


@pytest.fixture
def site(tmp_path):
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv/calls").write_text("docker at x: info\ndocker at x: ps -q\nexportfs -s\n")
    stage = SimpleNamespace(hosts=SimpleNamespace(root=tmp_path))
    server = SimpleNamespace(asked=[Asked("GET", WRITABLE, 0.0)], forget=lambda: None)
    return Whole(stage, server, {}, frozenset({"docker at x: info", "docker at x: ps -q"}))


def test_a_side_that_looked_at_everything_passes_until_the_next_is_counted(site):
    site.check(SIDE)
    site.forget()

    with pytest.raises(BenchError, match="peer ended well, but never asked: docker at x: info"):
        site.check(SIDE)


@pytest.mark.parametrize(
    ("calls", "told"),
    [
        ("docker at x: ps -q\nexportfs -s\n", "never asked: docker at x: info"),
        ("docker at x: info\ndocker at x: ps -q\n", "or never looked"),
        ("docker at x: info\ndocker at x: ps -q\nexportfs -s\nexportfs -ra\n", "did not leave"),
    ],
)
def test_a_side_that_left_something_out_or_changed_something_is_told_of(site, calls, told):
    (site.stage.hosts.root / "srv/calls").write_text(calls)

    with pytest.raises(BenchError, match=told):
        site.check(SIDE)


def test_a_side_that_never_asked_nexus_is_told_of(site, monkeypatch):
    monkeypatch.setattr("bench.converge.whole.site._LOG_SECONDS", 0)
    site.server.asked.clear()

    with pytest.raises(BenchError, match="never asked Nexus"):
        site.check(SIDE)
