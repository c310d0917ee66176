"""Proof from outside: both names answer, login works, a push arrives, pulls come through."""

from __future__ import annotations

import gzip
import io
import json
import secrets
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from moorage.config.schema.registry import Group, Hosted, Proxy
from moorage.config.schema.site import Site
from moorage.errors import MoorageError, VerificationFailed
from moorage.transport.base import Progress
from moorage.transport.fleet import Fleet
from moorage.transport.nexus_status import nexus_status
from moorage.transport.registry import Registry, digest_of
from moorage.values import Secret

_IMAGE = "moorage-verify/probe"
_UPSTREAM = "hello-world"


@dataclass(frozen=True)
class Proof:
    """One thing that was tried.

    Args:
        subject: what was tried.
        outcome: what came of it.
        warning: it could not be tried; not a failure of the site.
    """

    subject: str
    outcome: str
    warning: bool = False


@dataclass(frozen=True)
class _Trial:
    site: Site
    fleet: Fleet
    password: Secret

    def registry(self, prefix: str = "", domain: str | None = None) -> Registry:
        web = self.fleet.web(domain or self.site.registry.domain)
        return Registry(web, "admin", self.password, prefix)

    @property
    def image(self) -> str:
        """Name of the image that is pushed: one that the routing takes."""
        own = self.site.ingress.namespaces
        return f"{own[0]}/{_IMAGE}" if own else _IMAGE

    def at(self, reference: str) -> tuple[Registry, str]:
        """The registry of an image, and what the image is called there."""
        domain, _, name = reference.partition("/")
        return self.registry(domain=domain), name


def verify(site: Site, fleet: Fleet, password: Secret, progress: Progress) -> Iterator[Proof]:
    """Try everything in turn; each proof comes as soon as it is there.

    Args:
        site: what was asked.
        fleet: the way to the names.
        password: admin's.
        progress: told what is tried.

    Raises:
        VerificationFailed: something does not work; says what, why and what to do.
    """
    trial = _Trial(site, fleet, password)
    hosted = site.registry.repositories[site.push_repository]
    image = _Image.new(once=isinstance(hosted, Hosted) and hosted.write_policy != "allow")
    proofs: list[tuple[str, Callable[[], Proof]]] = [
        (f"{site.nexus.domain} answers", lambda: _answers(trial)),
        (f"docker login {site.registry.domain}", lambda: _login(trial)),
        (f"push of {trial.image}", lambda: _push(trial, image)),
        ("it is in the hosted repository", lambda: _in_hosted(trial, image)),
        ("pull of it through the group", lambda: _pull(trial, image)),
        (f"pull of {_UPSTREAM} through the group", lambda: _pull_upstream(trial)),
    ]
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
            failure.evidence = cause.details()
            raise failure from cause


@dataclass(frozen=True)
class _Image:
    tag: str
    layer: bytes
    config: bytes

    @classmethod
    def new(cls, *, once: bool) -> _Image:
        """An image that no registry has yet: one layer with one random file.

        Args:
            once: whether a tag that is there already cannot be pushed again.
        """
        content = secrets.token_hex(16).encode()
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w") as tar:
            entry = tarfile.TarInfo("moorage-verify")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(raw.getvalue())]},
        }
        layer = gzip.compress(raw.getvalue(), mtime=0)
        tag = secrets.token_hex(6) if once else "latest"
        return cls(tag, layer, json.dumps(config).encode())

    @property
    def layers(self) -> dict[str, bytes]:
        return {digest_of(self.layer): self.layer}


def _answers(trial: _Trial) -> Proof:
    domain = trial.site.nexus.domain
    status = nexus_status(trial.fleet.web(domain))
    if status.untrusted:
        raise status.untrusted
    if not status.writable:
        raise VerificationFailed(status.phase, hint="run fab deploy first")
    tls = "TLS, certificate checked" if trial.site.ingress.tls else "no TLS"
    return Proof(f"{domain} answers", f"Nexus {status.version or ''} is writable ({tls})")


def _login(trial: _Trial) -> Proof:
    kind = trial.registry().log_in()
    return Proof(f"docker login {trial.site.registry.domain}", f"{kind} login of admin taken")


def _push(trial: _Trial, image: _Image) -> Proof:
    registry, name = trial.at(trial.site.pushed_as(trial.image))
    digest = registry.push(name, image.tag, image.layers, image.config)
    return Proof(f"push of {trial.image}:{image.tag}", f"taken as {digest[:19]}")


def _in_hosted(trial: _Trial, image: _Image) -> Proof:
    """Nexus serves every docker repository under its own path too, past all routing."""
    hosted = trial.site.push_repository
    registry = trial.registry(f"/repository/{hosted}", trial.site.nexus.domain)
    return _compared(registry, trial.image, image, f"it is in {hosted}")


def _pull(trial: _Trial, image: _Image) -> Proof:
    group = trial.site.pull_repository
    registry, name = trial.at(trial.site.pulled_as(trial.image))
    return _compared(registry, name, image, f"pull of {trial.image} through {group}")


def _compared(registry: Registry, name: str, image: _Image, subject: str) -> Proof:
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


def _pull_upstream(trial: _Trial) -> Proof:
    subject = f"pull of {_UPSTREAM}"
    repositories = trial.site.registry.repositories
    group = repositories[trial.site.pull_repository]
    members = group.members if isinstance(group, Group) else []
    proxies = [member for member in members if isinstance(repositories[member], Proxy)]
    if not proxies:
        return Proof(subject, "not tried: there is no proxy behind it", warning=True)
    registry, name = trial.at(trial.site.pulled_as(_UPSTREAM))
    found = registry.manifest(name, "latest")
    if found is None:
        return Proof(
            subject,
            f"not there: {', '.join(proxies)} cannot reach its remote, or is blocked for a while",
            warning=True,
        )
    digest, manifest = found
    manifest = _for_one_platform(registry, name, manifest)
    layers = [layer["digest"] for layer in manifest["layers"]]
    size = sum(len(registry.blob(name, layer)) for layer in layers)
    return Proof(subject, f"{size} bytes in {len(layers)} layers, digest {digest[:19]}")


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
