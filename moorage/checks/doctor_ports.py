"""Findings about the ports that Nexus publishes for a proxy of one's own. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from moorage.checks.base import About, Finding
from moorage.checks.doctor_probe import Answers
from moorage.config.schema.site import Site
from moorage.ingress.model import published

# "*:8081-8083->8081-8083/tcp", as docker service ls shows ports of the routing mesh
_MESH = re.compile(r"\*:(\d+)(?:-(\d+))?->")


def taken(host: str, site: Site, answers: Answers) -> Iterator[Finding]:
    """Whether another service of the Swarm, or another program of a manager, has a port already.

    The routing mesh has a port on every node, or the service is not started.
    """
    about = About(host, "ports")
    services = {row[0]: _ports(row[1]) for row in answers.rows("published") if len(row) > 1}
    own = f"{site.stack.name}_{site.stack.service}"
    listening = {int(row[0], 16) for row in answers.rows("listening") if row[0]}
    wrong = False
    for port in published(site):
        holder = next((name for name, ports in services.items() if port in ports), None)
        if holder == own:
            continue
        if holder is not None or port in listening:
            wrong = True
            yield about.failure(
                f"port {port} is taken by {holder or 'another program of this host'}",
                "free it, or give the repository another port in registry.repositories",
            )
    if not wrong:
        yield about.ok(f"{', '.join(map(str, published(site)))} for a proxy of one's own")


def _ports(text: str) -> set[int]:
    return {port for first, last in _MESH.findall(text)
            for port in range(int(first), int(last or first) + 1)}  # fmt: skip
