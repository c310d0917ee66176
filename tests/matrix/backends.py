"""Three servers on loopback in place of Nexus' ports: each tells which one it is."""

from __future__ import annotations

import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.matrix.table import METHODS, PORTS


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("X-Reached", str(self.server.server_address[1]))
        self.send_header("X-Scheme", self.headers.get("X-Forwarded-Proto", ""))
        self.send_header("X-Host", self.headers.get("Host", ""))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


for _method in METHODS:
    setattr(_Handler, f"do_{_method}", _Handler.answer)


class Backends:
    """Servers on Nexus' own ports, on a loopback address that nobody else has."""

    def __init__(self) -> None:
        numbers = [secrets.randbelow(250) + 2 for _ in range(3)]
        self.address = ".".join(map(str, [127, *numbers]))
        self._servers = [ThreadingHTTPServer((self.address, port), _Handler)
                         for port in PORTS.values() if port]  # fmt: skip
        for server in self._servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def end(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
