"""``-H`` selects hosts of the inventory; anything else stops the line before the first task."""

from __future__ import annotations

from pathlib import Path

import pytest

from moorage.choice import choose_manager
from moorage.cli import _managers
from moorage.config.validate import site_from
from moorage.errors import Refused
from moorage.transport.aliases import inventory_names


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("nas", "nas"),
        ("swarm2", "swarm2"),
        ("10.0.0.10", "nas"),
        ("10.0.0.13", "edge"),
        ("swarm2.internal", "swarm2"),
        ("store", "nas"),
        ("front", "swarm2"),
        ("root@10.0.0.11", "swarm1"),
        ("root@store", "nas"),
    ],
)
def test_a_name_an_alias_or_an_address_means_a_host(fab, given, name):
    ran = fab("-H", given, "one")

    assert ran.code == 0, ran.err
    assert ran.told[0]["hosts"] == [name]


@pytest.mark.parametrize("given", ["nowhere", "10.9.9.9", "stranger", "swarm3", "nas.example.com"])
def test_anything_else_is_refused_before_the_first_task(fab, given):
    ran = fab("-H", given, "one")

    assert ran.code == 3
    assert ran.told == []
    assert f"{given} is no host of the inventory prod" in ran.err
    assert "nas, swarm1, swarm2, edge" in ran.err


def test_a_close_name_is_suggested(fab):
    assert "did you mean edge?" in fab("-H", "egde", "one").err


def test_one_unknown_name_among_several_stops_all(fab):
    ran = fab("-H", "nas,nowhere", "one")

    assert (ran.code, ran.told) == (3, [])


def test_several_hosts_are_one_run_and_not_one_each(fab):
    ran = fab("-H", "swarm1, edge,10.0.0.11", "one")

    assert [told["hosts"] for told in ran.told] == [["swarm1", "edge"]]


def test_without_hosts_a_task_gets_none(fab):
    assert fab("one").told[0]["hosts"] == []


def test_an_inventory_of_the_flag_decides_what_a_name_means(fab, tmp_path, inventory):
    other = tmp_path / "inventories" / "other"
    other.mkdir()
    text = Path(inventory).read_text().replace("ssh: {config: ssh_config}\n", "")
    (other / "site.yml").write_text(text.replace("swarm1:", "boss:"))

    ran = fab("-H", "boss", "one", "--inventory", str(other))

    assert ran.code == 0, ran.err
    assert ran.told[0]["hosts"] == ["boss"]


def test_the_same_address_twice_means_the_first_of_them(tmp_path):
    text = """\
schema: 1
hosts:
  nfs: {nas: {address: 10.0.0.10}}
  managers: {swarm1: {address: 10.0.0.10}}
nexus: {version: 3.94.0, domain: nexus.example.com}
registry: {domain: registry.example.com}
storage: {export: /srv/nexus}
ingress: {version: "3.7"}
"""
    site = site_from(tmp_path / "site.yml", text.encode())

    assert inventory_names(site, ["10.0.0.10", "swarm1"]) == ["nas", "swarm1"]


def test_the_first_manager_is_worked_through_unless_one_is_named(site):
    assert choose_manager(site, []) == "swarm1"
    assert choose_manager(site, ["swarm2"]) == "swarm2"


@pytest.mark.parametrize(
    ("selected", "said"),
    [(["edge"], "edge is a node"), (["nas"], "nas is a nfs"), (["swarm1", "swarm2"],
                                                              "one manager is enough")],
)  # fmt: skip
def test_what_is_no_single_manager_is_refused(site, selected, said):
    with pytest.raises(Refused, match=said) as caught:
        choose_manager(site, selected)

    assert "-H swarm1" in caught.value.hint


def test_where_any_host_may_be_named_a_manager_among_them_is_worked_through(site):
    assert _managers(site, ["edge", "swarm2"], any_host=True) == ["swarm2"]
    assert _managers(site, ["edge"], any_host=True) == []
    assert _managers(site, ["nas", "edge"], any_host=False) == ["edge"]
