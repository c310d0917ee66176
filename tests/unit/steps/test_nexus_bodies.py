"""Bodies of requests: spelt as each version wants them, merged without loss, in order."""

from __future__ import annotations

import pytest

from moorage.config.schema.registry import Group, Hosted, Proxy
from moorage.steps.nexus.repositories import body, compared, flat, merged, ordered

NEWEST = (3, 94, 0)


def test_a_group_comes_after_its_members_however_deep():
    chain = {
        "top": Group(type="group", members=["middle", "leaf"]),
        "middle": Group(type="group", members=["leaf"]),
        "leaf": Hosted(type="hosted"),
    }

    assert ordered(chain) == ["leaf", "middle", "top"]


@pytest.mark.parametrize(
    ("version", "policy"), [((3, 86, 9), "allow_once"), ((3, 87, 0), "ALLOW_ONCE")]
)
def test_the_write_policy_is_spelt_as_the_version_wants_it(version, policy):
    made = body("x", Hosted(type="hosted", write_policy="allow_once"), version)

    assert made["storage"]["writePolicy"] == policy


def test_the_write_policy_is_compared_in_any_case():
    wanted = body("x", Hosted(type="hosted"), NEWEST)
    seen = body("x", Hosted(type="hosted"), (3, 70, 0))

    assert compared(wanted, seen) == ()


@pytest.mark.parametrize(
    ("version", "key"), [((3, 84, 0), "routingRule"), ((3, 94, 0), "routingRuleName")]
)
def test_a_routing_rule_is_sent_back_by_the_name_that_the_version_takes(version, key):
    remote = Proxy(type="proxy", remote="https://1.1.1.1")
    wanted = body("x", remote, version)
    seen = {**wanted, "routingRuleName": "no-latest", "format": "docker", "url": "u",
            "type": "proxy"}  # fmt: skip

    whole = merged(wanted, seen, version)

    assert whole[key] == "no-latest"
    assert not {"format", "url", "type"} & set(whole)


def test_nulls_of_an_answer_are_not_sent_back():
    wanted = body("x", Hosted(type="hosted"), NEWEST)
    seen = {**wanted, "cleanup": None, "docker": {**wanted["docker"], "subdomain": None}}

    whole = merged(wanted, seen, NEWEST)

    assert "cleanup" not in whole
    assert "subdomain" not in whole["docker"]


def test_what_was_seen_is_not_changed_by_merging():
    seen = {**body("x", Hosted(type="hosted", port=9000), NEWEST), "cleanup": {"policyNames": []}}
    before = repr(seen)

    merged(body("x", Hosted(type="hosted"), NEWEST), seen, NEWEST)

    assert repr(seen) == before


def test_a_switched_off_negative_cache_is_one_of_no_minutes():
    made = flat(body("x", Proxy(type="proxy", remote="https://1.1.1.1", negative_cache=0), NEWEST))

    assert made["negativeCache.enabled"] is False
    assert made["negativeCache.timeToLive"] == 0
