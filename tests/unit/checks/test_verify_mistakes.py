"""Verify names each mistake of an ingress, before an ingress that really has it."""

import gzip

import pytest
from fake_site import FakeSite

from moorage.checks.verify import verify
from moorage.errors import VerificationFailed
from moorage.transport.registry import digest_of
from moorage.values import Secret

UPSTREAM = gzip.compress(b"a layer of upstream")
SWAPPED = {8082: 8083, 8083: 8082}
ROUTINGS = {
    "split-safe": {}, "path": {}, "namespaces": {"namespaces": ["team"]}, "two-names": {},
}  # fmt: skip


@pytest.fixture
def proven(site):
    """What verify says of a site with mistakes; the failure, where it fails."""
    fakes = []

    def run(slow_seconds=0.0, ingress=None, **mistakes):
        ingress = {"tls": None, "port": 80, **(ingress or {})}
        two = ingress.get("routing") == "two-names"
        push = {"push_domain": "push.test"} if two else {}
        made = site(ingress=ingress, registry=push)
        fake = FakeSite(made, upstream=[UPSTREAM], **mistakes)
        fakes.append(fake)
        return list(verify(made, fake, Secret("pw"), lambda _: None, slow_seconds=slow_seconds))

    yield run
    for fake in fakes:
        fake.stop()


@pytest.fixture
def mistake(proven):
    """The lines of the failure that verify ends with."""

    def run(**mistakes):
        with pytest.raises(VerificationFailed) as failure:
            proven(**mistakes)
        return "\n".join(failure.value.lines())

    return run


@pytest.mark.parametrize("routing", ROUTINGS)
def test_without_a_mistake_all_is_well(proven, routing):
    said = proven(slow_seconds=0.1, ingress={"routing": routing, **ROUTINGS[routing]})

    assert {proof.word for proof in said} <= {"ok", "note"}
    assert any(proof.outcome == "taken as a whole" for proof in said)


def test_wrong_network_label(mistake):
    said = mistake(silent=504)
    assert "(504): wrong network label?" in said
    assert "the network label must be proxy" in said


@pytest.mark.parametrize("route", ["nexus", "read", "write"])
def test_missing_service_link(mistake, route):
    said = mistake(dropped=[route])
    assert f"router registry-{route} dropped, service link missing?" in said
    assert f"traefik.http.routers.registry-{route}.service=registry-{route}" in said


def test_no_router_at_all(mistake):
    said = mistake(silent=404)
    assert "no router at all for registry (404)" in said


def test_closed_port_and_no_task(mistake):
    assert "Nexus' port 8081 is closed" in mistake(silent=502)
    assert "no running task" in mistake(silent=503)


@pytest.mark.parametrize("routing", ["split", "split-safe", "two-names"])
def test_ports_swapped(mistake, routing):
    said = mistake(ports=SWAPPED, ingress={"routing": routing})
    assert "writes to" in said
    assert "ports swapped?" in said
    assert "must lead to port 8083 (docker-private)" in said


def test_reads_alone_led_astray(mistake):
    said = mistake(ports={8082: 8083})
    assert "docker-all has it, but reads of registry.test do not reach" in said


def test_scheme_lost(mistake):
    said = mistake(scheme="ftp")
    assert "http scheme lost, Nexus is told ftp" in said
    assert "X-Forwarded-Proto" in said


def test_read_timeout_too_short(mistake):
    said = mistake(slow_seconds=0.4, cut_after=0.2)
    assert "readTimeout too short" in said
    assert "--entryPoints.websecure.transport.respondingTimeouts.readTimeout=0" in said


def test_split_leaves_out_a_layer(mistake):
    said = mistake(ingress={"routing": "split"})
    assert "answered by proxy member docker-hub, missing in hosted (docker-private)" in said
    assert "set ingress.routing to split-safe" in said


def test_split_is_found_though_the_layer_has_been_pushed(site):
    """An earlier verify with another routing leaves the layer in the hosted repository."""
    made = site(ingress={"tls": None, "port": 80, "routing": "split"})
    fake = FakeSite(made, upstream=[UPSTREAM])
    fake.hosted[digest_of(UPSTREAM)] = UPSTREAM
    with pytest.raises(VerificationFailed, match="answered by proxy member docker-hub"):
        list(verify(made, fake, Secret("pw"), lambda _: None))
    fake.stop()


def test_blobs_route_lost_in_split_safe(mistake):
    said = mistake(dropped=["blobs"])
    assert "answered by proxy member docker-hub" in said
    assert "fab deploy writes the labels anew" in said


def test_what_split_safe_cannot_do_is_a_note(proven):
    note = next(proof for proof in proven() if proof.word == "note")
    assert "pushes nothing" in note.outcome


def test_a_proxy_of_ones_own_is_told_what_it_lacks(site):
    made = site(ingress={"tls": None, "port": 80})
    ingress = made.ingress.model_copy(update={"kind": "ports"})
    made = made.model_copy(update={"ingress": ingress})
    fake = FakeSite(made, dropped=["write"])
    with pytest.raises(VerificationFailed) as failure:
        list(verify(made, fake, Secret("pw"), lambda _: None))
    fake.stop()
    said = "\n".join(failure.value.lines())
    assert "the proxy in front answers DELETE registry.test" in said
    assert "port 8083 of a node of the Swarm" in said
    assert "inv render --proxy" in said
