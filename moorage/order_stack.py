"""What a site asks of the Swarm, made ready for the step that sees to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from moorage import documents
from moorage.config.advice import advice
from moorage.config.render import Templates
from moorage.config.schema.base import seconds
from moorage.config.schema.site import Site
from moorage.docker_login import LABEL, DockerLogin
from moorage.ingress.limits import limits
from moorage.ingress.model import network
from moorage.steps.stack import StackDesired


def stack_desired(
    site: Site,
    templates: Templates,
    image: str,
    dockerfile: str,
    login: DockerLogin | None,
    *,
    image_pending: bool,
    version: str = "",
    home: str = "",
    upgrading: bool = False,
) -> StackDesired:
    """The stack as the inventory asks for it.

    Args:
        image: name and tag of Nexus' image, built from ``dockerfile``.
        login: of the image's registry; None for the account's own, if any.
        image_pending: whether the image will be on its nodes before the plan is applied.
        version: of its Nexus; empty where it may be older than the one that runs.
        home: folder of lock and journal on the manager.
        upgrading: whether an upgrade that is not over is this run's own.
    """
    text = documents.stack(site, templates, image, _marks(site, login))
    compose = YAML(typ="safe", pure=True).load(text)
    volume, distribution = documents.volume(site), site.nexus.image.distribution
    return StackDesired(
        stack=site.stack.name,
        service=f"{site.stack.name}_{site.stack.service}",
        compose_text=text, compose=compose,
        image=image,
        image_digest=documents.dockerfile_digest(dockerfile),
        from_registry=distribution != "load",
        given=distribution == "given",
        eligible=tuple(site.eligible_nodes()),
        label=documents.placement_label(site) if site.stack.placement else None,
        volume=volume.actual_name,
        declared=_declared(compose, site.stack.name),
        volume_options=volume.driver_opts,
        nocopy=site.storage.volume.nocopy,
        uid=site.nexus.uid,
        network=network(site),
        converge_seconds=seconds(site.stack.converge_timeout),
        startup_seconds=seconds(site.nexus.startup_timeout),
        image_pending=image_pending,
        version=version, home=home, login=login, upgrading=upgrading,
        advice=tuple(f"{item.field}: {item.message}" for item in advice(site)),
        limits=limits(site),
        pinned=_pinned(site),
        addresses={host.address: name for name, host in site.swarm_hosts().items()},
    )  # fmt: skip


def _marks(site: Site, login: DockerLogin | None) -> list[str]:
    """Labels of the service that tell a new login from the former one."""
    return [f"{LABEL}={login.mark(site.stack.name)}"] if login else []


def _pinned(site: Site) -> dict[str, str]:
    """The nodes that Nexus may be moved to, by name, as Swarm lists them."""
    if not site.pinned:
        return {}
    return {name: site.swarm_hostname(name) for name in site.eligible_nodes()}


def _declared(compose: Mapping[str, Any], stack: str) -> tuple[str, ...]:
    """Names that the volumes of a stack file have on the nodes."""
    volumes = compose.get("volumes") or {}
    return tuple((settings or {}).get("name") or f"{stack}_{key}"
                 for key, settings in volumes.items())  # fmt: skip
