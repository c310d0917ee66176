"""What the tests of a move to another node share."""

from __future__ import annotations

import pytest
from relocate_world import ADDRESS, CLOSED, OPEN, OPTIONS, PATH

from moorage.quoting import Script
from moorage.steps.relocate import RelocateDesired, Scripts
from moorage.steps.relocate.desired import Machine


@pytest.fixture
def wanted():
    return RelocateDesired(
        to="two",
        fenced=(),
        swarm={name: Machine(address, f"host-{name}") for name, address in ADDRESS.items()},
        service="registry_nexus",
        label=("moorage.registry", "nexus"),
        path=PATH,
        file="/etc/exports.d/x.exports",
        text=OPEN,
        closed=CLOSED,
        clients=(ADDRESS["two"],),
        listed=False,
        servers=("10.0.0.10",),
        volume="registry-data-1",
        options=OPTIONS,
        grace_seconds=120,
        scripts=Scripts(
            label=lambda node, _hostname, on: Script(f"label {node} {on}", ""),
            let_in=Script("let in", ""),
            prove=Script("prove", ""),
            wait=lambda *_: None,
        ),
    )
