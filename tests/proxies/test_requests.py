"""The table of docs/ingress.md before real nginx, HAProxy and Caddy, and what Nexus is told."""

from __future__ import annotations

import pytest

from moorage.config.render import Templates
from moorage.documents.proxy import proxy, servers
from moorage.errors import Refused
from tests.matrix.sites import ROUTINGS, make_site
from tests.matrix.table import METHODS, cells
from tests.matrix.traefik import Client, reached
from tests.proxies.nexus import DIGEST, LOCATION, REALM, UPLOAD, asked

pytestmark = pytest.mark.proxies


@pytest.mark.parametrize("routing", ROUTINGS)
def test_every_request_arrives_where_the_table_says(running, backends, site_of, kind, routing):
    site = site_of(backends.address, routing=routing)
    running(kind, site)
    wrong = []
    for pushes in (False, True):
        wanted = [cell for cell in cells(routing) if cell.column.pushes is pushes]
        host = site.push_domain if pushes else site.registry.domain
        client = Client(site.ingress.port, host, tls=True)
        for cell in wanted:
            port = reached(client.ask(cell.method, cell.path))
            if port != cell.port:
                wrong.append(f"{cell.method} {host}{cell.path}: {port} instead of {cell.port}")
        client.close()
    assert wrong == []


def test_without_tls_the_pages_take_every_request(running, backends, site_of, kind):
    site = site_of(backends.address, tls="null")
    running(kind, site)
    client = Client(site.ingress.port, site.nexus.domain, tls=False)
    for method in METHODS:
        answer = client.ask(method, "/service/rest/v1/status")
        assert reached(answer) == 8081
        assert answer[1]["x-scheme"] == "http"
        assert answer[1]["x-host"] == site.nexus.domain
    client.close()


def test_nexus_is_told_how_it_was_asked_and_by_nobody_else(running, nexus, site_of, kind):
    site = site_of(nexus.address)
    running(kind, site)
    port = site.ingress.port
    forged = {"X-Forwarded-Proto": "ftp", "X-Forwarded-Host": "evil", "X-Forwarded-Port": "1",
              "X-Forwarded-For": "192.0.2.1"}  # fmt: skip

    answer = asked(port, "PATCH", UPLOAD, [b"x"], forged)

    assert answer.getheader("X-Saw-Proto") == "['https']"
    assert answer.getheader("X-Saw-Host") == f"['registry.example.com:{port}']"
    assert answer.getheader("X-Saw-Port") == f"['{port}']"
    assert answer.getheader("X-Saw-For") == "['127.0.0.1']"


def test_what_nexus_says_and_is_asked_stays_as_it_is(running, nexus, site_of, kind):
    site = site_of(nexus.address)
    running(kind, site)
    port = site.ingress.port
    mount = f"/v2/team/app/blobs/uploads/?mount={DIGEST.replace(':', '%3A')}&from=team%2Fbase"

    begun = asked(port, "POST", mount, [b""], {"Content-Length": "0"})
    there = asked(port, "HEAD", f"/v2/team/app/blobs/{DIGEST}")
    refused = asked(port, "GET", "/v2/")

    assert (begun.status, begun.getheader("X-Path")) == (202, mount)
    assert begun.getheader("Location") == LOCATION
    assert there.getheader("Content-Length") == "12345678"
    assert there.getheader("Docker-Content-Digest") == DIGEST
    assert (refused.status, refused.getheader("WWW-Authenticate")) == (401, REALM)


def test_a_node_that_is_down_costs_no_request(running, nexus, site_of, kind):
    """As with ``published.mode: host``, where only one of several nodes answers."""
    site = site_of("127.255.255.254", nexus.address, more=", published: {mode: host}")
    site = site.model_copy(update={"stack": site.stack.model_copy(update={"placement": None})})
    assert list(servers(site)[8083]) == ["one0", "one1"]
    running(kind, site)

    found = [asked(site.ingress.port, method, UPLOAD, [b"x" * 2**16]).status
             for method in ("PATCH", "PUT", "POST") for _ in range(4)]  # fmt: skip

    assert found == [202] * 12


def test_other_numbers_and_addresses_are_written_into_it(running, site_of, kind):
    site = site_of("127.255.255.254", "fd00::1", more=", published: {push: 18083}")
    assert servers(site)[8083] == {"one0": "127.255.255.254:18083", "one1": "[fd00::1]:18083"}
    file = running(kind, site).file
    assert "[fd00::1]:18083" in file.read_text()
    assert ":8083" not in file.read_text()


def test_an_unknown_proxy_and_a_site_with_traefik_are_refused(root, site_of):
    with pytest.raises(Refused, match="no configuration for apache"):
        proxy(site_of("10.0.0.1"), Templates(root), "apache", certificate=None, key=None)
    with pytest.raises(Refused, match=r"ingress\.kind is traefik"):
        proxy(make_site("3.7", "split"), Templates(root), "nginx", certificate=None, key=None)
