"""Nexus moved, its worker cut off or dead: never two processes with the same data."""

from __future__ import annotations

import signal

import pytest
from two_nodes import (
    ADDRESS,
    LOCKED,
    answers,
    changes,
    clear,
    containers,
    logs,
    mounts,
    never_two,
    node_of,
    sampled,
    sampling,
    swarm_state,
    writing,
    written,
)
from witness import until

pytestmark = [pytest.mark.lab, pytest.mark.long]

_FILE = "/etc/exports.d/moorage-registry.exports"
_FAILOVER = "placement: {nodes: [worker, manager], failover: true}"
_PINNED = "placement: {nodes: [worker, manager]}"


@pytest.fixture(scope="module")
def pinned(root, tmp_path_factory):
    """The lab's inventory, with Nexus kept on one of its two nodes."""
    text = (root / "inventories/lab/site.yml").read_text()
    for old, new in (("../../.lab", str(root / ".lab")), (_FAILOVER, _PINNED)):
        assert old in text
        text = text.replace(old, new)
    path = tmp_path_factory.mktemp("pinned") / "lab" / "site.yml"
    path.parent.mkdir()
    path.write_text(text)
    return path


def moved(lab, fab, pinned, to):
    if node_of(lab) != [to]:
        ran = fab("relocate", "--to", to, inventory=pinned)
        assert ran.code == 0, ran.text
    assert node_of(lab) == [to]


def on_worker(lab, to="worker"):
    """Have Swarm itself move Nexus, where it may."""
    if node_of(lab) == [to]:
        return
    (other,) = set(ADDRESS) - {to}
    lab.run("manager", f"docker node update --availability drain {other} >/dev/null")
    try:
        until(lambda: node_of(lab) == [to])
    finally:
        lab.run("manager", f"docker node update --availability active {other} >/dev/null")
    # Traefik was on the manager too
    until(lambda: answers(lab) == "200")


@pytest.mark.scenario(6, "Partitioned worker keeps running")
def test_with_failover_a_worker_that_only_the_managers_lost_keeps_the_data(lab, fab, site_up):
    on_worker(lab)
    clear(lab)
    writing(lab, "worker")
    sampling(lab)
    lab.cut("worker", "manager")
    try:
        until(lambda: swarm_state(lab, "worker") == "down")
        # Swarm has begun a second one by now, which ends as often as it is begun
        until(lambda: "already in use" in logs(lab, "manager"))
        assert containers(lab, "worker") == 1
        assert node_of(lab) != ["manager"] or answers(lab) != "200"
    finally:
        lab.mend("worker")
    until(lambda: swarm_state(lab, "worker") == "ready")
    until(lambda: containers(lab, "worker") + containers(lab, "manager") == 1
          and answers(lab) == "200", 300)  # fmt: skip
    seen = sampled(lab)

    assert never_two(seen)
    assert written(lab, LOCKED) == ["worker"]


@pytest.mark.scenario(6, "Partitioned worker keeps running")
def test_with_failover_a_worker_that_lost_everything_is_outlived_and_never_joined(
    lab, fab, site_up
):
    on_worker(lab)
    clear(lab)
    writing(lab, "worker")
    sampling(lab)
    lab.cut("worker")
    try:
        # the NFS server gives the lock away once the worker's lease is over
        until(lambda: node_of(lab) == ["manager"] and answers(lab) == "200", 400)
        writing(lab, "manager")
        until(lambda: written(lab, LOCKED)[-1:] == ["manager"])
    finally:
        lab.mend("worker")
    until(lambda: swarm_state(lab, "worker") == "ready")
    until(lambda: containers(lab, "worker") == 0)
    seen = sampled(lab)

    assert never_two(seen)
    # the worker's writer was at it until its container was ended
    assert written(lab, LOCKED) == ["worker", "manager"]
    holders = [one for one, _ in changes(seen) if one]
    assert [one for one, before in zip(holders, [None, *holders], strict=False)
            if one != before] == [{ADDRESS["worker"]}, {ADDRESS["manager"]}]  # fmt: skip


def test_a_site_that_is_pinned_keeps_nexus_where_it_runs(lab, fab, pinned, site_up):
    before = lab.run("manager", "docker service ps -q -f desired-state=running registry_nexus")

    ran = fab("up", inventory=pinned)

    assert ran.code == 0, ran.text
    where = node_of(lab)[0]
    let_in = lab.run("nfs", f"grep -o '10[.0-9]*(' {_FILE}").split()
    assert let_in == [f"{ADDRESS[where]}("]
    task = lab.run("manager", "docker service ps -q -f desired-state=running registry_nexus")
    assert task == before
    assert fab("plan", "--check", inventory=pinned).code == 0


