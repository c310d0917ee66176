"""Proofs of verify about pushes: one arrives whole, where it should, and may take its time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from moorage.checks.trial import Image, Proof, Trial
from moorage.errors import MoorageError, RequestRefused, Unreachable, VerificationFailed
from moorage.transport.registry import Registry, digest_of

_CHUNK = 1024
_PAUSE_SECONDS = 1.0
_CUT = {400, 408, 499, 502, 504}


def push(trial: Trial, image: str, content: Image) -> Proof:
    """Push an image as Docker does.

    Raises:
        VerificationFailed: the hosted repository takes uploads, but not by the public name.
        RequestRefused: any other refusal.
    """
    registry, name = trial.at(trial.site.pushed_as(image))
    try:
        digest = registry.push(name, content.tag, content.layers, content.config)
    except RequestRefused as refused:
        if _writes_are_led_astray(trial, image, registry, name):
            raise _astray(trial, refused) from refused
        raise
    return Proof(f"push of {image}:{content.tag}", f"taken as {digest[:19]}")


def _writes_are_led_astray(trial: Trial, image: str, registry: Registry, name: str) -> bool:
    """Whether an upload begins in the hosted repository itself, and not by the public name."""
    hosted = trial.past_routing(trial.site.push_repository)
    try:
        return hosted.begins_uploads(image) and not registry.begins_uploads(name)
    except MoorageError:
        return False


def _astray(trial: Trial, refused: RequestRefused) -> VerificationFailed:
    """The group takes reads alone: 405 from a Nexus without the writable member of Pro."""
    site = trial.site
    failure = VerificationFailed(
        f"writes to {site.push_domain} do not reach {site.push_repository} but something that "
        f"refuses them (HTTP {refused.status}), such as {site.pull_repository}: ports swapped?",
        hint=f"what takes writes must lead to port {site.push_port} ({site.push_repository}), what "
        f"takes reads to {site.pull_port} ({site.pull_repository}); fab deploy writes the labels "
        "anew, fab nexus-seed the ports of the repositories",
    )
    failure.evidence = refused.details()
    return failure


def compared(registry: Registry, name: str, image: Image, subject: str) -> Proof:
    """An image is there, with all its layers.

    Raises:
        VerificationFailed: it is not, or is another.
    """
    found = registry.manifest(name, image.tag)
    if found is None:
        raise VerificationFailed("it is not there")
    digest, manifest = found
    wanted = list(image.layers)
    seen = [layer["digest"] for layer in manifest.get("layers", [])]
    if seen != wanted:
        raise VerificationFailed(f"it is another image: layers {seen} instead of {wanted}")
    for layer in seen:
        registry.blob(name, layer)
    return Proof(subject, f"same layers, digest {digest[:19]}")


def slow_upload(trial: Trial, seconds: float) -> Proof:
    """Send a layer so slowly that it takes this long.

    Raises:
        VerificationFailed: the upload is cut off on the way.
    """
    registry, name = trial.at(trial.site.pushed_as(trial.image))
    chunks = [os.urandom(_CHUNK) for _ in range(max(2, round(seconds / _PAUSE_SECONDS)))]
    begun = time.monotonic()
    try:
        registry.upload(name, digest_of(b"".join(chunks)), _slowly(chunks, seconds))
    except (RequestRefused, Unreachable) as cause:
        if isinstance(cause, RequestRefused) and cause.status not in _CUT:
            raise
        raise _cut(trial, time.monotonic() - begun, seconds, cause) from cause
    return Proof(f"upload that takes {seconds:.0f} s", "taken as a whole")


def _slowly(chunks: list[bytes], seconds: float) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        time.sleep(seconds / len(chunks))


def _cut(trial: Trial, after: float, seconds: float, cause: MoorageError) -> VerificationFailed:
    """Traefik's ``readTimeout`` is 60 s since 2.11.2 and in all of 3 (migration notes, v2.11.2)."""
    ingress = trial.site.ingress
    mend = "set the proxy's time limits as inv render --proxy nginx, haproxy or caddy says"
    options = ", ".join(
        f"--entryPoints.{name}.transport.respondingTimeouts.readTimeout=0"
        for name in ingress.entrypoints
    )
    failure = VerificationFailed(
        f"an upload of {seconds:.0f} s was cut off after {after:.0f} s: "
        f"{'readTimeout' if ingress.kind == 'traefik' else 'time limit'} too short",
        hint=f"start Traefik with {options} (default: 60s)" if ingress.kind == "traefik" else mend,
    )
    failure.evidence = [cause.message, *cause.details()]
    return failure
