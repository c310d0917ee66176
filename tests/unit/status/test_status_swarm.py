"""What a manager tells of the Swarm, as recorded and with one thing otherwise."""

from __future__ import annotations

import json

import pytest
from status_fakes import frame, listed, swarm

from moorage.status import swarm as seen
from moorage.transport.base import sections

TASKS = "docker/20.10/tasks.txt"


def parts(**said):
    return sections(frame(said))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "Docker does not answer in time"),
        ({"swarm": ("", 124)}, "Docker does not answer: no answer in time"),
        ({"swarm": ("Cannot connect\nto the daemon", 1)}, "Docker does not answer: to the daemon"),
        ({"swarm": swarm(LocalNodeState="locked")}, "in no working Swarm (state: locked)"),
        ({"swarm": swarm(ControlAvailable=False, RemoteManagers=[{"Addr": "10.0.0.7:2377"}])},
         "a worker, no manager; managers are 10.0.0.7"),
        ({"swarm": swarm()}, "the Swarm does not answer in time"),
        ({"swarm": swarm(), "nodes": ("no leader", 1)}, "the Swarm does not answer: no leader"),
        ({"swarm": swarm(), "nodes": ("", 1)}, "the Swarm does not answer: exit code 1"),
        ({"swarm": swarm(), "nodes": "[]"}, ""),
    ],
)  # fmt: skip
def test_why_a_manager_tells_nothing(said, why):
    assert seen.trouble(parts(**said)) == why


def test_nodes_have_their_inventory_names_and_the_order_of_the_inventory(site):
    said = json.dumps([
        listed("3", "stranger"),
        listed("2", "w1", state="down", Message="heartbeat failure for node"),
        {**listed("1", "swarm-one", role="manager"), "ManagerStatus": {"Leader": True}},
        listed("4", "other-name", Addr="10.0.0.13", availability="drain"),
    ])  # fmt: skip
    found = seen.nodes(parts(nodes=said), site)

    assert [(node.name, node.role, node.state, node.availability, node.eligible)
            for node in found] == [
        ("m1", "manager", "ready", "active", False),
        ("w1", "worker", "down", "active", True),
        ("w2", "worker", "ready", "drain", False),
        ("stranger", "worker", "ready", "active", False),
    ]  # fmt: skip
    assert found[1].message == "heartbeat failure for node"
    assert found[2].hostname == "other-name"


def test_a_manager_that_the_others_do_not_reach_says_so(site):
    item = {**listed("1", "swarm-one"), "ManagerStatus": {"Reachability": "unreachable"}}
    [node] = seen.nodes(parts(nodes=json.dumps([item])), site)
    assert node.message == "the other managers do not reach it"


def test_no_nodes_where_the_part_failed(site):
    assert seen.nodes(parts(nodes=("boom", 1)), site) == seen.nodes({}, site) == ()


def test_the_recorded_service_and_its_task(site, recorded):
    nodes = seen.nodes(parts(nodes=json.dumps([listed("2", "w1"), listed("9", "worker")])), site)
    service, tasks = seen.service(recorded(TASKS), site, nodes)

    assert (service.name, service.there, service.wanted, service.running) == (
        "registry_nexus", True, 1, 1,
    )  # fmt: skip
    assert service.image.startswith("moorage/nexus:3.94.0-")
    [task] = tasks
    assert (task.node, task.state, task.wanted, task.since) == (
        "worker", "running", "running", "31 seconds ago",
    )  # fmt: skip
    assert task.image == service.image


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ({"service": ("[]\nError: no such service: registry_nexus", 1), "tasks": ("", 1)}, False),
        ({"service": ("", 124), "tasks": ("", 124)}, None),
        ({"service": ("no leader", 1), "tasks": ("", 1)}, None),
        ({}, None),
    ],
)
def test_a_service_that_is_not_there_is_told_from_one_that_is_not_known(site, said, there):
    service, tasks = seen.service(frame(said), site, ())
    assert service.there is there
    assert tasks == ()
