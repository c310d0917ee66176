"""The doctor as a whole: all hosts, each by one question, none of them able to stop the others."""

import socket

import pytest
from doctor_fakes import (
    NOW,
    FakeFleet,
    FakeHost,
    docker_info,
    found,
    frame,
    machine,
    manager,
    nfs,
    node,
)

from moorage.checks import doctor, doctor_names
from moorage.checks.doctor import examine
from moorage.checks.doctor_node import reached
from moorage.checks.doctor_probe import Answers, host_probe
from moorage.errors import CommandFailed, HostKeyRefused, Refused, Unreachable


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """This machine's clock, which the answers were given by; the names lead nowhere."""
    monkeypatch.setattr(doctor.time, "time", lambda: NOW + 0.5)
    monkeypatch.setattr(doctor_names, "resolved", lambda _: [])


@pytest.fixture
def run(site):
    def ran(names=("nas", "swarm1", "swarm2"), advice=(), **outcomes):
        wanted = site(stack={"placement": {"nodes": ["swarm2", "swarm1"], "failover": True}})
        usual = {
            "nas": nfs(),
            "swarm1": manager(kernel="", server=""),
            "swarm2": node(),
        }
        hosts = {name: FakeHost(name, outcomes.get(name, usual[name])) for name in usual}
        findings = examine(wanted, FakeFleet(wanted, hosts), names, lambda _: None, advice=advice)
        assert [hosts[name].reads for name in names] == [1] * len(names)
        assert all(one.hint for one in findings if one.level != "ok"), findings
        return findings

    return ran


def _troubles(findings):
    """What is not well, but for the public names, which lead nowhere here."""
    return [(one.level, one.host, one.subject) for one in findings
            if one.level != "ok" and one.host not in {"nexus", "registry"}]  # fmt: skip


def test_a_site_that_is_well_has_nothing_but_ok(run):
    findings = run()
    assert _troubles(findings) == []
    subjects = {(one.host, one.subject) for one in findings}
    assert {("nas", "export"), ("swarm1", "traefik"), ("swarm2", "nfs client")} <= subjects


def test_findings_come_in_the_order_of_the_inventory(run):
    hosts = [one.host for one in run(names=("swarm2", "nas", "swarm1"), advice=["a: b"])]
    assert list(dict.fromkeys(hosts)) == ["nas", "swarm1", "swarm2", "nexus", "registry", "here"]


@pytest.mark.parametrize(
    ("failure", "subject"),
    [
        (HostKeyRefused("the host key is unknown", hint="trust it"), "host key"),
        (Refused("sudo refused: sudo: a password is required", hint="ask"), "sudo"),
        (Refused("sudo did not take the password", hint="check"), "sudo"),
        (Refused("ops@10.0.0.12:22 refused the login", hint="check"), "ssh"),
        (Unreachable("no SSH connection", hint="check"), "ssh"),
        (CommandFailed("could not look", command="x", exit_code_seen=127, output="no sh"), "ssh"),
    ],
)
def test_a_broken_host_is_its_own_failure_and_the_others_go_on(run, failure, subject):
    findings = run(swarm2=failure)
    assert _troubles(findings) == [("failure", "swarm2", subject)]
    assert found(findings, "swarm1", "traefik")


def test_all_hosts_where_sudo_asks_are_told_at_once(run):
    refusal = [Refused("sudo refused: sudo: a password is required", hint="ask") for _ in range(3)]
    findings = run(nas=refusal[0], swarm1=refusal[1], swarm2=refusal[2])
    assert _troubles(findings) == [
        ("failure", name, "sudo") for name in ("nas", "swarm1", "swarm2")
    ]


def test_a_demoted_manager_is_told_who_is_one(run):
    worker = docker_info("id-swarm1", manager=False,
                         swarm={"RemoteManagers": [{"NodeID": "id-swarm2",
                                                    "Addr": "10.9.9.9:2377"}]})  # fmt: skip
    findings = run(swarm1=manager(docker=worker, kernel="", server=""))
    assert found(findings, "swarm1", "swarm") == [
        ("failure", "swarm1 is a worker; the manager is swarm2")
    ]


