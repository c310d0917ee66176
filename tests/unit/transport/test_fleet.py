"""All hosts of a site: how each is reached, and what several at once come to."""

from __future__ import annotations

import threading

import pytest

from moorage.config.validate import site_from
from moorage.errors import Refused, Unreachable
from moorage.transport.aliases import inventory_names
from moorage.transport.fleet import Fleet, all_or_first_failure
from moorage.transport.ssh import SshHost

SITE = """\
schema: 1
hosts:
  nfs:
    nas: {address: 10.0.0.10, user: storage, key: keys/nas, sudo: false}
  managers:
    swarm1: {address: 10.0.0.11}
  nodes:
    edge: {address: 10.0.1.12, jump: swarm1, port: 2222}
ssh: {user: ops, key: keys/ops, port: 22022, known_hosts: [known], connect_timeout: 7s}
nexus: {version: 3.94.0, domain: nexus.example.com}
registry: {domain: registry.example.com}
storage: {export: /srv/nexus}
ingress: {version: "3.7"}
"""


@pytest.fixture
def site(tmp_path):
    return site_from(tmp_path / "site.yml", SITE.encode())


@pytest.fixture
def fleet(site):
    with Fleet(site, connect_kwargs={"look_for_keys": False}) as fleet:
        yield fleet


def test_a_hosts_own_settings_come_before_the_sites(fleet, tmp_path):
    nas, edge = fleet.target("nas"), fleet.target("edge")

    assert (nas.user, nas.port, nas.sudo) == ("storage", 22022, False)
    assert nas.key == str(tmp_path / "keys/nas")
    assert (edge.user, edge.port, edge.sudo) == ("ops", 2222, True)
    assert edge.key == str(tmp_path / "keys/ops")
    assert edge.connect_timeout == 7
    assert edge.known_hosts == (tmp_path / "known",)
    assert edge.connect_kwargs == {"look_for_keys": False}


def test_a_jump_host_by_its_inventory_name_becomes_its_address(fleet):
    assert fleet.target("edge").jump == "ops@10.0.0.11:22022"


def test_a_host_is_made_once(fleet):
    assert fleet.host("nas") is fleet.host("nas")


def test_several_hosts_are_worked_on_at_the_same_time(fleet):
    together = threading.Barrier(3, timeout=10)

    def work(host):
        together.wait()
        return host.name

    assert fleet.each(["nas", "swarm1", "edge"], work) == {
        "nas": "nas", "swarm1": "swarm1", "edge": "edge",
    }  # fmt: skip


def test_one_hosts_failure_leaves_the_others_results(fleet):
    def work(host):
        if host.name == "nas":
            raise Unreachable("gone")
        return "fine"

    results = fleet.each(["nas", "swarm1"], work)

    assert results["swarm1"] == "fine"
    assert isinstance(results["nas"], Unreachable)
    assert results["nas"].host == "nas"


def test_a_fault_of_the_program_is_not_taken_for_a_hosts_failure(fleet):
    def work(_):
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        fleet.each(["nas", "swarm1"], work)


def test_no_hosts_is_no_work(fleet):
    assert fleet.each([], lambda host: host.name) == {}


def test_all_results_or_the_first_failure_with_the_others_told():
    first = Unreachable("gone", host="nas", hint="look")
    second = Refused("denied", host="swarm1")

    with pytest.raises(Unreachable) as caught:
        all_or_first_failure({"nas": first, "swarm1": second, "edge": "fine"})

    assert caught.value.lines() == [
        "error: on nas: gone", "  what to do: look", "  also failed: on swarm1: denied",
    ]  # fmt: skip
    assert all_or_first_failure({"edge": "fine"}) == {"edge": "fine"}


@pytest.mark.parametrize(
    ("ingress", "base"),
    [
        ('{version: "3.7"}', "https://nexus.example.com"),
        ('{version: "3.7", port: 8443}', "https://nexus.example.com:8443"),
        ('{version: "3.7", tls: null, entrypoints: [web], port: 80}', "http://nexus.example.com"),
    ],
)
def test_the_public_names_address_follows_the_ingress(tmp_path, ingress, base):
    text = SITE.replace('{version: "3.7"}', ingress)
    site = site_from(tmp_path / "site.yml", text.encode())

    with Fleet(site) as fleet:
        assert fleet.web("nexus.example.com").base == base


def test_an_ssh_config_that_is_not_there_is_refused_by_its_name(tmp_path):
    text = SITE.replace("connect_timeout", "config: no-such-file, connect_timeout")
    site = site_from(tmp_path / "site.yml", text.encode())

    with Fleet(site) as fleet, pytest.raises(Refused, match=r"no-such-file.*ssh\.config"):
        fleet.target("nas")


def test_without_that_file_h_takes_names_and_addresses_all_the_same(tmp_path):
    text = SITE.replace("connect_timeout", "config: no-such-file, connect_timeout")
    site = site_from(tmp_path / "site.yml", text.encode())

    assert inventory_names(site, ["10.0.0.11", "nas"]) == ["swarm1", "nas"]
    with pytest.raises(Refused, match="elsewhere is no host"):
        inventory_names(site, ["elsewhere"])


@pytest.mark.parametrize(
    ("named", "own", "way"),
    [("", "", [("swarm1", "10.0.0.11")]),
     ("swarm2", "", [("swarm2", "10.0.0.12"), ("swarm2", "10.0.0.11")]),
     ("swarm2", "address: 10.0.0.9, ", [("swarm2", "10.0.0.9")])],
)  # fmt: skip
def test_with_api_via_ssh_the_way_goes_through_the_manager_that_is_named(
    tmp_path, monkeypatch, named, own, way
):
    text = SITE.replace("  nodes:", "    swarm2: {address: 10.0.0.12}\n  nodes:")
    text = text.replace("ingress: {", f"api: via-ssh\ningress: {{{own}")
    seen = []

    def tunnel(host, address, port):
        seen.append((host.name, address))
        raise ConnectionRefusedError("closed")

    monkeypatch.setattr(SshHost, "tunnel", tunnel)
    site = site_from(tmp_path / "site.yml", text.encode())
    with Fleet(site, manager=named) as fleet, pytest.raises(Unreachable):
        fleet.web("registry.example.com", retry=False).call("GET", "/v2/")
    assert seen == way
