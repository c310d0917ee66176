"""Configuration of a proxy of one's own before Nexus' published ports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from moorage.errors import Refused
from moorage.ingress.model import API, Match, Path, published, routes

if TYPE_CHECKING:
    from moorage.config.render import Templates
    from moorage.config.schema.site import Site

_FILES = {"nginx": "nginx.conf", "haproxy": "haproxy.cfg", "caddy": "Caddyfile"}
_PATHS = {Path.UPLOADS: ".+/blobs/uploads/", Path.BLOBS: ".+/blobs/sha256:"}


@dataclass(frozen=True)
class Rule:
    """Requests of one name that go to one port; of several rules the first that fits.

    Args:
        methods: empty for all.
        path: a regular expression that all three proxies read alike; empty for all paths.
    """

    methods: tuple[str, ...]
    path: str
    port: int


def rules(site: Site) -> dict[str, list[Rule]]:
    """Rules by name, in the order in which they are to be tried."""
    found: dict[str, list[Rule]] = {}
    # the sort is stable: routes of the same priority never fit the same request
    for route in sorted(routes(site), key=lambda route: -route.priority):
        for match in route.matches:
            rule = Rule(match.methods, _pattern(match), route.port)
            found.setdefault(route.host, []).append(rule)
    return found


def servers(site: Site) -> dict[int, dict[str, str]]:
    """Where each of Nexus' ports is published: ``address:port`` by the host's name."""
    return {
        inner: {name: f"{_bracketed(host.address)}:{port}"
                for name, host in site.publishing_hosts().items()}
        for inner, port in published(site).items()
    }  # fmt: skip


def _bracketed(address: str) -> str:
    """An IPv6 address is told from its port by brackets (RFC 3986, section 3.2.2)."""
    return f"[{address}]" if ":" in address else address


def _pattern(match: Match) -> str:
    prefixes = match.prefixes or ((API,) if match.path else ())
    escaped = "|".join(prefix.replace(".", "[.]") for prefix in prefixes)
    begins = f"({escaped})" if len(prefixes) > 1 else escaped
    rest = _PATHS[match.path] if match.path else ""
    return f"^{begins}{rest}" if begins else ""


def proxy(
    site: Site, templates: Templates, kind: str, *, certificate: str | None, key: str | None
) -> tuple[str, str]:
    """Name of the file, and the configuration.

    Args:
        site: the site.
        templates: the project's templates.
        kind: nginx, haproxy or caddy.
        certificate: where its certificate is on the proxy's machine; default: by the stack's name.
        key: the same of the key; HAProxy has both in the certificate's file.

    Raises:
        Refused: no such proxy is known, or Nexus' ports are not published.
        TemplateError: the template does not render.
    """
    if kind not in _FILES:
        raise Refused(f"there is no configuration for {kind}", hint="nginx, haproxy or caddy")
    if site.ingress.kind != "ports":
        raise Refused(f"ingress.kind is {site.ingress.kind}: Nexus' ports are not published",
                      hint="set ingress.kind: ports")  # fmt: skip
    name = site.stack.name
    usual = f"/etc/haproxy/{name}.pem" if kind == "haproxy" else f"/etc/ssl/certs/{name}.crt"
    text = templates.render(
        f"proxy/{_FILES[kind]}.j2",
        stack=name,
        variable=name.replace("-", "_"),
        hosts=rules(site),
        servers=servers(site),
        ingress=site.ingress,
        certificate=certificate or usual,
        key=key or f"/etc/ssl/private/{name}.key",
    )
    return _FILES[kind], text
