"""How far Nexus has come, as its public name tells it without a login."""

from __future__ import annotations

import re
from dataclasses import dataclass

import requests

from moorage.errors import Unreachable, Untrusted
from moorage.transport.http import Web

WRITABLE = "/service/rest/v1/status/writable"
_SERVER = re.compile(r"^Nexus/(\d+\.\d+\.\d+)\S*(?: \((\w+)\))?")
_READ_SECONDS = 15.0


@dataclass(frozen=True)
class NexusStatus:
    """What a request for its status met.

    Args:
        writable: Nexus answers and takes changes.
        phase: what was met, in words for the operator.
        version: Nexus' own version, where it answered; from its Server header.
        edition: ``COMMUNITY``, ``OSS`` or ``PRO``, likewise; empty where it does not say.
        untrusted: the failure, where it was the certificate.
    """

    writable: bool
    phase: str
    version: str | None = None
    untrusted: Untrusted | None = None
    edition: str = ""


def nexus_status(web: Web, *, read_seconds: float = _READ_SECONDS) -> NexusStatus:
    """Ask once whether Nexus can be written to.

    200 and 503 are Nexus' own (nexus-public 3.77.1, StatusResource and DelegatingFilter); 404,
    502 and 504 without its Server header come from the ingress in front of it.
    """
    try:
        answer = web.ask("GET", WRITABLE, read_seconds=read_seconds)
    except Untrusted as failure:
        return NexusStatus(writable=False, phase=failure.message, untrusted=failure)
    except Unreachable as failure:
        return NexusStatus(writable=False, phase=failure.message)
    found = _SERVER.match(answer.headers.get("Server", ""))
    version = found[1] if found else None
    writable = answer.status_code == requests.codes.ok
    return NexusStatus(
        writable=writable,
        phase="writable" if writable else _phase(answer.status_code, version),
        version=version,
        edition=(found[2] or "").upper() if found else "",
    )


def _phase(status: int, version: str | None) -> str:
    if version is None and status == requests.codes.not_found:
        return "the ingress has no route to Nexus yet (404)"
    if version is None and status in {502, 504}:
        return f"the ingress finds Nexus' port closed ({status})"
    if status == requests.codes.service_unavailable:
        return "Nexus is starting (503)"
    return f"its status is answered with HTTP {status}"
