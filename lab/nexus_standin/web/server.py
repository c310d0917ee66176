"""An HTTP/1.1 server on one port: a thread a connection, bodies streamed both ways."""

from __future__ import annotations

import socket
import socketserver
import threading
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from ..log import log, warn
from .body import Body, BodyError
from .message import Request, Response, text_response

Answerer = Callable[[Request], Response]

_DRAIN_BYTES = 1024 * 1024
_IDLE_SECONDS = 120
_POLL_SECONDS = 3600  # stop() wakes the loop by itself


class Connection(BaseHTTPRequestHandler):
    """One client's connection, for as many requests as it sends."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    server: PortServer

    def version_string(self) -> str:
        return self.server.server_header

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002
        path = self.path.partition("?")[0] if hasattr(self, "path") else "?"
        self.log_message("%s %s %s", self.command, path, int(code))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class' name
        """Log one line of plain text, whatever a client has sent (TLS to this port, say)."""
        text = (format % args).encode("unicode_escape").decode("ascii")
        log(f"port {self.server.port}: {text}")

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class' name
        """Log what went wrong; that a client keeps its connection and sends nothing is no news."""
        if not any(isinstance(arg, TimeoutError) for arg in args):
            self.log_message(format, *args)

    def _serve(self) -> None:
        if self.server.stopped:
            self.close_connection = True
            return
        body = self._body()
        if body is None:
            self._send(text_response(400, "bad Content-Length"))
            self.close_connection = True
            return
        request = Request(self.command, self.path, self.headers, body)
        response = self._answer(request)
        try:
            self._send(response)
        finally:
            response.drop()
        if not body.exhausted:
            body.drain(_DRAIN_BYTES)
        self.close_connection = self.close_connection or not body.exhausted

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

    def _body(self) -> Body | None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return Body(self.rfile, None)
        length = self.headers.get("Content-Length", "0")
        return Body(self.rfile, int(length)) if length.isascii() and length.isdigit() else None

    def _answer(self, request: Request) -> Response:
        try:
            return self.server.answer(request)
        except BodyError as error:
            self.close_connection = True
            return text_response(400, str(error))
        except Exception:  # noqa: BLE001 - a fault of one request must not end the server
            warn(f"{request.method} {request.path} failed:\n{traceback.format_exc()}")
            return text_response(500, "the stand-in failed; see its log")

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        chunked = self._send_length(response)
        self.end_headers()
        if self.command == "HEAD":
            return
        if isinstance(response.content, bytes):
            self.wfile.write(response.content)
            return
        for block in response.content:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block) if chunked else block)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _send_length(self, response: Response) -> bool:
        """Write the header that says where the body ends; True for chunks."""
        length = response.length
        if isinstance(response.content, bytes) and length is None:
            length = len(response.content)
        if response.status in {204, 304}:
            return False
        if length is not None:
            self.send_header("Content-Length", str(length))
            return False
        self.send_header("Transfer-Encoding", "chunked")
        return True


class PortServer(socketserver.ThreadingTCPServer):
    """Listens on one port from its construction on.

    Raises:
        OSError: The port cannot be bound.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, answer: Answerer, server_header: str) -> None:
        self.answer = answer
        self.server_header = server_header
        self.stopped = False
        super().__init__(("0.0.0.0", port), Connection)  # noqa: S104  in a container
        self.port = int(self.server_address[1])
        self._thread = threading.Thread(
            target=self.serve_forever, args=(_POLL_SECONDS,), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the port; requests that are being answered may end, others get no answer."""
        self.stopped = True
        self.socket.shutdown(socket.SHUT_RDWR)
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        log(f"port {self.port}: {client_address[0]} went away")