def test_a_move_in_order_takes_the_old_node_out_before_it_lets_the_new_one_in(
    lab, fab, pinned, site_up
):
    moved(lab, fab, pinned, "worker")
    data = lab.run("nfs", "cat /srv/nexus/db/standin.json | sha256sum")
    shown = fab("relocate", "--to", "manager", "--dry-run", inventory=pinned)
    sampling(lab)

    ran = fab("relocate", "--to", "manager", inventory=pinned)
    seen = sampled(lab)

    assert shown.code == 0, shown.text
    assert shown.out.splitlines()[-1].startswith("plan: 7 changes")
    assert ran.code == 0, ran.text
    assert never_two(seen)
    let_in = [one for _, one in seen]
    order = [one for one, before in zip(let_in, [None, *let_in], strict=False) if one != before]
    assert order == [{ADDRESS["worker"]}, set(), {ADDRESS["manager"]}]
    assert (containers(lab, "worker"), mounts(lab, "worker")) == (0, 0)
    assert node_of(lab) == ["manager"]
    assert answers(lab) == "200"
    assert lab.run("nfs", "cat /srv/nexus/db/standin.json | sha256sum") == data
    plan = fab("plan", "--check", inventory=pinned)
    assert plan.code == 0, plan.text
    again = fab("relocate", "--to", "manager", inventory=pinned)
    assert (again.code, "relocate: no changes" in again.out) == (0, True), again.text


def test_a_move_that_was_killed_in_the_middle_is_carried_on(lab, fab, start, pinned, site_up):
    moved(lab, fab, pinned, "worker")
    run = start("relocate", "--to", "manager", inventory=pinned)
    run.until("take the label off node worker")
    run.process.send_signal(signal.SIGKILL)
    run.ended()
    assert lab.run("nfs", "exportfs -s") == ""

    refused = fab("up", inventory=pinned)
    assert refused.code == 3, refused.text
    assert "Nexus is being moved to manager" in refused.err
    assert "fab relocate --to manager" in refused.err
    assert lab.run("nfs", "exportfs -s") == ""

    ran = fab("relocate", "--to", "manager", inventory=pinned)
    assert ran.code == 0, ran.text
    assert node_of(lab) == ["manager"]
    assert fab("plan", "--check", inventory=pinned).code == 0


def test_a_worker_that_only_the_managers_lost_is_stopped_on_itself(lab, fab, pinned, site_up):
    moved(lab, fab, pinned, "worker")
    sampling(lab)
    lab.cut("worker", "manager")
    try:
        until(lambda: swarm_state(lab, "worker") == "down")
        # pinned: nothing is begun elsewhere
        assert containers(lab, "worker") == 1
        assert containers(lab, "manager") == 0
        ran = fab("relocate", "--to", "manager", inventory=pinned)
        assert ran.code == 0, ran.text
        assert (containers(lab, "worker"), mounts(lab, "worker")) == (0, 0)
        assert answers(lab) == "200"
    finally:
        lab.mend("worker")
    until(lambda: swarm_state(lab, "worker") == "ready")
    assert never_two(sampled(lab))
    assert containers(lab, "worker") == 0
    assert node_of(lab) == ["manager"]


def test_a_worker_that_lost_everything_and_runs_on_cannot_write_once_it_is_fenced(
    lab, fab, pinned, site_up
):
    """The operator's word is wrong, and the export holds."""
    moved(lab, fab, pinned, "worker")
    clear(lab)
    writing(lab, "worker")
    sampling(lab)
    for name in (LOCKED, "witness-unlocked"):
        until(lambda name=name: written(lab, name) == ["worker"])
    lab.cut("worker")
    try:
        refused = fab("relocate", "--to", "manager", inventory=pinned)
        assert refused.code == 3, refused.text
        assert "--fenced worker" in refused.err
        until(lambda: swarm_state(lab, "worker") == "down")
        assert containers(lab, "manager") == 0
        ran = fab("relocate", "--to", "manager", "--fenced", "worker", inventory=pinned)
        assert ran.code == 0, ran.text
        assert answers(lab) == "200"
        writing(lab, "manager")
        until(lambda: written(lab, LOCKED)[-1:] == ["manager"])
    finally:
        lab.mend("worker")
    until(lambda: swarm_state(lab, "worker") == "ready")
    until(lambda: containers(lab, "worker") == 0)

    assert never_two(sampled(lab))
    for name in (LOCKED, "witness-unlocked"):
        assert written(lab, name) == ["worker", "manager"]
    assert ADDRESS["worker"] not in lab.run("nfs", "exportfs -s")


@pytest.mark.scenario(5, "Worker killed")
def test_a_dead_worker_is_fenced_by_the_operators_word_alone(lab, fab, pinned, site_up):
    moved(lab, fab, pinned, "worker")
    plain = fab("relocate", "--to", "manager", "--fenced", "worker", inventory=pinned)
    assert plain.code == 3
    assert "worker answers, so it is not switched off" in plain.err
    sampling(lab)
    lab.kill("worker")
    try:
        until(lambda: swarm_state(lab, "worker") == "down")
        told = fab("plan", "--step", "stack", inventory=pinned)
        assert told.code == 4
        assert "fab relocate --to manager --fenced worker" in told.err
        refused = fab("relocate", "--to", "manager", inventory=pinned)
        assert refused.code == 3
        assert ADDRESS["worker"] in lab.run("nfs", "exportfs -s")

        ran = fab("relocate", "--to", "manager", "--fenced", "worker", inventory=pinned)

        assert ran.code == 0, ran.text
        assert answers(lab) == "200"
        assert node_of(lab) == ["manager"]
        left = lab.run("nfs", "grep -l 'address: \"10.77.0.12' /proc/fs/nfsd/clients/*/info; true")
        assert left == ""
    finally:
        lab.boot("worker")
        lab.wait_ready()
    assert never_two(sampled(lab))
    until(lambda: swarm_state(lab, "worker") == "ready")
    assert containers(lab, "worker") == 0
    assert fab("plan", "--check", inventory=pinned).code == 0
