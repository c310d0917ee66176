"""Which steps a site has, and what the stack asks where Traefik is to tell its version."""

from pathlib import Path

import pytest

from moorage.change import Outcome, Plan
from moorage.choice import ORDER, applicable
from moorage.config.inventory import load_site
from moorage.config.render import Templates
from moorage.errors import Refused
from moorage.order import Assembly
from moorage.order_locks import lock_of
from moorage.transport.fleet import Fleet
from moorage.values import Secret

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def site():
    """The example's, without its files: certificates and a CA of one's own."""
    found = load_site("example", root=ROOT, environ={})
    tls = found.ingress.tls.model_copy(update={"ca": None})
    return with_ingress(found.model_copy(update={"private_ca": None}), tls=tls)


def with_ingress(site, **changes):
    return site.model_copy(update={"ingress": site.ingress.model_copy(update=changes)})


def assembly(site):
    fleet = Fleet(site, sudo_password=None, connect_kwargs={}, told=lambda *_: None)
    return Assembly(site, fleet, Templates(ROOT), lambda _: Secret("x"), "swarm1")


def test_a_certificate_is_handed_over_where_there_is_one(site):
    tls = site.ingress.tls.model_copy(
        update={"certificate": "c.pem", "key": "file:k.pem", "service": "traefik_traefik"}
    )
    assert applicable(with_ingress(site, tls=tls), ORDER) == list(ORDER)
    for ingress in ({}, {"tls": None}):
        found = applicable(with_ingress(site, **ingress), ORDER)
        assert found == [name for name in ORDER if name != "certificate"]


def test_asked_for_alone_without_one_it_is_refused(site):
    with pytest.raises(Refused, match="no certificate to hand to Traefik"):
        applicable(site, ["certificate"])


def test_the_stack_asks_for_the_version_only_where_the_inventory_does_not_tell(site):
    told = assembly(site).step("stack")
    asked = assembly(with_ingress(site, version="auto")).step("stack")
    assert "traefik" not in told.probes()["swarm1"].parts
    assert "traefik" in asked.probes()["swarm1"].parts


@pytest.mark.parametrize(
    "version,label",
    [("1.7.34", "traefik.nexus.port=8081"), ("3.2.1", "traefik.docker.network=proxy"),
     ("3.6", "traefik.swarm.network=proxy")],
)  # fmt: skip
def test_the_stack_is_written_for_the_version_that_runs(site, version, label):
    step = assembly(with_ingress(site, version="auto")).step("stack")
    assert f'"{label}"' in step._for_traefik(version).compose_text


def test_what_that_version_has_not_stops_the_stack(site):
    more = with_ingress(site, version="auto", middlewares={"read": ["limit@file"]})
    step = assembly(more).step("stack")
    with pytest.raises(Refused, match=r"Traefik 1\.7: ingress\.middlewares: Traefik 1 has none"):
        step._for_traefik("1.7")


def test_what_split_safe_cannot_do_is_told(site):
    assert len(assembly(site).step("stack")._wanted.limits) == 1
    names = with_ingress(site, routing="namespaces", namespaces=["team"])
    assert assembly(names).step("stack")._wanted.limits == ()


@pytest.mark.parametrize("failure,locked", [(None, ["swarm1"]), (Refused("no"), [])])
def test_the_manager_is_locked_for_a_plan_that_is_still_to_come(site, failure, locked):
    outcomes = [
        Outcome("stack", failure=failure, plan=None if failure else Plan("stack")),
        Outcome("nexus", unknown="known only after stack is applied"),
    ]
    assert lock_of(outcomes, site, None, "/home", "swarm1").hosts == locked
