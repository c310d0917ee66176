"""``/v1/security/ssrf-protection`` (from 3.92): which addresses a proxy repository may ask.

When a proxy is saved its host is resolved; an address that is not public, or a name that does
not resolve, is refused unless the settings allow it.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

from ..web.message import Response, json_response
from .call import Call, Route, refuse_field

_BASE = "/v1/security/ssrf-protection"


def check_remote(settings: dict[str, Any], url: str) -> None:
    """Refuse a remote address that the settings forbid.

    Raises:
        RefusalError: It does not resolve, or to an address that is not public.
    """
    host = urlsplit(url).hostname or ""
    if not settings["enabled"] or host in settings["allowedDomains"]:
        return
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    except OSError:
        raise _refusal(url, f"host {host} does not resolve") from None
    for address in sorted(found - set(settings["allowedIPs"])):
        if not ipaddress.ip_address(address).is_global:
            raise _refusal(url, f"{address} is not a public address")


def _refusal(url: str, reason: str) -> Exception:
    text = f"Remote URL {url} is blocked by SSRF protection: {reason} and is not allowed in {_BASE}"
    return refuse_field("remoteUrl", text)


def _read(call: Call) -> Response:
    return json_response(200, call.state["ssrf_protection"])


def _set(call: Call) -> Response:
    wanted = {
        "enabled": call.body["enabled"],
        "allowedDomains": call.body.get("allowedDomains") or [],
        "allowedIPs": call.body.get("allowedIPs") or [],
    }
    with call.nexus.store.change() as draft:
        draft["ssrf_protection"] = wanted
    return json_response(200, wanted)


ROUTES = (
    Route("GET", _BASE, _read, "nexus:settings:read"),
    Route("PUT", _BASE, _set, "nexus:settings:update"),
)
