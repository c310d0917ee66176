"""Hands a request to a registry process, bodies streamed in both directions."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

from ..web.body import BLOCK
from ..web.message import Response
from .answers import registry_error
from .asks import Ask
from .process import RegistryProcess, RegistryUnavailableError

_SECONDS = 60
_REQUEST_HEADERS = (
    "Accept",
    "Content-Type",
    "Content-Range",
    "Content-Length",
    "Range",
    "If-None-Match",
    "User-Agent",
)
_RESPONSE_HEADERS = (
    "Content-Type",
    "Content-Range",
    "Docker-Content-Digest",
    "Docker-Distribution-Api-Version",
    "Docker-Upload-UUID",
    "ETag",
    "Accept-Ranges",
    "Cache-Control",
    "Link",
    "Location",
    "Range",
    "OCI-Subject",
    "OCI-Chunk-Min-Length",
)


def forward(process: RegistryProcess, ask: Ask, content: bytes | None = None) -> Response:
    """Return the registry's own answer.

    Args:
        process: The registry.
        ask: The request; its body is streamed unless ``content`` has it already.
        content: The body where it had to be read before.
    """
    try:
        connection = http.client.HTTPConnection("127.0.0.1", process.port(), timeout=_SECONDS)
        answer = _exchange(connection, ask, content)
    except (RegistryUnavailableError, OSError, http.client.HTTPException) as error:
        return registry_error(503, "UNAVAILABLE", f"registry process: {error}")
    headers = [(name, value) for name in _RESPONSE_HEADERS if (value := answer.getheader(name))]
    length = answer.getheader("Content-Length")
    return Response(
        answer.status,
        _blocks(answer),
        headers,
        int(length) if length else None,
        connection.close,
    )


def _exchange(
    connection: http.client.HTTPConnection, ask: Ask, content: bytes | None
) -> http.client.HTTPResponse:
    request = ask.request
    query = request.target.partition("?")[2]
    target = f"{ask.path}?{query}" if query else ask.path
    connection.putrequest(request.method, target, skip_accept_encoding=True)
    for name in _REQUEST_HEADERS:
        for value in request.headers.get_all(name, ()):
            connection.putheader(name, value)
    chunked = request.body.length is None and content is None
    if chunked:
        connection.putheader("Transfer-Encoding", "chunked")
    elif content is not None and "Content-Length" not in request.headers:
        connection.putheader("Content-Length", str(len(content)))
    connection.endheaders()
    try:
        for block in request.body.blocks() if content is None else (content,):
            connection.send(b"%x\r\n%s\r\n" % (len(block), block) if chunked else block)
        if chunked:
            connection.send(b"0\r\n\r\n")
    except (BrokenPipeError, ConnectionResetError):
        pass  # the registry may answer before the end, with an error that is worth reading
    return connection.getresponse()


def _blocks(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    while block := answer.read1(BLOCK):
        yield block
