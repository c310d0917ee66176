"""What a request of the Docker Registry API asks for, taken from its path."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email.message import Message
from io import BytesIO
from typing import Literal

from ..web.body import Body
from ..web.message import Request

Kind = Literal["ping", "token", "catalog", "tags", "manifest", "blob", "upload", "unknown"]

_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_NAME = rf"(?P<name>{_PART}(?:/{_PART})*)"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
_DIGEST = r"[a-z0-9]+:[0-9a-f]{32,}"
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("ping", re.compile("")),
    ("token", re.compile("token")),
    ("catalog", re.compile("_catalog")),
    ("tags", re.compile(f"{_NAME}/tags/list")),
    ("manifest", re.compile(f"{_NAME}/manifests/(?P<reference>{_DIGEST}|{_TAG})")),
    ("upload", re.compile(f"{_NAME}/blobs/uploads/(?P<reference>[A-Za-z0-9_=-]*)")),
    ("blob", re.compile(f"{_NAME}/blobs/(?P<reference>{_DIGEST})")),
)


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of the registry API.

    Attributes:
        kind: What it is about.
        name: The image's name; empty where there is none.
        reference: Tag, digest or the id of an upload; empty where there is none.
        request: The request itself.
    """

    kind: Kind
    name: str
    reference: str
    request: Request

    @property
    def reads(self) -> bool:
        return self.request.method in {"GET", "HEAD"}

    @property
    def path(self) -> str:
        """The path below ``/v2/`` as a registry expects it."""
        tail = {
            "catalog": "_catalog",
            "tags": f"{self.name}/tags/list",
            "manifest": f"{self.name}/manifests/{self.reference}",
            "blob": f"{self.name}/blobs/{self.reference}",
            "upload": f"{self.name}/blobs/uploads/{self.reference}",
        }
        return f"/v2/{tail.get(self.kind, '')}"

    def of(self, name: str) -> Ask:
        """Return the same ask for an image of another name."""
        return replace(self, name=name)

    def plain(self) -> Ask:
        """Return the same ask as a GET of our own: no query, no headers of the client's."""
        request = Request("GET", self.path, Message(), Body(BytesIO(), 0))
        return replace(self, request=request)


def ask_for(path: str, request: Request) -> Ask:
    """Understand what stands after ``/v2/`` in a path."""
    for kind, pattern in _PATTERNS:
        if match := pattern.fullmatch(path):
            found = match.groupdict()
            return Ask(kind, found.get("name", ""), found.get("reference", ""), request)
    return Ask("unknown", "", "", request)
