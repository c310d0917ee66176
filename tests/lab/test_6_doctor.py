"""``fab doctor`` on the lab: nothing amiss where nothing is, and each fault named."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.lab


def test_a_finished_site_has_no_failure(lab, fab, site_up):
    before = lab.run("manager", "docker service inspect registry_nexus; docker node inspect worker")

    ran = fab("doctor")

    assert ran.code == 0, ran.text
    assert ", 0 failures" in ran.out
    assert "swarm: manager of a Swarm of 2 nodes" in ran.out
    assert before == lab.run(
        "manager", "docker service inspect registry_nexus; docker node inspect worker"
    )


def test_h_limits_it_to_a_host(lab, fab, site_up):
    ran = fab("-H", "worker", "doctor")

    assert ran.code == 0, ran.text
    assert "worker" in ran.out
    assert "ok       nfs" not in ran.out


def test_a_stopped_docker_and_a_sudo_that_asks_are_both_told(lab, fab, variant, site_up):
    config = variant(("nfs: {address: 10.77.0.10}", "nfs: {address: 10.77.0.10, user: opspw}"))
    lab.run("worker", "systemctl stop docker.socket docker.service")
    try:
        ran = fab("doctor", inventory=config)
    finally:
        lab.run("worker", "systemctl start docker.service")
        lab.wait_ready()

    assert ran.code == 1
    assert "failure  nfs" in ran.out
    assert "sudo" in ran.out
    assert "failure  worker" in ran.out
    assert ran.out.count("what to do:") >= 2
