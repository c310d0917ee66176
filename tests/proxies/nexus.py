"""A server on Nexus' ports that sends and takes bodies as slowly as a test says."""

from __future__ import annotations

import http.client
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MEBIBYTE = 2**20
DIGEST = "sha256:" + "0123456789abcdef" * 4
UPLOAD = "/v2/team/app/blobs/uploads/1"
LOCATION = "https://registry.example.com/v2/team/app/blobs/uploads/2?_state=a%2Fb"
REALM = 'Bearer realm="https://registry.example.com/v2/token",service="registry"'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_PATCH(self) -> None:
        """Take a body, then say how long it was and what headers came with it."""
        size = 0
        for piece in self._body():
            size += piece
            self.server.nexus.arrived.set()
        time.sleep(self.server.nexus.answers_after)
        found = {f"X-Saw-{name}": str(self.headers.get_all(f"X-Forwarded-{name}"))
                 for name in ("Proto", "Host", "Port", "For")}  # fmt: skip
        self._answer(202, {"X-Size": str(size), "X-Path": self.path, "Location": LOCATION, **found})

    do_POST = do_PUT = do_PATCH  # noqa: N815

    def do_HEAD(self) -> None:
        self._answer(200, {"Docker-Content-Digest": DIGEST}, length=12345678)

    def do_GET(self) -> None:
        """A layer, the rest of which comes when the client has its beginning; else a challenge."""
        if "/blobs/" not in self.path:
            self._answer(401, {"WWW-Authenticate": REALM})
            return
        nexus = self.server.nexus
        self._answer(200, {}, length=nexus.mebibytes * MEBIBYTE)
        self.wfile.write(b"x" * MEBIBYTE)
        nexus.fetched.wait(nexus.patience)
        for _ in range(nexus.mebibytes - 1):
            self.wfile.write(b"x" * MEBIBYTE)

    def _answer(self, status: int, headers: dict[str, str], length: int = 0) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(length)}.items():
            self.send_header(name, value)
        self.end_headers()

    def _body(self) -> Iterator[int]:
        """Sizes of the pieces of the request's body."""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while length := int(self.rfile.readline(), 16):
                yield len(self.rfile.read(length))
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            left -= (piece := len(self.rfile.read(min(left, MEBIBYTE))))
            yield piece

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    nexus: Nexus

    def handle_error(self, *_: object) -> None:
        """A proxy may drop a connection that it has no use for."""


class Nexus:
    """On a loopback address that nobody else has.

    Attributes:
        arrived: set when the first piece of a body is there.
        fetched: set by the test when it has the beginning of a layer.
        mebibytes: size of a layer.
        answers_after: seconds between a body's end and the answer.
        patience: seconds that it waits for ``fetched``.
    """

    def __init__(self) -> None:
        self.arrived, self.fetched = threading.Event(), threading.Event()
        self.mebibytes, self.answers_after, self.patience = 2, 0.0, 30.0
        self.address = ".".join(map(str, [127, *(secrets.randbelow(250) + 2 for _ in range(3))]))
        self._servers = [_Server((self.address, port), _Handler) for port in (8081, 8082, 8083)]
        for server in self._servers:
            server.nexus = self
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def end(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()


def asked(
    port: int, method: str, path: str, body: Iterable[bytes] | None = None,
    headers: dict[str, str] | None = None,
) -> http.client.HTTPResponse:  # fmt: skip
    """The beginning of an answer to a client of the registry, by TLS.

    Args:
        port: where the proxy listens.
        body: sent in chunks unless the headers tell its length.
    """
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", port), 300)
    client = http.client.HTTPConnection("127.0.0.1", port)
    client.sock = context.wrap_socket(plain, server_hostname="registry.example.com")
    told = {"Host": f"registry.example.com:{port}", **(headers or {})}
    if body is not None and "Content-Length" not in told:
        told["Transfer-Encoding"] = "chunked"
    client.request(method, path, body=body, headers=told,
                   encode_chunked="Transfer-Encoding" in told)  # fmt: skip
    return client.getresponse()
