"""Proofs of verify about images from upstream: pulled through the group, and built upon.

A push asks by ``HEAD`` whether a layer is there and leaves out those that are. A group answers that
for its proxies too, and the hosted repository then refuses the manifest (docs/ingress.md, "split").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moorage.checks.trial import Image, Proof, Trial
from moorage.checks.verify_push import compared, push
from moorage.errors import MoorageError, VerificationFailed
from moorage.transport.registry import Registry

_UPSTREAM = "hello-world"
_DERIVED = "moorage-verify/derived"


def proofs(trial: Trial) -> Iterator[tuple[str, Callable[[], Proof]]]:
    """What is tried, and how, in this order."""
    pulled: list[tuple[dict[str, bytes], str]] = []
    yield f"pull of {_UPSTREAM} through the group", lambda: _pull(trial, pulled)
    yield f"push of an image built upon {_UPSTREAM}", lambda: _push(trial, pulled)
    if trial.site.ingress.routing in {"split", "split-safe"}:
        yield "pushing an upstream image unchanged", lambda: _unchanged(trial)


def _pull(trial: Trial, pulled: list[tuple[dict[str, bytes], str]]) -> Proof:
    subject = f"pull of {_UPSTREAM}"
    if not trial.proxies:
        return Proof(subject, "not tried: there is no proxy behind it", "warning")
    registry, name = trial.at(trial.site.pulled_as(_UPSTREAM))
    found = registry.manifest(name, "latest")
    if found is None:
        _reads_are_led_right(trial)
        return Proof(
            subject,
            f"skipped: {', '.join(trial.proxies)} cannot reach its remote, or it is auto-blocked "
            "for a while",
            "warning",
        )
    digest, manifest = found
    manifest = _for_one_platform(registry, name, manifest)
    layers = {layer["digest"]: registry.blob(name, layer["digest"])
              for layer in manifest["layers"]}  # fmt: skip
    registry.blob(name, manifest["config"]["digest"])
    pulled.append((layers, manifest["config"]["digest"]))
    size = sum(map(len, layers.values()))
    return Proof(subject, f"{size} bytes in {len(layers)} layers, digest {digest[:19]}")


def _reads_are_led_right(trial: Trial) -> None:
    """Raises: VerificationFailed: what answers pulls has the image, but not by the public name."""
    site = trial.site
    if trial.past_routing(site.pull_repository).manifest(_UPSTREAM, "latest") is None:
        return
    raise VerificationFailed(
        f"{site.pull_repository} has it, but reads of {site.registry.domain} do not reach that "
        "repository: ports swapped?",
        hint=f"what takes reads must lead to port {site.pull_port} ({site.pull_repository}), what "
        f"takes writes to {site.push_port} ({site.push_repository}); fab deploy writes the labels "
        "anew, fab nexus-seed the ports of the repositories",
    )


def _for_one_platform(registry: Registry, name: str, manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest of one platform, where an index of several was given."""
    entries = manifest.get("manifests")
    if not isinstance(entries, list):
        return manifest
    chosen = next(
        (entry for entry in entries if entry.get("platform", {}).get("architecture") == "amd64"),
        entries[0],
    )
    found = registry.manifest(name, chosen["digest"])
    if found is None:
        raise VerificationFailed(f"the index names {chosen['digest']}, which is not there")
    return found[1]


def _push(trial: Trial, pulled: list[tuple[dict[str, bytes], str]]) -> Proof:
    """Build upon it and push, as people do."""
    name = trial.own(_DERIVED)
    if not pulled:
        return Proof(f"push of {name}", f"not tried without {_UPSTREAM}", "warning")
    layers, config = pulled[0]
    # an earlier push may have brought the layers to the hosted repository, but never this
    _not_skipped(trial, name, config, "blob")
    image = Image.new(once=trial.once, base=layers)
    try:
        push(trial, name, image)
    except MoorageError:
        for layer in layers:
            _not_skipped(trial, name, layer, "layer")
        raise
    hosted = trial.site.push_repository
    return compared(trial.past_routing(hosted), name, image, f"push of {name}, whole in {hosted}")


def _not_skipped(trial: Trial, image: str, digest: str, what: str) -> None:
    """Raises: VerificationFailed: a push would leave out what the hosted repository lacks."""
    registry, name = trial.at(trial.site.pushed_as(image))
    if not registry.has(name, digest) or trial.past_routing(
        trial.site.push_repository
    ).has(image, digest):  # fmt: skip
        return
    member = next((proxy for proxy in trial.proxies
                   if trial.past_routing(proxy).has(image, digest)), None)  # fmt: skip
    answered = f"proxy member {member}" if member else f"a member of {trial.site.pull_repository}"
    hosted = trial.site.push_repository
    raise VerificationFailed(
        f"{what} {digest} answered by {answered}, missing in hosted ({hosted}): a push leaves it "
        "out, and its manifest is refused",
        hint=_setting(trial),
    )


def _setting(trial: Trial) -> str:
    if trial.site.ingress.routing == "split":
        return (
            "set ingress.routing to split-safe, namespaces, two-names or path (docs/ingress.md), "
            "then run fab deploy"
        )
    return "HEAD of a blob must go where pushes go: fab deploy writes the labels anew"


def _unchanged(trial: Trial) -> Proof:
    """Pulls and pushes ask ``HEAD`` of a manifest alike, with nothing to tell them apart."""
    return Proof(
        "pushing an upstream image unchanged",
        f"{trial.site.ingress.routing} cannot help it: containerd is told that the manifest is "
        "there, and pushes nothing; give the image a name of its own, or set ingress.routing to "
        "namespaces, two-names or path",
        "note",
    )