def test_a_node_whose_server_does_not_run_yet_is_warned_only(run):
    export = {"active": ("inactive", 3), "package": "installed"}
    findings = run(
        nas=nfs(export, port=("", 1)), swarm2=node(server=("[Errno 111] Connection refused", 1))
    )
    assert ("warning", "swarm2", "nfs server") in _troubles(findings)


def test_where_the_nfs_host_is_not_known_a_silent_server_is_a_failure(run):
    findings = run(names=("swarm2",), swarm2=node(server=("", 124)))
    assert _troubles(findings) == [("failure", "swarm2", "nfs server")]


def test_the_names_are_left_out_where_no_manager_is_looked_at(run):
    assert not [one for one in run(names=("nas",)) if one.host in {"nexus", "registry"}]


def test_clocks_apart_are_told_for_the_host_and_among_hosts(run):
    late = {"begin": f"{NOW - 30:.9f}", "end": f"{NOW - 29.9:.9f}"}
    findings = run(swarm2=node(**late))
    assert _troubles(findings) == [("warning", "swarm2", "clock"), ("warning", "here", "clock")]


def test_advice_becomes_warnings(run):
    findings = run(advice=["storage.volume.options: soft loses writes"])
    assert found(findings, "here", "inventory") == [
        ("warning", "storage.volume.options: soft loses writes")
    ]


def test_output_that_was_cut_off_is_no_crash(run):
    for parts in ({}, {"begin": "x"}, machine(docker="{")):
        findings = run(nas=parts, swarm1=parts, swarm2=parts)
        assert ("failure", "swarm1", "docker") in _troubles(findings)


def test_each_role_is_asked_its_own_questions(site):
    wanted = site()
    asked = {name: host_probe(wanted, name) for name in wanted.named_hosts()}
    parts = {name: {line.rpartition(" ")[2].rstrip('"') for line in script.body.splitlines()
                    if line.startswith('echo "--$boundary ')}
             for name, script in asked.items()}  # fmt: skip
    assert "docker" not in parts["nas"]
    assert {"traefik", "ingress"} <= parts["swarm1"]
    assert not {"traefik", "nodes"} & parts["swarm2"]
    # Nexus stays on the first node of the inventory: the manager need not mount anything
    assert "kernel" in parts["swarm2"]
    assert "kernel" not in parts["swarm1"]


def test_the_script_gives_answers_on_any_machine(site):
    """Run as it is here, where no Swarm is: frames come whole and nothing stops halfway."""
    from moorage.transport.local import LocalHost

    wanted = site(
        storage={"volume": {"server": "127.0.0.1"}}, ingress={"address": "127.0.0.1", "port": 1}
    )
    for name in wanted.named_hosts():
        said = LocalHost().run(host_probe(wanted, name))
        seen = Answers.read(said.stdout, 0, 0)
        assert {"begin", "os", "account", "disk", "end"} <= set(seen.parts)
        assert seen.part("begin").ok
        assert seen.part("end").ok


def test_a_frame_is_read_back():
    assert Answers.read(frame({"a": "x|y", "b": ("z", 3)}), 0, 0).words("a") == ["x", "y"]


def test_a_client_needs_docker_and_no_swarm(site):
    wanted = site(hosts={"clients": {"ci": {"address": "10.0.0.21"}}})
    alone = docker_info("", manager=False, state="inactive")
    host = FakeHost("ci", machine(docker=alone))

    findings = examine(wanted, FakeFleet(wanted, {"ci": host}), ["ci"], lambda _: None)

    assert _troubles(findings) == []
    subjects = {one.subject for one in findings if one.host == "ci"}
    assert "swarm" not in subjects
    assert "disk" in subjects


def test_traefik_is_looked_for_on_the_manager_itself_then_on_the_first(site):
    """The doctor looks where the work goes through."""
    from moorage.transport.local import LocalHost

    door = socket.create_server(("127.0.0.1", 0))
    wanted = site(
        hosts={"managers": {"one": {"address": "127.0.0.1"}, "two": {"address": "127.0.0.2"}}},
        ingress={"port": door.getsockname()[1]},
    )

    def outcome():
        said = LocalHost().run(host_probe(wanted, "two"))
        return reached(Answers.read(said.stdout, 0, 0).part("ingress"))

    with door:
        assert outcome() == "ok"
    assert outcome() == "refused"
    assert wanted.ingress_addresses("one") == ["127.0.0.1"]
