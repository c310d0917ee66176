"""A request and its answer, apart from the sockets that they come and go by."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .body import Body


@dataclass(slots=True)
class Request:
    """One request.

    Attributes:
        method: As sent.
        target: Path and query, as sent.
        path: The path, decoded.
        query: The query's pairs in their order.
        headers: All header lines; names in any case.
        body: The body, not read yet.
    """

    method: str
    target: str
    headers: Message
    body: Body
    path: str = field(init=False)
    query: list[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.target)
        self.path = unquote(parts.path)
        self.query = parse_qsl(parts.query, keep_blank_values=True)

    @property
    def base_url(self) -> str:
        """Scheme and host as the client sees them: Nexus builds its addresses from these headers.

        A proxy in front says so in ``X-Forwarded-Proto`` and ``X-Forwarded-Host``.
        """
        scheme = self.headers.get("X-Forwarded-Proto", "http").split(",")[0].strip()
        host = self.headers.get("X-Forwarded-Host") or self.headers.get("Host") or "localhost"
        return f"{scheme}://{host.split(',')[0].strip()}"

    def argument(self, name: str) -> str | None:
        """Return the first value of a query parameter, None where it is absent."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(slots=True)
class Response:
    """One answer.

    Attributes:
        status: The HTTP status.
        content: The body: bytes, or blocks that are sent as they come.
        headers: Header lines besides Server, Date and Content-Length.
        length: Bytes of a body in blocks, or what a HEAD says of a body that is not sent.
        close: Called when the answer has been sent, or will not be.
    """

    status: int
    content: bytes | Iterator[bytes] = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    length: int | None = None
    close: Callable[[], None] | None = None

    @property
    def good(self) -> bool:
        """A group takes the first member's answer of this kind."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the good statuses

    def drop(self) -> None:
        """Let go of an answer that will not be sent."""
        if self.close:
            self.close()


def json_response(status: int, value: Any) -> Response:
    """Answer with JSON, nulls included and indented, as Nexus does."""
    content = json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8")
    return Response(status, content, [("Content-Type", "application/json")])


def text_response(status: int, text: str, content_type: str = "text/plain") -> Response:
    """Answer with a text."""
    header = ("Content-Type", f"{content_type}; charset=utf-8")
    return Response(status, text.encode("utf-8"), [header])
