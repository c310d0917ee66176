"""Two operators through two managers of one Swarm, and what one of them has begun."""

from __future__ import annotations

import pytest
from witness import until

pytestmark = [pytest.mark.lab, pytest.mark.long]

_HOME = "/var/lib/moorage/registry"
_DRIFT = "docker service update --detach --label-add moorage.test=by-hand registry_nexus"
_LABELS = "docker service inspect --format '{{.Spec.Labels}}' registry_nexus"


@pytest.fixture
def two(lab, site_up, variant):
    """The inventory of a Swarm whose worker is a manager too."""
    lab.run("manager", "docker node promote worker")
    until(lambda: "worker" in lab.run("worker", "docker node ls 2>&1; true"))
    yield variant((
        "    manager: {address: 10.77.0.11}\n  nodes:\n    worker: {address: 10.77.0.12}",
        "    manager: {address: 10.77.0.11}\n    worker: {address: 10.77.0.12}",
    ))  # fmt: skip
    lab.run("manager", "docker node demote worker")


def test_through_either_there_is_nothing_to_change(fab, two):
    for manager in ("manager", "worker"):
        ran = fab("-H", manager, "plan", "--check", inventory=two)
        assert ran.code == 0, ran.text


def test_who_works_through_the_other_one_is_told_who_changes_the_swarm(lab, fab, start, two):
    lab.run("manager", _DRIFT)
    first = start("-H", "manager", "deploy", inventory=two)
    until(lambda: "lock" in lab.run("worker", f"ls {_HOME}").split())

    second = fab("-H", "worker", "deploy", inventory=two)

    assert second.code == 6, second.text
    assert "locked by" in second.err
    assert first.ended() == 0, first.text
    assert "by-hand" not in lab.run("manager", _LABELS)
    for host in ("manager", "worker"):
        assert "lock" not in lab.run(host, f"ls {_HOME}").split()


def test_what_is_begun_through_one_is_gone_on_with_through_it(lab, fab, two):
    lab.run("manager", _DRIFT)
    lab.run("worker", f"echo '{{}}' >{_HOME}/upgrade.json")

    ran = fab("-H", "manager", "deploy", inventory=two)

    assert ran.code == 3, ran.text
    assert "on worker: an upgrade through this manager is not over" in ran.err
    assert "-H worker" in ran.err
    assert "by-hand" in lab.run("manager", _LABELS)
    lab.run("worker", f"rm {_HOME}/upgrade.json")
    assert fab("-H", "worker", "deploy", inventory=two).code == 0
    assert "by-hand" not in lab.run("manager", _LABELS)
