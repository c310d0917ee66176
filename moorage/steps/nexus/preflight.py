"""What Nexus would refuse, or take in silence and do wrong: found before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from moorage.config.schema.base import Model
from moorage.config.schema.floors import Version, blob_store_needs, pro_only, repository_needs
from moorage.config.schema.registry import Group, Repository
from moorage.config.schema.suggest import suggestion
from moorage.errors import Refused
from moorage.steps.nexus.api import Body, NexusObserved, dotted
from moorage.steps.nexus.desired import NexusDesired

_REPOSITORIES = "registry.repositories"
_FREE = ("OSS", "COMMUNITY")


def check(wanted: NexusDesired, seen: NexusObserved) -> None:
    """Look at repositories and blob stores as a whole.

    Raises:
        Refused: naming the inventory's key, and what to do.
    """
    for name, repository in wanted.repositories.items():
        there = seen.repositories.get(name)
        if there is not None:
            _same_kind(name, repository, there)
        _edition(f"{_REPOSITORIES}.{name}", repository, seen)
        _versions(f"{_REPOSITORIES}.{name}", repository_needs(repository), seen)
        _blob_store(name, repository, wanted, seen)
        _cleanup(name, repository, wanted, seen)
        if isinstance(repository, Group):
            _members(name, repository, wanted, seen)
    for name, store in wanted.blob_stores.items():
        _versions(f"nexus.blob_stores.{name}", blob_store_needs(store), seen)
    _ports(wanted.repositories, seen.repositories)
    _circles(wanted.repositories, seen.repositories)


def _same_kind(name: str, repository: Repository, seen: Body) -> None:
    if seen.get("format") != "docker" or seen.get("type") != repository.type:
        raise Refused(
            f"repository {name} exists as {seen.get('format')} {seen.get('type')}, "
            f"not as docker {repository.type}",
            hint="Nexus cannot change that: give yours another name, or remove the old one by hand",
        )
    blob_store = (seen.get("storage") or {}).get("blobStoreName")
    if blob_store != repository.blob_store:
        raise Refused(
            f"repository {name} keeps its blobs in {blob_store}, not in {repository.blob_store}",
            hint="Nexus cannot move them by its API: set blob_store to what it is",
        )


def _edition(field: str, repository: Model, seen: NexusObserved) -> None:
    for key in pro_only(repository):
        if seen.edition in _FREE:
            raise Refused(f"{field}.{key} is for Nexus Pro alone, and this is {seen.edition}",
                          hint="take it out of the inventory")  # fmt: skip


def _versions(field: str, needs: Iterable[tuple[str, Version]], seen: NexusObserved) -> None:
    for key, floor in needs:
        if seen.version < floor:
            raise Refused(
                f"{field}.{key} needs Nexus {dotted(floor)}, and {dotted(seen.version)} runs",
                hint="deploy that version first, or take the key out of the inventory",
            )


def _blob_store(
    name: str, repository: Repository, wanted: NexusDesired, seen: NexusObserved
) -> None:
    known = {**wanted.blob_stores, **seen.blob_stores}
    store = repository.blob_store
    if store not in known:
        raise Refused(
            f"{_REPOSITORIES}.{name}.blob_store: there is no blob store {store} in Nexus, "
            f"nor in nexus.blob_stores{suggestion(store, known)}",
            hint="declare it in nexus.blob_stores, or name one that is there",
        )


def _cleanup(name: str, repository: Repository, wanted: NexusDesired, seen: NexusObserved) -> None:
    policies = getattr(repository, "cleanup", None) or ()
    if policies and seen.cleanup_policies is None:
        raise Refused(
            f"{_REPOSITORIES}.{name}.cleanup: Nexus {dotted(seen.version)} gives no cleanup "
            "policies by its API",
            hint="take cleanup out of the inventory, and set it in Nexus by hand",
        )
    known = {**wanted.cleanup_policies, **(seen.cleanup_policies or {})}
    for policy in policies:
        if policy not in known:
            raise Refused(
                f"{_REPOSITORIES}.{name}.cleanup: there is no cleanup policy {policy} in Nexus, "
                f"nor in nexus.cleanup_policies{suggestion(policy, known)}",
                hint="declare it in nexus.cleanup_policies, or name one that is there",
            )


def _members(name: str, group: Group, wanted: NexusDesired, seen: NexusObserved) -> None:
    docker = {other for other, settings in seen.repositories.items()
              if settings.get("format") == "docker"}  # fmt: skip
    known = {**wanted.repositories, **dict.fromkeys(docker)}
    for index, member in enumerate(group.members):
        if member not in known:
            others = [other for other in known if other != name]
            raise Refused(
                f"{_REPOSITORIES}.{name}.members[{index}]: there is no docker repository {member} "
                f"in Nexus, nor in the inventory{suggestion(member, others)}",
                hint="name one that is there",
            )


def _ports(wanted: Mapping[str, Repository], seen: Mapping[str, Body]) -> None:
    taken = {
        port: name
        for name, settings in seen.items()
        if name not in wanted
        for port in ports_of(settings)
    }
    for name, repository in wanted.items():
        for port in (repository.port, repository.https_port):
            if port is None or port not in taken:
                continue
            raise Refused(
                f"port {port}, wanted for {name}, is used by docker repository {taken[port]}",
                hint=f"give {name} another port, or take it from {taken[port]} first",
            )


def ports_of(settings: Body) -> list[int]:
    """Connector ports that a repository has on the server."""
    docker = settings.get("docker") or {}
    return [docker[key] for key in ("httpPort", "httpsPort") if docker.get(key)]


def _circles(wanted: Mapping[str, Repository], seen: Mapping[str, Body]) -> None:
    members = {
        name: (settings.get("group") or {}).get("memberNames") or ()
        for name, settings in seen.items()
    }
    for name, repository in wanted.items():
        members[name] = repository.members if isinstance(repository, Group) else ()
    try:
        TopologicalSorter(members).prepare()
    except CycleError as found:
        circle = " in ".join(dict.fromkeys(found.args[1]))
        raise Refused(f"groups would hold themselves: {circle} in {found.args[1][0]}",
                      hint="take one of them out of the other's members") from None  # fmt: skip
