"""The steps nodes and logins on many machines: one exec each where nothing is to be done."""

from __future__ import annotations

import re

import pytest

from moorage.choice import asked_hosts, refuse_foreign_hosts
from moorage.config.schema.hosts import Host
from moorage.errors import Refused, Unreachable
from moorage.gather import Gatherer
from moorage.order_nodes import logins_step, nodes_step
from moorage.values import Secret

HOSTS = 100
SAID = {
    "os": "debian ", "package": "installed", "engine": "24.0.9|[]", "login": "login same reader",
    "hosts": "10.0.0.1 registry.lab nexus.lab", "names": "registry.lab\nnexus.lab",
}  # fmt: skip


def answer(script):
    """Frames as a probe's script prints them."""
    names = re.findall(r'echo "--\$boundary (\S+)"', script.body)
    parts = [f"--b {name}\n{SAID.get(name.rpartition('.')[2], '')}\n\n--b = 0\n" for name in names]
    return "\n".join(["b", "".join(parts)])


@pytest.fixture
def many(site):
    """The lab's site with a hundred machines in the Swarm and a reader to log in."""
    from moorage.config.schema.people import User

    nodes = {f"node{number}": Host(address=f"10.0.1.{number}") for number in range(HOSTS - 1)}
    reader = User(password="env:READER", roles=["docker-pull"])
    return site.model_copy(update={
        "hosts": site.hosts.model_copy(update={"nodes": nodes}),
        "nodes": site.nodes.model_copy(update={"login": "reader", "registry_ca": False}),
        "nexus": site.nexus.model_copy(update={"users": {"reader": reader}}),
    })  # fmt: skip


def test_a_hundred_machines_are_asked_once_each(many, played_host, played_fleet):
    fleet = played_fleet(*(played_host(name, answer) for name in many.docker_hosts()))
    for host in fleet.hosts.values():
        host.open = lambda: None
    home = "/var/lib/moorage/registry"
    steps = [
        nodes_step(fleet, many, home, (), undo=False),
        logins_step(fleet, many, home, (), lambda _reference: Secret("x"), undo=False),
    ]

    said = []
    gatherer = Gatherer(fleet, home, list(many.named_hosts()), lambda _step: said.append)
    gathered = gatherer.look(steps)
    plans = [step.plan(gathered.observed[step.name]) for step in steps]

    assert [plan.changes for plan in plans] == [(), ()]
    assert said == [f"reading {HOSTS} hosts"] * 2
    assert f"on {HOSTS} hosts" in plans[1].notes[0]
    assert [len(host.asked) for host in fleet.hosts.values()] == [1] * HOSTS


def test_a_machine_that_lets_nobody_in_is_tried_once_and_not_asked(many, played_host, played_fleet):
    fleet = played_fleet(*(played_host(name, answer) for name in many.docker_hosts()))
    tried = []

    def closed():
        tried.append("node7")
        raise Unreachable("no way in", host="node7")

    for name, host in fleet.hosts.items():
        host.open = closed if name == "node7" else lambda: None
    step = nodes_step(fleet, many, "/var/lib/moorage/registry", (), undo=False)

    gathered = Gatherer(fleet, "/home", (), lambda _step: lambda _: None).look([step])

    assert tried == ["node7"]
    assert fleet.hosts["node7"].asked == []
    assert step.plan(gathered.observed["nodes"]).notes == ("node7 was left out: no way in",)


def test_connections_are_begun_to_the_machines_that_will_be_asked(many):
    assert asked_hosts(many, ["nodes", "logins"], "manager") == list(many.docker_hosts())
    assert asked_hosts(many, ["nodes", "logins"], "manager", ["node7"]) == ["node7"]
    assert asked_hosts(many, ["logins", "nfs"], "manager") == ["nfs", *many.docker_hosts()]


def test_h_leaves_the_others_alone(many):
    step = nodes_step(None, many, "/var/lib/moorage/registry", ["node7"], undo=False)

    assert list(step.probes()) == ["node7"]


def test_h_takes_machines_with_docker_and_no_others(many):
    refuse_foreign_hosts(many, ["nodes", "logins"], ["node7", "manager"])

    with pytest.raises(Refused, match="nfs is no machine with Docker"):
        refuse_foreign_hosts(many, ["nodes", "logins"], ["node7", "nfs"])
