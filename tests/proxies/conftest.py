"""Real nginx, HAProxy and Caddy on loopback, with what ``inv render --proxy`` prints for a site.

MOORAGE_SKIP=proxies leaves these tests out.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from moorage.config.render import Templates
from moorage.config.validate import site_from
from moorage.documents.proxy import proxy
from tests.matrix.backends import Backends
from tests.proxies.nexus import Nexus
from tests.proxies.programs import KINDS, Proxy, free_port

_INVENTORY = """\
schema: 1
hosts: {{nfs: {{nas: {{address: 10.0.0.10}}}}, managers: {{{managers}}}}}
nexus: {{version: 3.94.0, domain: nexus.example.com}}
registry: {{domain: registry.example.com{push}}}
storage: {{export: /srv/nexus}}
ingress: {{kind: ports, port: {port}, routing: {routing}{more}}}
"""


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def backends():
    running = Backends()
    yield running
    running.end()


@pytest.fixture
def nexus():
    running = Nexus()
    yield running
    running.end()


@pytest.fixture
def site_of():
    """A site whose hosts have these addresses, and whose proxy listens on a free port."""

    def make(*addresses, routing="split-safe", tls="{}", more=""):
        managers = ", ".join(f"one{number}: {{address: {address}}}"
                             for number, address in enumerate(addresses))  # fmt: skip
        push = ", push_domain: push.example.com" if routing == "two-names" else ""
        own = ", namespaces: [team, tools/ci.d]" if routing == "namespaces" else ""
        text = _INVENTORY.format(managers=managers, port=free_port(), routing=routing, push=push,
                                 more=f", tls: {tls}{own}{more}")  # fmt: skip
        return site_from(Path("site.yml"), text.encode())

    return make


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> tuple[Path, Path, Path]:
    """A certificate, its key, and both in one file."""
    home = tmp_path_factory.mktemp("certificate")
    cert, key, both = (home / name for name in ("cert.pem", "key.pem", "both.pem"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=own", "-addext",
         "subjectAltName=DNS:*.example.com", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    both.write_text(cert.read_text() + key.read_text())
    return cert, key, both


@pytest.fixture
def running(root, certificate, tmp_path):
    """Starts a proxy with the configuration of a site, which it has checked without a warning."""
    started = []

    def start(kind, site):
        cert, key, both = certificate
        name, text = proxy(site, Templates(root), kind, key=str(key),
                           certificate=str(both if kind == "haproxy" else cert))  # fmt: skip
        home = tmp_path / kind
        home.mkdir()
        (home / name).write_text(text)
        made = Proxy(kind, home / name, home, site.ingress.port)
        said = made.checked().lower()
        assert "warn" not in said, said
        made.start()
        started.append(made)
        return made

    yield start
    for each in started:
        each.end()
