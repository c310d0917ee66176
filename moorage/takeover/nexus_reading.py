"""Asks a running Nexus for all that an inventory can say of it; sends nothing that changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from moorage.config.schema.site import Site
from moorage.errors import Refused, Unreachable, Untrusted
from moorage.steps.nexus.api import NexusObserved, Scope, version_of
from moorage.steps.nexus.deadline import Deadline
from moorage.steps.nexus.login import Passwords, log_in
from moorage.steps.nexus.step import way_to
from moorage.transport.base import Progress
from moorage.transport.fleet import Fleet
from moorage.transport.http import Web
from moorage.transport.nexus_status import nexus_status
from moorage.values import Secret

_SECONDS = 300.0
_NOBODY = "\0"

Ways = Iterator[tuple[str, bool, int]]


def ways(api: str | None, *, port: int | None) -> Ways:
    """How Nexus may be reached: directly or through SSH, by https or http, at which port."""
    for way in [api] if api else ["direct", "via-ssh"]:
        if port:
            yield from ((way, secure, port) for secure in (True, False))
        else:
            yield way, True, 443
            yield way, False, 80


def reach(
    tried: Ways, site_of: Callable[[str, bool, int], Site], fleet_of: Callable[[Site], Fleet],
    progress: Progress,
) -> tuple[str, bool, int, str]:  # fmt: skip
    """The first way by which Nexus answers as itself, and its version.

    Raises:
        Untrusted: it answers, and its certificate is not trusted.
        Unreachable: by none of them.
    """
    met: list[str] = []
    untrusted: Untrusted | None = None
    for api, secure, port in tried:
        scheme = "https" if secure else "http"
        progress(f"asking Nexus by {scheme}, {api}")
        site = site_of(api, secure, port)
        with fleet_of(site) as fleet:
            status = nexus_status(fleet.web(site.nexus.domain, retry=False))
        if status.version is not None and status.writable:
            return api, secure, port, status.version
        untrusted = untrusted or status.untrusted
        met.append(f"{scheme} {api}: {status.phase}")
    if untrusted is not None:
        untrusted.hint = "name the file of the CA that signed it: --ca FILE"
        raise untrusted
    raise Unreachable(f"Nexus does not answer: {'; '.join(met)}",
                      hint="bring it up first, or say its name by --nexus-domain")  # fmt: skip


def read_nexus(web: Web, version: str, password: Secret, progress: Progress) -> NexusObserved:
    """All that there is: repositories, blob stores, policies, tasks, roles, users.

    Raises:
        Refused: the password is not admin's, or this server cannot be read.
        Unreachable, RequestRefused: as the way to it has it.
    """
    number = version_of(version)
    api = way_to(web, number, Deadline(_SECONDS, "the time for reading Nexus"))
    try:
        login = log_in(api, number, Passwords(password, lambda: None))
    except Refused as failure:
        failure.hint = "say where admin's password is: --admin-password env:NAME"
        raise
    progress("reading Nexus")
    whole = Scope(users={}, roles=True, cleanup_policies=True, tasks=frozenset({_NOBODY}),
                  base_url=True, allowed_remotes=True)  # fmt: skip
    seen = api.read(whole, login)
    names = frozenset(seen.blob_stores)
    settings: dict[str, Any] = dict(api.read(Scope(blob_stores=names), login).blob_stores)
    return replace(seen, blob_stores=settings)
