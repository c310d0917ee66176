"""What a manager tells of the Swarm, as recorded and with one thing otherwise."""

from __future__ import annotations

import pytest
from status_fakes import frame, listed

from moorage.status import swarm as seen
from moorage.transport.base import sections

TASKS = "docker/20.10/tasks.txt"


def parts(**said):
    return sections(frame(said))


WORKER = (
    "Error response from daemon: This node is not a swarm manager. Worker nodes can't be used to "
    "view or modify cluster state."
)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "Docker does not answer in time"),
        ({"nodes": ("", 124)}, "Docker does not answer in time"),
        ({"nodes": ("Cannot connect\nto the daemon", 1)}, "to the daemon"),
        ({"nodes": (WORKER, 1)}, WORKER.removeprefix("Error response from daemon: ")),
        ({"nodes": ("", 1)}, "Docker ends with exit code 1"),
        ({"nodes": listed("m1")}, ""),
    ],
)
def test_why_a_manager_tells_nothing(said, why):
    assert seen.trouble(parts(**said)) == why


def test_nodes_have_their_inventory_names_and_the_order_of_the_inventory(site):
    said = "\n".join((
        "a warning of Docker's client",
        listed("stranger"),
        listed("w1", state="Down"),
        listed("swarm-one", manager="Leader"),
        listed("w2", availability="Drain"),
    ))  # fmt: skip
    found = seen.nodes(parts(nodes=said), site)

    assert [(node.name, node.role, node.state, node.availability, node.eligible)
            for node in found] == [
        ("m1", "manager", "ready", "active", False),
        ("w1", "worker", "down", "active", True),
        ("w2", "worker", "ready", "drain", False),
        ("stranger", "worker", "ready", "active", False),
    ]  # fmt: skip
    assert found[0].hostname == "swarm-one"


def test_a_manager_that_the_others_do_not_reach_says_so(site):
    [node] = seen.nodes(parts(nodes=listed("swarm-one", manager="Unreachable")), site)
    assert (node.role, node.message) == ("manager", "the other managers do not reach it")


def test_no_nodes_where_the_part_failed(site):
    assert seen.nodes(parts(nodes=("boom", 1)), site) == seen.nodes({}, site) == ()


def test_the_recorded_service_and_its_task(site, recorded):
    nodes = seen.nodes(parts(nodes=f"{listed('w1')}\n{listed('worker')}"), site)
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
