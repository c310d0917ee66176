"""Sites of every routing and every form of TLS, each with names of its own."""

from __future__ import annotations

from pathlib import Path

from moorage.config.validate import site_from
from tests.matrix.traefik import BY_ENTRY_POINT, PLAIN, SECURE

ROUTINGS = ("split", "split-safe", "namespaces", "two-names", "path")
FORMS = {
    "none": (PLAIN, "null"),
    "entry point": (BY_ENTRY_POINT, "{}"),
    "resolver": (SECURE, "{resolver: le}"),
    "own certificate": (SECURE, "{certificate: c.pem, key: 'file:k.pem', service: traefik}"),
}
"""Forms of TLS: the entry point, and ``ingress.tls``."""
_INVENTORY = """\
schema: 1
hosts: {{nfs: {{nas: {{address: 10.0.0.10}}}}, managers: {{one: {{address: 10.0.0.11}}}}}}
nexus: {{version: 3.94.0, domain: nexus.{domain}}}
registry: {{domain: registry.{domain}{push}}}
storage: {{export: /srv/nexus}}
stack: {{name: {stack}}}
ingress:
  version: "{version}"
  network: proxy
  entrypoints: [{entrypoint}]
  routing: {routing}{more}
  tls: {tls}
"""


def make_site(version, routing, form="none", *, stack=None, more=""):
    """A site with names of its own."""
    entrypoint, tls = FORMS[form]
    name = stack or f"{routing}-{form}".replace(" ", "-")
    domain = f"{name}.example.com"
    if routing == "namespaces":
        more = f"\n  namespaces: [team, tools/ci]{more}"
    push = f", push_domain: push.{domain}" if routing == "two-names" else ""
    text = _INVENTORY.format(version=version, routing=routing, entrypoint=entrypoint, tls=tls,
                             domain=domain, push=push, stack=name, more=more)  # fmt: skip
    return site_from(Path("site.yml"), text.encode())


ADDITIONS = {
    "allowed": "\n  allow: [127.0.0.0/8]",
    "shut": "\n  allow: [10.0.0.0/8, 192.168.7.7]",
    "marked": "\n  middlewares: {read: mark@file}",
}
"""Sites with something more, by the name of their stack."""
