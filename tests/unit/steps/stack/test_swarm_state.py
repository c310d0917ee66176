"""What ``docker info`` tells of the Swarm, and what it tells without a daemon."""

from __future__ import annotations

import pytest

from moorage.errors import Refused
from moorage.steps.stack.observe import swarm_state
from moorage.transport.base import Section


def test_a_docker_without_a_daemon_is_no_swarm_that_failed():
    """From 23 to 27 it ends with 0 and an empty state (docker/cli, system/info.go)."""
    said = 'Cannot connect to the Docker daemon\n{"NodeID":"","LocalNodeState":""}'

    with pytest.raises(Refused, match="Docker does not answer"):
        swarm_state(Section(0, said), "boss")


def test_one_that_failed_says_so():
    with pytest.raises(Refused, match=r"failed \(state: error\)"):
        swarm_state(Section(0, '{"LocalNodeState":"error"}'), "boss")
