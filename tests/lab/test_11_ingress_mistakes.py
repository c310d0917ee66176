"""Each mistake of an ingress made on the running lab: ``fab verify`` names it, ``fab deploy`` mends
what is the service's.
"""

from __future__ import annotations

import time

import pytest

pytestmark = [pytest.mark.lab, pytest.mark.long]

ROUTERS = "traefik.http.routers.registry"
SERVICES = "traefik.http.services.registry"
PORT = "loadbalancer.server.port"
SCHEME = "traefik.http.middlewares.wrong.headers.customrequestheaders.X-Forwarded-Proto"
MISTAKES = {
    "a router without its service": (
        f"--label-rm {ROUTERS}-read.service",
        "router registry-read dropped, service link missing?"),
    "ports swapped": (
        f"--label-add {SERVICES}-read.{PORT}=8083 --label-add {SERVICES}-write.{PORT}=8082",
        "ports swapped?"),
    "the scheme lost": (
        " ".join([f"--label-add {SCHEME}=http", *(
            f"--label-add {ROUTERS}-{name}.middlewares=wrong" for name in ("read", "write", "blobs")
        )]),
        "https scheme lost, Nexus is told http"),
}  # fmt: skip
# Traefik asks the Swarm every second in the lab
_SEEN_SECONDS = 6


def _service(lab, name, options):
    lab.run("manager", f"docker service update -q {options} {name}")
    time.sleep(_SEEN_SECONDS)


@pytest.fixture
def mended(fab, site_up):
    """What the operator runs afterwards; then all is well again."""
    yield
    ran = fab("deploy")
    assert ran.code == 0, ran.text
    time.sleep(_SEEN_SECONDS)
    ran = fab("verify")
    assert ran.code == 0, ran.text


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_label_is_named(lab, fab, mended, name):
    options, said = MISTAKES[name]
    _service(lab, "registry_nexus", options)

    ran = fab("verify")

    assert ran.code == 1, ran.text
    assert said in ran.text


def test_a_wrong_network_label_is_named(lab, fab, mended):
    """The service is on two networks, and the label names the one that Traefik is not on."""
    lab.run("manager", "docker network create -d overlay aside")
    try:
        options = "--network-add aside --label-add traefik.swarm.network=aside"
        _service(lab, "registry_nexus", options)
        ran = fab("verify")
        assert ran.code == 1, ran.text
        assert "wrong network label?" in ran.text
    finally:
        ran = fab("deploy")
        lab.run("manager", "docker network rm aside || true")
    assert ran.code == 0, ran.text


@pytest.mark.scenario(29, "Push through group split reproduction")
def test_split_is_explained(fab, variant, mended):
    inventory = variant(("  network: proxy", "  network: proxy\n  routing: split"))
    assert fab("deploy", inventory=inventory).code == 0
    time.sleep(_SEEN_SECONDS)

    ran = fab("verify", inventory=inventory)

    assert ran.code == 1, ran.text
    assert "answered by proxy member docker-hub, missing in hosted (docker-private)" in ran.text
    assert "set ingress.routing to split-safe" in ran.text


@pytest.mark.scenario(29, "Push through group split reproduction")
def test_a_read_timeout_that_is_too_short_is_named_by_both(lab, fab, site_up):
    """Traefik's own arguments without the one that the lab gives it; then as they were."""
    name = lab.run("manager", "docker service ls --format '{{.Name}}' | grep traefik").strip()
    of = (
        "docker service inspect --format "
        "'{{range .Spec.TaskTemplate.ContainerSpec.Args}}{{println .}}{{end}}'"
    )
    before = lab.run("manager", f"{of} {name}").split()
    short = [word for word in before if "readtimeout" not in word]
    assert len(short) == len(before) - 1
    try:
        _service(lab, name, f"--args '{' '.join(short)}'")
        ran, looked = fab("verify", "--slow-upload"), fab("doctor")
    finally:
        _service(lab, name, f"--args '{' '.join(before)}'")

    option = "entryPoints.websecure.transport.respondingTimeouts.readTimeout=0"
    assert ran.code == 1, ran.text
    assert "readTimeout too short" in ran.text
    assert option in ran.text
    assert option in looked.text
    ran = fab("verify", "--slow-upload")
    assert ran.code == 0, ran.text
    assert "upload that takes 70 s: taken as a whole" in ran.text
