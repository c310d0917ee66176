"""Findings about the ports that Nexus publishes for a proxy of one's own. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moorage.checks.base import About, Finding
from moorage.checks.doctor_probe import Answers
from moorage.config.schema.site import Site
from moorage.ingress.model import published

_FREE = "free it, or publish Nexus elsewhere: ingress.published"


def holders(answers: Answers) -> dict[int, str]:
    """Names of the services that publish a port, on the routing mesh or on their own nodes."""
    return {int(port): row[0] for row in answers.rows("published") if len(row) > 1
            for port in row[1].split()}  # fmt: skip


def taken(host: str, site: Site, answers: Answers, known: Mapping[int, str]) -> Iterator[Finding]:
    """Whether something else has a port of this host already; then no task of Nexus gets it.

    Args:
        host: one that is to answer on them.
        known: services by the ports that they publish, as a manager tells.
    """
    about = About(host, "ports")
    if not answers.part("listening").ok:
        yield about.warning("which ports are taken is not known", "see there: ss -ltn")
        return
    own = f"{site.stack.name}_{site.stack.service}"
    listening = {int(row[0], 16) for row in answers.rows("listening") if row[0]}
    wrong = False
    for port in published(site).values():
        holder = known.get(port)
        if holder != own and (holder is not None or port in listening):
            wrong = True
            what = f"the service {holder}" if holder else "another program of this host"
            yield about.failure(f"port {port} is taken by {what}", _FREE)
    if not wrong:
        ports = ", ".join(map(str, published(site).values()))
        yield about.ok(f"{ports} for a proxy of one's own")
