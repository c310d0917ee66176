"""Docker, its Swarm and the nodes that may run Nexus."""

import json

import pytest
from doctor_fakes import MEMBERS, answers, docker_info, manager, member, node

from moorage.checks import doctor_docker, doctor_node
from moorage.checks.doctor_docker import Docker
from moorage.checks.doctor_ingress import services
from moorage.transport.base import Section


@pytest.mark.parametrize(
    ("version", "level"),
    [("20.10.24+dfsg1", "ok"), ("29.0.1", "ok"), ("19.03.15", "failure"), ("1.13.1", "failure")],
)
def test_old_docker_is_a_failure(version, level):
    seen = answers(node(docker=docker_info(ServerVersion=version)))
    assert doctor_docker.engine("swarm2", seen).level == level


@pytest.mark.parametrize(
    ("said", "words", "hint"),
    [
        (("sh: 4: docker: not found", 127), "docker: not found", "install"),
        (
            ('{"ID":"","ServerVersion":"","ServerErrors":["Cannot connect to the Docker daemon"]}',
             0),
            "Cannot connect", "install",
        ),
        (
            ('{"ServerErrors":["permission denied while trying to connect"]}\nerrors pretty', 1),
            "permission denied", "group docker",
        ),
        (("", 124), "within 20 s", "systemctl status docker"),
    ],
)  # fmt: skip
def test_a_docker_that_does_not_answer_says_why(said, words, hint):
    seen = answers(node(docker=said))
    finding = doctor_docker.engine("swarm2", seen)
    assert doctor_docker.docker(seen) is None
    assert finding.level == "failure"
    assert words in finding.message
    assert hint in finding.hint


def test_a_warning_before_the_json_does_no_harm():
    said = f"WARNING[0000] configuration is odd\n{docker_info()}"
    assert doctor_docker.docker(answers(node(docker=said))).node == "id-swarm1"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("inactive", "in no Swarm"),
        ("locked", "is locked"),
        ("pending", "has not joined"),
        ("error", "has failed"),
    ],
)
def test_each_way_to_be_out_of_the_swarm_has_its_own_words(state, words):
    seen = doctor_docker.docker(answers(node(docker=docker_info(state=state))))
    finding = doctor_docker.membership("swarm2", seen)
    assert finding.level == "failure"
    assert words in finding.message


def _manager(parts, names=None):
    seen = answers(parts)
    docker = doctor_docker.docker(seen)
    return doctor_docker.manager("swarm2", docker, seen, names or {})


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ({}, "10.0.0.11"),
        ({"10.0.0.11": "swarm1"}, "swarm1"),
        ({"id-swarm1": "swarm1", "10.0.0.11": "nat"}, "swarm1"),
    ],
)
def test_a_worker_among_the_managers_is_told_who_is_one(names, told):
    finding = _manager(manager(docker=docker_info("id-swarm2", manager=False)), names)
    assert finding.message == f"swarm2 is a worker; the manager is {told}"
    assert finding.level == "failure"


def test_several_managers_are_all_named():
    peers = [{"NodeID": f"id{n}", "Addr": f"[fd00::{n}]:2377"} for n in (1, 3)]
    info = docker_info("id-swarm2", manager=False, swarm={"RemoteManagers": peers})
    assert _manager(manager(docker=info)).message.endswith("managers are fd00::1, fd00::3")


def test_a_swarm_without_a_leader_is_told_apart():
    said = "Error response from daemon: rpc error: code = Unknown desc = The swarm does not have "
    finding = _manager(manager(nodes=(said + "a leader. It's possible that too few managers", 1)))
    assert finding.level == "failure"
    assert "no leader" in finding.message
    assert "no leader" not in _manager(manager(nodes=("Error: context deadline", 1))).message


def _readiness(members, *, eligible=True):
    seen = doctor_docker.docker(answers(node()))
    listed = doctor_docker.members(answers(manager(nodes=json.dumps(members))))
    (finding,) = doctor_docker.readiness("swarm2", seen, listed, "swarm1", eligible=eligible)
    return finding


def test_a_ready_node_is_found_by_its_id_not_its_name():
    assert _readiness([member("id-swarm2", "another-name")]).level == "ok"
    finding = _readiness([member("another-id", "swarm2")])
    assert (finding.level, finding.message) == ("failure", "it is in another Swarm than swarm1")


def test_a_node_that_is_down_is_a_failure():
    finding = _readiness([MEMBERS[0], member("id-swarm2", "swarm2", state="down")])
    assert finding.level == "failure"
    assert "down" in finding.message


@pytest.mark.parametrize(("eligible", "level"), [(True, "failure"), (False, "warning")])
def test_a_drained_node_matters_most_where_nexus_is_to_run(eligible, level):
    drained = [member("id-swarm2", "swarm2", availability="drain")]
    assert _readiness(drained, eligible=eligible).level == level


def test_a_node_without_nfs_client_is_told_what_to_install(site):
    said = Section(1, "modprobe: FATAL: Module nfsv4 not found in directory /lib/modules/6.1.0")
    finding = doctor_node.client("w2", site(), said)
    assert finding.level == "failure"
    assert finding.message == "the kernel has no NFSv4 client"
    assert "nfs-common" in finding.hint
    assert "linux-modules-extra" in finding.hint


def test_the_client_asked_for_is_that_of_the_mount_options(site):
    old = site(storage={"volume": {"options": ["nfsvers=3", "hard"]}})
    assert "NFSv3" in doctor_node.client("w2", old, Section(0, "")).message
    assert doctor_node.client("w2", site(), Section(99, "")).level == "warning"


@pytest.mark.parametrize(
    ("section", "runs", "level", "words"),
    [
        (Section(0, ""), True, "ok", "answers"),
        (Section(1, "[Errno 111] Connection refused"), True, "failure", "refuses"),
        (Section(1, "timed out"), True, "failure", "timed out"),
        (Section(124, ""), None, "failure", "does not answer"),
        (Section(1, "[Errno 111] Connection refused"), False, "warning", "does not run yet"),
        (Section(99, ""), True, "warning", "not known"),
    ],
)
def test_the_way_to_the_nfs_server(site, section, runs, level, words):
    finding = doctor_node.way_to_server("w2", site(), section, server_runs=runs)
    assert finding.level == level
    assert words in finding.message
    assert "10.0.0.10:2049" in finding.message


@pytest.mark.parametrize(
    ("gibibytes", "level"), [(16, "ok"), (5.5, "warning"), (4, "failure")]
)  # fmt: skip
def test_memory_is_held_against_what_nexus_may_use(site, gibibytes, level):
    seen = Docker("29.0.1", int(gibibytes * 1024**3), "active", "id", manages=False)
    (finding,) = doctor_node.memory("w2", site(), seen)
    assert finding.level == level


def test_services_are_not_known_where_the_list_failed():
    assert services(answers({**manager(), "services": ("no leader", 1)})) is None
    assert services(answers(manager())) == {"edge_traefik"}


@pytest.mark.parametrize(
    ("section", "level"),
    [(Section(0, ""), "ok"), (Section(1, "refused"), "failure"), (Section(99, ""), "warning")],
)
def test_the_ingress_port(section, level):
    assert doctor_node.ingress_port("swarm1", "10.0.0.11:443", section).level == level
