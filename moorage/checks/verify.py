"""Proof from outside: both names answer, login works, a push arrives, pulls come through."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from moorage.checks import verify_upstream
from moorage.checks.trial import Image, Proof, Trial
from moorage.checks.verify_push import compared, push, slow_upload
from moorage.checks.verify_routes import every_route
from moorage.config.schema.site import Site
from moorage.errors import MoorageError, VerificationFailed
from moorage.transport.base import Progress
from moorage.transport.fleet import Fleet
from moorage.transport.nexus_status import nexus_status
from moorage.values import Secret

SLOW_SECONDS = 70.0
"""More than the 60 s after which Traefik cuts a request unless it is told otherwise."""


def verify(
    site: Site, fleet: Fleet, password: Secret, progress: Progress, *, slow_seconds: float = 0.0
) -> Iterator[Proof]:
    """Try everything in turn; each proof comes as soon as it is there.

    Args:
        site: what was asked.
        fleet: the way to the names.
        password: admin's.
        progress: told what is tried.
        slow_seconds: how long an upload is to take, besides the rest; 0: none.

    Raises:
        VerificationFailed: something does not work; says what, why and what to do.
    """
    trial = Trial(site, fleet, password)
    image = Image.new(once=trial.once)
    proofs: list[tuple[str, Callable[[], Proof]]] = [
        ("routes", lambda: every_route(trial)),
        (f"{site.nexus.domain} answers", lambda: _answers(trial)),
        (f"docker login {site.registry.domain}", lambda: _login(trial)),
        (f"push of {trial.image}", lambda: push(trial, trial.image, image)),
        ("it is in the hosted repository", lambda: _in_hosted(trial, image)),
        ("pull of it through the group", lambda: _pull(trial, image)),
        *verify_upstream.proofs(trial),
    ]
    if slow_seconds:
        subject = f"upload that takes {slow_seconds:.0f} s"
        proofs.append((subject, lambda: slow_upload(trial, slow_seconds)))
    for subject, prove in proofs:
        progress(subject)
        try:
            yield prove()
        except MoorageError as cause:
            failure = VerificationFailed(
                f"{subject}: {cause.message}",
                hint=cause.hint
                or "fab doctor looks at names, certificate and ingress; "
                "fab nexus-seed puts repositories and realms right",
            )
            failure.step = "verify"
            failure.subject = subject
            failure.evidence = cause.details()
            raise failure from cause


def _answers(trial: Trial) -> Proof:
    domain = trial.site.nexus.domain
    status = nexus_status(trial.fleet.web(domain))
    if status.untrusted:
        raise status.untrusted
    if not status.writable:
        raise VerificationFailed(status.phase, hint="run fab deploy first")
    tls = "TLS, certificate checked" if trial.site.ingress.tls else "no TLS"
    return Proof(f"{domain} answers", f"Nexus {status.version or ''} is writable ({tls})")


def _login(trial: Trial) -> Proof:
    kind = trial.registry().log_in()
    return Proof(f"docker login {trial.site.registry.domain}", f"{kind} login of admin taken")


def _in_hosted(trial: Trial, image: Image) -> Proof:
    hosted = trial.site.push_repository
    return compared(trial.past_routing(hosted), trial.image, image, f"it is in {hosted}")


def _pull(trial: Trial, image: Image) -> Proof:
    group = trial.site.pull_repository
    registry, name = trial.at(trial.site.pulled_as(trial.image))
    return compared(registry, name, image, f"pull of {trial.image} through {group}")
