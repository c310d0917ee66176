"""What no single field can tell: contradictions between parts of an inventory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from moorage.config.schema.backup_consistency import backup_contradictions
from moorage.config.schema.ingress_consistency import ingress_contradictions
from moorage.config.schema.nexus import VM_PARAMETERS
from moorage.config.schema.nexus_consistency import nexus_contradictions
from moorage.config.schema.nodes_consistency import nodes_contradictions
from moorage.config.schema.registry import Group, Hosted
from moorage.config.schema.suggest import suggestion

if TYPE_CHECKING:
    from moorage.config.schema.site import Site


_NEXUS_OWN = ("build", "image")
"""Keys of a service that are not for ``stack.further``."""


def contradictions(site: Site) -> list[tuple[str, str]]:
    """All contradictions, each with the field it shows at and what would be right."""
    return [
        *_hosts(site),
        *_repositories(site),
        *_routes(site),
        *ingress_contradictions(site),
        *_placement(site),
        *_memory(site),
        *_image(site),
        *_compose(site),
        *_private_ca(site),
        *nexus_contradictions(site),
        *nodes_contradictions(site),
        *backup_contradictions(site),
    ]


def _hosts(site: Site) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for section in ("nfs", "managers", "nodes", "clients"):
        for name, host in getattr(site.hosts, section).items():
            field = f"hosts.{section}.{name}"
            if name in seen:
                yield field, f'"{name}" is already a host of {seen[name]}: names are unique'
            seen[name] = f"hosts.{section}"
            if host.jump == name:
                yield f"{field}.jump", f'"{name}" cannot be reached through itself'
    if site.nexus.domain == site.registry.domain and site.ingress.routing != "path":
        yield "registry.domain", f'"{site.registry.domain}" is nexus.domain already: two names'


def _repositories(site: Site) -> Iterator[tuple[str, str]]:
    repositories = site.registry.repositories
    for name, repository in repositories.items():
        if not isinstance(repository, Group):
            continue
        for index, member in enumerate(repository.members):
            field = f"registry.repositories.{name}.members[{index}]"
            if member not in repositories:
                known = suggestion(member, [other for other in repositories if other != name])
                yield field, f'"{member}" is not a repository here{known}'
            elif member in _reaching(site, name):
                yield field, f'"{member}" makes a circle of groups'


def _reaching(site: Site, group: str) -> set[str]:
    """The group itself and all groups that have it among their members, near or far."""
    found = {group}
    for _ in site.registry.repositories:
        found |= {
            name
            for name, repository in site.registry.repositories.items()
            if isinstance(repository, Group) and found & set(repository.members)
        }
    return found


def _routes(site: Site) -> Iterator[tuple[str, str]]:
    repositories = site.registry.repositories
    for key, name, kind in (
        ("pull_from", site.pull_repository, "group"),
        ("push_to", site.push_repository, "hosted repository"),
    ):
        field = f"registry.{key}"
        if not name:
            reached = "" if site.ingress.routing == "path" else " with a port"
            yield field, f"say which: there is not exactly one {kind}{reached}"
        elif name not in repositories:
            yield field, f'"{name}" is not a repository here: known are {", ".join(repositories)}'
        elif repositories[name].port is None and site.ingress.routing != "path":
            yield field, f'"{name}" has no port'
        elif key == "push_to" and not isinstance(repositories[name], Hosted):
            yield field, f'"{name}" is not hosted: only a hosted repository takes pushes'


def _placement(site: Site) -> Iterator[tuple[str, str]]:
    placement = site.stack.placement
    known = list(site.swarm_hosts())
    for index, node in enumerate(placement.nodes or [] if placement else []):
        if node not in known:
            field = f"stack.placement.nodes[{index}]"
            yield field, f'"{node}" is not a manager or node here: known are {", ".join(known)}'


def _memory(site: Site) -> Iterator[tuple[str, str]]:
    memory = site.nexus.memory
    if VM_PARAMETERS in site.nexus.environment and (memory.heap or memory.direct):
        field = f"nexus.environment.{VM_PARAMETERS}"
        yield field, "nexus.memory sets it already: set heap and direct there to null"


def _image(site: Site) -> Iterator[tuple[str, str]]:
    image = site.nexus.image
    if image.distribution == "given" and image.tag is None:
        yield "nexus.image.tag", "with distribution: given say the tag of the image that is there"


def _private_ca(site: Site) -> Iterator[tuple[str, str]]:
    if site.private_ca is None:
        return
    tls = site.ingress.tls
    if tls is None or tls.ca is None:
        yield "private_ca", "say in ingress.tls.ca in which file the CA's certificate is to be"
    elif tls.resolver is not None:
        yield "private_ca", "ingress.tls.resolver fetches certificates from elsewhere: one or other"


def _compose(site: Site) -> Iterator[tuple[str, str]]:
    for key in _NEXUS_OWN:
        if key in site.stack.further:
            yield f"stack.further.{key}", "this has keys of its own in nexus and stack"
    if site.stack.compose_version is None:
        return
    minor = int(site.stack.compose_version.partition(".")[2])
    needs = {
        "stack.update": 7 if site.stack.update else 0,
        "stack.healthcheck": 4 if site.stack.healthcheck else 0,
        "storage.volume.name": 4 if site.storage.volume.name else 0,
        "storage.volume.nocopy": 2 if site.storage.volume.nocopy else 0,
    }
    for field, least in needs.items():
        if minor < least:
            yield "stack.compose_version", f"{field} needs at least 3.{least}"
