"""Bodies of requests: spelt as each version wants them, merged without loss, in order."""

from __future__ import annotations

import pytest
from played_nexus import made

from moorage.config.schema.registry import Group, Hosted, Proxy
from moorage.errors import Refused
from moorage.steps.nexus.fields import compared, flat, merged
from moorage.steps.nexus.repositories import ANSWERS, spelt, wanted_body
from moorage.steps.nexus.repository_plan import in_waves
from moorage.values import Secret

NEWEST = (3, 94, 0)


def hosted(**settings):
    return Hosted(type="hosted", **settings)


def wanted(name, repository):
    return wanted_body(name, repository, Secret)


def test_a_group_comes_after_its_members_however_deep():
    chain = {
        "top": Group(type="group", members=["middle", "leaf"]),
        "middle": Group(type="group", members=["leaf"]),
        "leaf": hosted(),
        "other": hosted(),
    }

    assert list(in_waves(chain, {})) == [["leaf", "other"], ["middle"], ["top"]]


def test_a_group_waits_for_no_member_that_is_there():
    pair = {"top": Group(type="group", members=["leaf"]), "leaf": hosted()}

    assert list(in_waves(pair, {"leaf": {"docker": {}}})) == [["top", "leaf"]]


def test_who_takes_a_port_comes_after_who_gives_it_up():
    moved = {"takes": hosted(port=1), "gives": hosted(port=2)}
    seen = {"gives": {"docker": {"httpPort": 1}}}

    assert list(in_waves(moved, seen)) == [["gives"], ["takes"]]


def test_an_exchange_of_ports_is_refused():
    moved = {"a": hosted(port=1), "b": hosted(port=2)}
    seen = {"a": {"docker": {"httpPort": 2}}, "b": {"docker": {"httpPort": 1}}}

    with pytest.raises(Refused, match="would exchange ports"):
        list(in_waves(moved, seen))


@pytest.mark.parametrize(
    ("version", "policy"), [((3, 86, 9), "allow_once"), ((3, 87, 0), "ALLOW_ONCE")]
)
def test_the_write_policy_is_spelt_as_the_version_wants_it(version, policy):
    assert made("x", hosted(write_policy="allow_once"), version)["storage"]["writePolicy"] == policy


def test_the_write_policy_is_compared_in_any_case():
    seen = made("x", hosted(), (3, 70, 0))

    assert seen["storage"]["writePolicy"] == "allow"
    assert compared(wanted("x", hosted()), seen) == ()


@pytest.mark.parametrize(
    ("version", "key"), [((3, 84, 0), "routingRule"), ((3, 94, 0), "routingRuleName")]
)
def test_a_routing_rule_is_sent_back_by_the_name_that_the_version_takes(version, key):
    remote = Proxy(type="proxy", remote="https://1.1.1.1")
    seen = {**made("x", remote, version), "routingRuleName": "no-latest", "format": "docker",
            "url": "u", "type": "proxy"}  # fmt: skip

    whole = spelt(merged(wanted("x", remote), seen, answers=ANSWERS), version)

    assert whole[key] == "no-latest"
    assert len({"routingRule", "routingRuleName"} & set(whole)) == 1
    assert not {"format", "url", "type"} & set(whole)


def test_a_proxys_write_policy_in_an_answer_is_not_sent_back():
    remote = Proxy(type="proxy", remote="https://1.1.1.1")
    seen = made("x", remote)
    seen["storage"]["writePolicy"] = "ALLOW"

    assert "writePolicy" not in spelt(merged(wanted("x", remote), seen), NEWEST)["storage"]


def test_nulls_of_an_answer_are_not_sent_back():
    seen = {**made("x", hosted()), "cleanup": None}
    seen["docker"]["subdomain"] = None

    whole = merged(wanted("x", hosted()), seen)

    assert "cleanup" not in whole
    assert "subdomain" not in whole["docker"]


def test_what_was_seen_is_not_changed_by_merging():
    seen = {**made("x", hosted(port=9000)), "cleanup": {"policyNames": []}}
    before = repr(seen)

    merged(wanted("x", hosted()), seen)

    assert repr(seen) == before


def test_a_switched_off_negative_cache_is_one_of_no_minutes():
    off = flat(made("x", Proxy(type="proxy", remote="https://1.1.1.1", negative_cache=0)))

    assert off["negativeCache.enabled"] is False
    assert off["negativeCache.timeToLive"] == 0


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [(None, False, True), (False, None, True), ([], None, True), (None, True, False),
     (1, True, False), (0, False, False), ("8083", 8083, False), (8083, 8083, True),
     ("A", "a", False)],
)  # fmt: skip
def test_what_was_never_set_is_the_same_in_all_its_forms_and_nothing_else_is(before, after, same):
    assert (compared({"x": after}, {"x": before}) == ()) is same


def test_sets_have_no_order_and_lists_have():
    assert compared({"x": ["a", "b"]}, {"x": ["b", "a"]}, sets=("x",)) == ()
    assert compared({"x": ["a", "b"]}, {"x": ["b", "a"]}) != ()


def test_a_secret_never_differs_and_is_never_shown():
    assert compared({"a": {"password": Secret("x")}}, {"a": {"password": None}}) == ()


@pytest.mark.parametrize(
    ("remote", "address", "index"),
    [("docker-hub", "https://registry-1.docker.io", "HUB"), ("ghcr", "https://ghcr.io", "REGISTRY"),
     ("quay", "https://quay.io", "REGISTRY"), ("mcr", "https://mcr.microsoft.com", "REGISTRY"),
     ("registry-k8s", "https://registry.k8s.io", "REGISTRY"), ("gcr", "https://gcr.io", "REGISTRY"),
     ("ecr-public", "https://public.ecr.aws", "REGISTRY"),
     ("https://registry-1.docker.io/", "https://registry-1.docker.io/", "HUB"),
     ("https://1.1.1.1", "https://1.1.1.1", "REGISTRY")],
)  # fmt: skip
def test_registries_known_by_name(remote, address, index):
    body = made("x", Proxy(type="proxy", remote=remote))

    assert body["proxy"]["remoteUrl"] == address
    assert body["dockerProxy"]["indexType"] == index
