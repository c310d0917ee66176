"""Proof of verify that every route leads to Nexus: one harmless request, without a login, each."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from moorage.checks.trial import Proof, Trial
from moorage.config.schema.site import Site
from moorage.errors import Silent, VerificationFailed
from moorage.ingress.model import API, PAGES, WRITES, Match, Path, Route, routes
from moorage.transport.http import Web, messages
from moorage.transport.nexus_status import WRITABLE

_NOTHING = "moorage-verify-nothing"
_PATHS = {
    Path.UPLOADS: f"blobs/uploads/{_NOTHING}",
    Path.BLOBS: f"blobs/sha256:{'0' * 64}",
}
# Traefik waits 30 s for a connection to a server (forwardingTimeouts.dialTimeout)
_SECONDS = 45.0


@dataclass(frozen=True)
class Sample:
    """A request that a route should take, about something that is nowhere."""

    route: Route
    method: str
    path: str

    @property
    def text(self) -> str:
        """As the operator reads it."""
        return f"{self.method} {self.route.host}{self.path.split('?')[0]}"


def samples(site: Site) -> Iterator[Sample]:
    """One request for every alternative of every route; pure."""
    for route in routes(site):
        for match in route.matches:
            yield _sample(site, route, match)


def _sample(site: Site, route: Route, match: Match) -> Sample:
    if route.name == PAGES:
        return Sample(route, "GET", WRITABLE)
    # DELETE of what is nowhere; without a login Nexus asks for one before it looks
    method = "GET"
    if match.methods:
        method = "DELETE" if set(match.methods) == set(WRITES) else match.methods[0]
    prefix = next(iter(match.prefixes), API)
    name = _NOTHING if prefix != API else f"{site.push_repository}/{_NOTHING}"
    if match.path is not None:
        return Sample(route, method, f"{prefix}{name}/{_PATHS[match.path]}")
    if method == "DELETE" or prefix != API:
        return Sample(route, method, f"{prefix}{name}/manifests/{_NOTHING}")
    return Sample(route, method, API)


def every_route(trial: Trial) -> Proof:
    """Every route leads to Nexus, whatever it answers.

    Raises:
        VerificationFailed: the ingress answers by itself; says which routes, and the likely cause.
    """
    all_samples = list(samples(trial.site))

    def asked(sample: Sample) -> tuple[int | None, list[str]]:
        return _asked(trial.fleet.web(sample.route.host, retry=False), sample)

    # side by side: where the network is wrong each of them takes half a minute
    with ThreadPoolExecutor(len(all_samples)) as pool:
        answers = list(zip(all_samples, pool.map(asked, all_samples), strict=True))
    failed = [(sample, status, body) for sample, (status, body) in answers if status is not None]
    if failed:
        raise _explained(trial.site, failed, all_failed=len(failed) == len(all_samples))
    return Proof("routes", f"{len(all_samples)} kinds of requests reach Nexus")


def _asked(web: Web, sample: Sample) -> tuple[int | None, list[str]]:
    """The status and words of the ingress' own answer; None where it is Nexus'."""
    try:
        answer = web.ask(sample.method, sample.path, read_seconds=_SECONDS)
    except Silent as silent:
        return 504, [silent.message]
    finally:
        web.close()
    own = not answer.headers.get("Server", "").startswith("Nexus/") and (
        "Docker-Distribution-Api-Version" not in answer.headers
    )
    if own and answer.status_code in _OWN:
        return answer.status_code, messages(answer.text)[:3]
    return None, []


_OWN = {404, 502, 503, 504}
"""What Traefik says by itself; 503 of a service without tasks ("no available server")."""


def _explained(
    site: Site, failed: list[tuple[Sample, int, list[str]]], *, all_failed: bool
) -> VerificationFailed:
    sample, status, _ = failed[0]
    alike = [f"{other.text} (HTTP {code})" for other, code, _ in failed]
    message, hint = _reason(site, sample, status, all_failed=all_failed)
    failure = VerificationFailed(message, hint=hint)
    failure.evidence = [
        *(f"no answer of Nexus to {text}" for text in alike),
        *(f"| {line}" for line in failed[0][2]),
    ]
    return failure


def _reason(site: Site, sample: Sample, status: int, *, all_failed: bool) -> tuple[str, str]:
    """What is wrong, and what to do."""
    if site.ingress.kind == "ports":
        return _by_ones_own(sample, status)
    known = {
        404: _no_router_at_all if all_failed else _dropped,
        502: _closed,
        503: _no_task,
        504: _wrong_network,
    }
    return known[status](site, sample)


def _by_ones_own(sample: Sample, status: int) -> tuple[str, str]:
    message = (
        f"the proxy in front answers {sample.text} itself (HTTP {status}): it must send it to port "
        f"{sample.route.port} of a node of the Swarm"
    )
    hint = (
        "set the proxy up as inv render --proxy nginx, haproxy or caddy says; does Nexus run "
        "(fab deploy), and is its port published?"
    )
    return message, hint


def _no_router_at_all(site: Site, _: Sample) -> tuple[str, str]:
    message = f"Traefik has no router at all for {site.stack.name} (404)"
    hint = (
        "does Nexus run (fab deploy), is its service enabled for Traefik, and are its labels "
        "taken? Traefik's log says why a service is left out"
    )
    return message, hint


def _dropped(site: Site, sample: Sample) -> tuple[str, str]:
    router, service = (f"{site.stack.name}-{n}" for n in (sample.route.name, sample.route.service))
    message = (
        f"Traefik has no router for {sample.text} (404): router {router} dropped, service link "
        "missing?"
    )
    hint = (
        "where a service has several ports, each router must name its own: label "
        f"traefik.http.routers.{router}.service={service}; fab deploy writes the labels anew"
    )
    return message, hint


def _closed(site: Site, sample: Sample) -> tuple[str, str]:
    message = (
        f"Nexus' port {sample.route.port} is closed to {sample.text} (502): Nexus is starting, or "
        "wrong port label or wrong network label?"
    )
    hint = (
        f"label loadbalancer.server.port must be {sample.route.port} and the network label "
        f"{site.ingress.network}; fab deploy writes the labels anew, fab nexus-seed opens the "
        "ports of repositories"
    )
    return message, hint


def _no_task(_: Site, sample: Sample) -> tuple[str, str]:
    message = f"Traefik has no running task for {sample.text} (503)"
    return message, "see whether Nexus runs: fab deploy waits for it"


def _wrong_network(site: Site, sample: Sample) -> tuple[str, str]:
    message = (
        f"Traefik gets no answer from Nexus' address to {sample.text} (504): wrong network label?"
    )
    hint = (
        f"the network label must be {site.ingress.network}, the full name of a network that "
        "Traefik is on too; fab deploy writes the labels anew, fab doctor looks at the network"
    )
    return message, hint
