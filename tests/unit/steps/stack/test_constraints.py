"""Which nodes a service's constraints leave."""

from __future__ import annotations

import pytest

from moorage.steps.stack.constraints import allowed
from moorage.steps.stack.observe import SwarmNode

NODE = SwarmNode("Node-One", "ready", "active", {"zone": "a", "moorage.registry": "old"}, "worker")


@pytest.mark.parametrize(
    ("constraints", "expected"),
    [
        ([], True),
        (["node.role == manager"], False),
        (["node.role != manager"], True),
        (["node.role == Worker"], True),
        (["node.hostname == node-one"], True),
        (["node.hostname != node-one"], False),
        (["node.id == id-one"], True),
        (["node.id == id-two"], False),
        (["node.labels.zone == A"], True),
        (["node.labels.zone != a"], False),
        (["node.labels.rack == 1"], False),
        (["node.labels.rack != 1"], True),
        (["node.labels.zone == a", "node.role == manager"], False),
        # not known here
        (["node.platform.arch == sparc"], True),
        (["node.ip != 10.0.0.0/8"], True),
        (["engine.labels.x == y"], True),
        # the same plan sets it
        (["node.labels.moorage.registry == nexus"], True),
        (["node.labels.moorage.registry == old"], False),
    ],
)
def test_a_node_and_constraints(constraints, expected):
    assert allowed(constraints, "id-one", NODE, ("moorage.registry", "nexus")) is expected
