"""Proxies that log in: passwords that nobody can read are sent along, and never lost."""

from __future__ import annotations

import dataclasses

import pytest
from played_nexus import desired, repositories

from moorage.config.schema.proxy import Http
from moorage.config.schema.proxy_options import Ecr, NoLogin, Ntlm, Username
from moorage.config.schema.registry import Proxy
from moorage.errors import Refused

PROXY = "/repositories/docker/proxy/docker-hub"
BOT = Username(type="username", user="bot", password="env:HUB")


def proxy(**settings):
    return Proxy(type="proxy", remote="https://1.1.1.1", **settings)


def with_hub(wanted, hub, **changes):
    made = {**wanted.repositories, "docker-hub": hub}
    return dataclasses.replace(wanted, repositories=made, **changes)


@pytest.fixture(scope="module")
def wanted():
    http = Http(retries=2, timeout=30)
    return desired(repositories=repositories(**{"docker-hub": proxy(login=BOT, http=http)}))


def kept(nexus):
    """The login that the server has."""
    return nexus.nexus.store.state["repositories"]["docker-hub"]["httpClient"].get("authentication")


def test_the_password_arrives_and_is_in_no_plan(seeded):
    assert kept(seeded)["password"] == "revealed env:HUB"
    assert "revealed env:HUB" not in repr(seeded.plan_at_first)
    shown = [item.field for change in seeded.plan_at_first.changes for item in change.differences]
    assert "httpClient.authentication.username" in shown


def test_what_cannot_be_read_makes_no_difference(seeded, wanted):
    assert seeded.plan(wanted).empty


def test_a_change_of_anything_else_sends_the_password_along(seeded, wanted):
    changed = with_hub(wanted, proxy(login=BOT, content_max_age=7))

    (change,) = seeded.seed(changed).changes

    assert [item.field for item in change.differences] == ["proxy.contentMaxAge"]
    assert kept(seeded)["password"] == "revealed env:HUB"


def test_connection_settings_that_the_inventory_has_not_stay(seeded, wanted):
    seeded.seed(with_hub(wanted, proxy(login=BOT, content_max_age=7)))

    found = seeded.call("GET", PROXY)["httpClient"]["connection"]
    assert (found["retries"], found["timeout"]) == (2, 30)


def test_another_user_is_a_difference(seeded, wanted):
    other = Username(type="username", user="other", password="env:OTHER")

    (change,) = seeded.seed(with_hub(wanted, proxy(login=other))).changes

    assert [(item.field, item.before, item.after) for item in change.differences] == [
        ("httpClient.authentication.username", "bot", "other")
    ]
    assert kept(seeded)["password"] == "revealed env:OTHER"


def test_passwords_are_sent_again_when_asked_for_and_once(seeded, wanted):
    new = Username(type="username", user="bot", password="env:NEW")
    again = with_hub(wanted, proxy(login=new), resend_passwords=True)
    step = seeded.step(again)

    plan = step.plan(step.observe(lambda _: None))

    (change,) = plan.changes
    assert [(item.field, item.before, item.after) for item in change.differences] == [
        ("httpClient.authentication.password", "kept by Nexus", "sent again")
    ]
    step.carry_out(change.actions[0], lambda _: None)
    assert kept(seeded)["password"] == "revealed env:NEW"
    assert step.plan(step.observe(lambda _: None)).empty


def test_a_login_of_another_type_takes_nothing_of_the_old_one(seeded, wanted):
    ntlm = Ntlm(type="ntlm", user="svc", password="env:N", ntlm_domain="CORP", ntlm_host="h")
    seeded.seed(with_hub(wanted, proxy(login=ntlm)))
    assert kept(seeded)["ntlmDomain"] == "CORP"

    seeded.seed(with_hub(wanted, proxy(login=BOT)))

    assert "ntlmDomain" not in kept(seeded)
    assert seeded.plan(with_hub(wanted, proxy(login=BOT))).empty


def test_a_login_is_taken_away_when_the_inventory_says_so(seeded, wanted):
    none = with_hub(wanted, proxy(login=NoLogin(type="none")))

    (change,) = seeded.seed(none).changes

    assert [(item.before, item.after) for item in change.differences] == [("bot", None)]
    assert kept(seeded) is None
    assert seeded.plan(none).empty


def test_a_login_that_the_inventory_says_nothing_of_is_as_it_is(seeded, wanted):
    assert seeded.plan(with_hub(wanted, proxy())).empty


def test_a_change_that_would_erase_such_a_login_is_refused(seeded, wanted):
    with pytest.raises(Refused) as caught:
        seeded.plan(with_hub(wanted, proxy(content_max_age=7)))

    assert "a password that Nexus does not give out" in caught.value.message
    assert "registry.repositories.docker-hub.login" in caught.value.hint
    assert seeded.writes() == []


def test_so_it_is_with_amazons_keys(seeded, wanted):
    ecr = Ecr(region="eu", registry_id="123456789012", access_key_id="ID",
              secret_access_key="env:ECR")  # fmt: skip
    elastic = proxy(login=NoLogin(type="none"), ecr=ecr)
    seeded.seed(with_hub(wanted, elastic))
    assert seeded.plan(with_hub(wanted, elastic)).empty

    with pytest.raises(Refused, match="does not give out") as caught:
        seeded.plan(with_hub(wanted, proxy(content_max_age=7)))
    assert "docker-hub.ecr" in caught.value.hint

    seeded.seed(with_hub(wanted, proxy(ecr=ecr, content_max_age=7)))
    repository = seeded.nexus.store.state["repositories"]["docker-hub"]
    assert repository["dockerProxy"]["ecrAuth"]["secretAccessKey"] == "revealed env:ECR"
