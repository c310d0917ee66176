"""Real Traefik 3 in front of three servers in place of Nexus: a site of every kind at once.

The oldest and the newest version that can be had, and the last one before the network label
changed. Each has every routing with every form of TLS, as stacks of their own with names of
their own.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cache import Cache
from lab.images.traefik import DIGESTS, traefik_program
from lab.paths import cache_root
from moorage.ingress import labels
from moorage.ingress.certificate import dynamic_file
from moorage.ingress.model import routes
from tests.matrix.backends import Backends
from tests.matrix.sites import ADDITIONS, FORMS, ROUTINGS, make_site
from tests.matrix.swarm import Swarm
from tests.matrix.traefik import Traefik


@pytest.fixture(scope="session", params=sorted(DIGESTS))
def version(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def backends() -> Iterator[Backends]:
    running = Backends()
    yield running
    running.end()


@pytest.fixture(scope="session")
def sites(version):
    """By routing and form of TLS, and those of ADDITIONS by their name."""
    found = {(routing, form): make_site(version, routing, form)
             for routing in ROUTINGS for form in FORMS}  # fmt: skip
    more = {name: make_site(version, "split-safe", stack=name, more=text)
            for name, text in ADDITIONS.items()}  # fmt: skip
    return {**found, **more}


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    """Files of a certificate for every name of those sites that have their own, and of its key."""
    home = tmp_path_factory.mktemp("certificate")
    names = ",".join(f"DNS:*.{routing}-own-certificate.example.com" for routing in ROUTINGS)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=own", "-addext", f"subjectAltName={names}",
         "-keyout", home / "key.pem", "-out", home / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return home / "cert.pem", home / "key.pem"


@pytest.fixture(scope="session")
def traefik(version, sites, backends, certificate, tmp_path_factory) -> Iterator[Traefik]:
    cache = Cache(cache_root() / "programs")
    with cache.locked():
        program = traefik_program(cache, version)
    home = tmp_path_factory.mktemp(f"traefik-{version}")
    (home / "dynamic").mkdir()
    cert, key = (str(path) for path in certificate)
    ending, text = dynamic_file(version, ["secure"], cert, key)
    (home / "dynamic" / f"certificate.{ending}").write_text(text)
    (home / "dynamic" / "mark.yml").write_text(
        "http: {middlewares: {mark: {headers: {customResponseHeaders: {X-Marked: 'yes'}}}}}\n"
    )
    swarm = Swarm({site.stack.name: _pairs(labels(site)) for site in sites.values()},
                  backends.address)  # fmt: skip
    expected = sum(len(routes(site)) for site in sites.values())
    try:
        running = Traefik(program, swarm, home, expected)
        try:
            yield running
        finally:
            running.end()
    finally:
        swarm.end()
    assert swarm.unknown == []


def _pairs(found):
    return {key: value for key, _, value in (text.partition("=") for text in found)}
