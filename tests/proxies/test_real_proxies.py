"""What ``inv render --proxy`` prints, before real nginx, HAProxy and Caddy: the table of
docs/ingress.md, headers, and bodies that are neither limited nor kept. MOORAGE_SKIP=proxies
leaves it out.
"""

from __future__ import annotations

import http.client
import http.server
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from moorage.config.render import Templates
from moorage.config.validate import site_from
from moorage.documents.proxy import proxy
from moorage.errors import Refused
from tests.matrix.backends import Backends
from tests.matrix.sites import ROUTINGS, make_site
from tests.matrix.table import METHODS, cells
from tests.matrix.traefik import Client, reached
from tests.proxies.programs import Proxy, free_port

pytestmark = pytest.mark.proxies

KINDS = ("nginx", "haproxy", "caddy")
INVENTORY = """\
schema: 1
hosts: {{nfs: {{nas: {{address: 10.0.0.10}}}}, managers: {{one: {{address: {address}}}}}}}
nexus: {{version: 3.94.0, domain: nexus.example.com}}
registry: {{domain: registry.example.com{push}}}
storage: {{export: /srv/nexus}}
ingress: {{kind: ports, port: {port}, routing: {routing}{more}}}
"""
MEBIBYTE = b"x" * 2**20
SIZE = 64


@pytest.fixture(scope="module")
def backends():
    running = Backends()
    yield running
    running.end()


@pytest.fixture(scope="module")
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


def site_of(address, port, routing, tls="{}"):
    push = ", push_domain: push.example.com" if routing == "two-names" else ""
    more = f", tls: {tls}" + (", namespaces: [team, tools/ci.d]" if routing == "namespaces" else "")
    text = INVENTORY.format(address=address, port=port, routing=routing, push=push, more=more)
    return site_from(Path("site.yml"), text.encode())


@pytest.fixture
def running(root, certificate, tmp_path):
    """A proxy with the configuration of a site; it is checked first."""
    started = []

    def start(kind, site):
        cert, key, both = certificate
        name, text = proxy(site, Templates(root), kind, key=str(key),
                           certificate=str(both if kind == "haproxy" else cert))  # fmt: skip
        file = tmp_path / name
        file.write_text(text)
        made = Proxy(kind, file, tmp_path, site.ingress.port)
        said = made.checked().lower()
        assert "warn" not in said, said
        made.start()
        started.append(made)
        return made

    yield start
    for each in started:
        each.end()


@pytest.mark.parametrize("routing", ROUTINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_request_arrives_where_the_table_says(running, backends, kind, routing):
    site = site_of(backends.address, free_port(), routing)
    running(kind, site)
    wrong = []
    for cell in cells(routing):
        host = site.push_domain if cell.column.pushes else site.registry.domain
        client = Client(site.ingress.port, host, tls=True)
        port = reached(client.ask(cell.method, cell.path))
        client.close()
        if port != cell.port:
            wrong.append(f"{cell.method} {host}{cell.path}: {port} instead of {cell.port}")
    assert wrong == []


@pytest.mark.parametrize("tls", ["{}", "null"])
@pytest.mark.parametrize("kind", KINDS)
def test_pages_take_every_request_and_nexus_is_told_how_it_was_asked(running, backends, kind, tls):
    site = site_of(backends.address, free_port(), "split-safe", tls)
    running(kind, site)
    client = Client(site.ingress.port, site.nexus.domain, tls=tls != "null")
    for method in METHODS:
        answer = client.ask(method, "/service/rest/v1/status")
        assert reached(answer) == 8081
        assert answer[1]["x-scheme"] == ("http" if tls == "null" else "https")
        assert answer[1]["x-host"].partition(":")[0] == site.nexus.domain
    client.close()


class _Body(http.server.BaseHTTPRequestHandler):
    """Tells when the first part of a body is there, and what headers came with it."""

    protocol_version = "HTTP/1.1"
    first = threading.Event()

    def do_PATCH(self):
        size = 0
        while length := int(self.rfile.readline(), 16):
            size += len(self.rfile.read(length))
            self.rfile.readline()
            self.first.set()
        self.rfile.readline()
        self.send_response(202)
        self.send_header("X-Size", str(size))
        for name in ("Proto", "Host", "Port", "For"):
            self.send_header(f"X-Saw-{name}", str(self.headers.get_all(f"X-Forwarded-{name}")))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("kind", KINDS)
def test_a_chunked_body_goes_through_as_it_comes(running, kind, tmp_path):
    """The server has the first part before the last is sent; nothing is written to a disk."""
    server = http.server.ThreadingHTTPServer(("127.9.9.9", 8083), _Body)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    _Body.first.clear()
    site = site_of("127.9.9.9", free_port(), "split-safe")
    try:
        running(kind, site)
        early = []

        def parts():
            yield MEBIBYTE
            early.append(_Body.first.wait(20))
            for _ in range(SIZE - 1):
                yield MEBIBYTE

        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", site.ingress.port), 20)
        client = http.client.HTTPConnection("127.0.0.1", site.ingress.port)
        client.sock = context.wrap_socket(plain, server_hostname="registry.example.com")
        told = {
            "Host": f"registry.example.com:{site.ingress.port}",
            "Transfer-Encoding": "chunked",
            "X-Forwarded-Proto": "ftp",
            "X-Forwarded-For": "192.0.2.1",
        }
        client.request("PATCH", "/v2/team/app/blobs/uploads/1", body=parts(), headers=told,
                       encode_chunked=True)  # fmt: skip
        answer = client.getresponse()
        client.close()
    finally:
        server.shutdown()
        server.server_close()

    assert (answer.status, answer.getheader("X-Size")) == (202, str(SIZE * 2**20))
    assert early == [True]
    assert answer.getheader("X-Saw-Proto") == "['https']"
    assert answer.getheader("X-Saw-Host") == f"['registry.example.com:{site.ingress.port}']"
    assert answer.getheader("X-Saw-Port") == f"['{site.ingress.port}']"
    assert answer.getheader("X-Saw-For") == "['127.0.0.1']"
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size > 2**19
            ] == []  # fmt: skip


def test_an_unknown_proxy_and_a_site_with_traefik_are_refused(root):
    with pytest.raises(Refused, match="no configuration for apache"):
        proxy(site_of("10.0.0.1", 443, "split"), Templates(root), "apache",
              certificate=None, key=None)  # fmt: skip
    with pytest.raises(Refused, match=r"ingress\.kind is traefik"):
        proxy(make_site("3.7", "split"), Templates(root), "nginx", certificate=None, key=None)
