"""How requests reach the running Nexus, as the inventory's ``ingress`` and names; pure.

The routers are recognised by what they do, not by their names: Moorage's own have other names where
labels were written by hand, and what they were is named as a difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorage.config.schema.nexus import HTTP_PORT
from moorage.ingress.model import READS, WRITES
from moorage.takeover.routers import Router, Routing
from moorage.takeover.taken import Taken
from moorage.takeover.traefik_options import entry_point, exposes_all

_NETWORKS = ("traefik.docker.network", "traefik.swarm.network")
_ENABLE = "traefik.enable"


@dataclass(frozen=True)
class Front:
    """What stands in front.

    Args:
        labels: the service's, without Swarm's own.
        version: of the Traefik that runs; empty where nothing tells.
        options: its arguments.
        networks: full names of those that the service is in.
        hosted, others: ports of Docker repositories that are hosted, and of the others.
        by_path: whether a repository is reached by its path.
    """

    labels: Mapping[str, str]
    routing: Routing
    version: str
    options: tuple[str, ...]
    networks: tuple[str, ...]
    hosted: frozenset[int] = frozenset()
    others: frozenset[int] = frozenset()
    by_path: bool = False

    @property
    def pages(self) -> list[Router]:
        """Routers to Nexus' own port, those with TLS first."""
        found = [router for router in self.routing.routers
                 if router.port == HTTP_PORT and router.hosts
                 and not _api(router)]  # fmt: skip
        return sorted(found, key=lambda router: not router.tls)

    @property
    def registry(self) -> list[Router]:
        """Routers to Docker repositories; where some have TLS, those."""
        api = [router for router in self.routing.routers if router.hosts and (
            router.port in self.hosted | self.others
            or _api(router))]  # fmt: skip
        return [router for router in api if router.tls] or api

    def entrypoints(self) -> list[str]:
        """Names of the entry points; those of Traefik's own options where labels name none."""
        said = next((router.entrypoints for router in [*self.pages, *self.registry]
                     if router.entrypoints), ())  # fmt: skip
        found = entry_point(self.options, 443) or entry_point(self.options, 80)
        return list(said) or [found or "websecure"]


def _api(router: Router) -> bool:
    """Whether it is for the registry's API alone."""
    return any(path.startswith(("/v2", "^/v2")) for path in router.paths)


def take_front(taken: Taken, front: Front) -> None:
    """Names, version, network, entry points, TLS, routing."""
    _versions(taken, front)
    taken.put("ingress.entrypoints", front.entrypoints())
    network = network_of(front.labels)
    taken.put("ingress.network", network if network in front.networks else _shared(front))
    said = front.labels.get(_ENABLE, "").lower() == "true"
    taken.put("ingress.exposed_by_default", not said and (
        front.routing.first or exposes_all(front.options)))  # fmt: skip
    routers = [*front.pages, *front.registry]
    resolver = next((router.resolver for router in routers if router.resolver), None)
    taken.put("ingress.tls", {"resolver": resolver} if resolver else {})
    _routing(taken, front)
    _middlewares(taken, front)


def _versions(taken: Taken, front: Front) -> None:
    if front.version:
        taken.put("ingress.version", front.version)
        return
    told = "1.7" if front.routing.first else "2.11"
    text = " ".join(front.labels.values())
    if not front.routing.first and (
        "traefik.swarm.network" in front.labels
        or "PathRegexp" in text
        or "Method(`GET`) ||" in text
    ):  # fmt: skip
        told = "3.7"
    taken.put("ingress.version", told)
    taken.say(
        "ingress.version", "No Traefik of the Swarm tells its version: by the form of labels."
    )


def network_of(labels: Mapping[str, str]) -> str | None:
    """The network that labels tell Traefik to use."""
    return next((labels[key] for key in _NETWORKS if key in labels), None)


def _shared(front: Front) -> str | None:
    """The network that is not the stack's own, where there is one."""
    found = [name for name in front.networks if not name.endswith("_default")]
    return found[0] if len(found) == 1 else None


def names_of(front: Front) -> tuple[str | None, str | None]:
    """Host names of Nexus and of the registry."""
    pages = front.pages[0].hosts[0] if front.pages else None
    reads = [router for router in front.registry if router.port not in front.hosted]
    registry = next((router.hosts[0] for router in [*reads, *front.registry]), None)
    return pages, registry


def _routing(taken: Taken, front: Front) -> None:
    routers = front.registry
    hosts = list(dict.fromkeys(router.hosts[0] for router in routers))
    pushes = [router for router in routers if router.port in front.hosted]
    namespaces = [name for router in pushes for name in router.namespaces]
    routing = "split"
    if routers and all(router.port == HTTP_PORT for router in routers):
        routing = "path"
    elif len(hosts) > 1 and pushes:
        routing = "two-names"
        pull = next((router.hosts[0] for router in routers if router.port not in front.hosted),
                    hosts[0])  # fmt: skip
        push = next((router.hosts[0] for router in pushes if router.hosts[0] != pull), None)
        if push is None:
            routing = "split"
        else:
            taken.put("registry.push_domain", push)
    elif namespaces:
        routing = "namespaces"
        taken.put("ingress.namespaces", list(dict.fromkeys(namespaces)))
    elif any(router.uploads for router in pushes):
        routing = "split-safe"
    elif not routers and front.by_path:
        routing = "path"
    taken.put("ingress.routing", routing)
    for router in routers:
        if len(router.hosts) > 1:
            taken.leave(f"further names of router {router.name}: {', '.join(router.hosts[1:])}")


def role_of(router: Router, front: Front, routing: str) -> str:
    """What Moorage calls a router that does the same; empty where there is none."""
    if router in front.pages[:1]:
        return "nexus"
    if router not in front.registry:
        return ""
    push = router.port in front.hosted
    roles = {
        "split": "write" if push else "read",
        "split-safe": ("blobs" if router.uploads else "write") if push else "read",
        "namespaces": "own" if push else "read",
        "two-names": "push" if push else "pull",
        "path": "registry",
    }
    if routing.startswith("split") and router.methods and not router.uploads:
        # both may lead to the same port
        return "write" if router.methods & set(WRITES) - set(READS) else "read"
    return roles[routing]


def _middlewares(taken: Taken, front: Front) -> None:
    """By router; a list of addresses that are let in to the pages alone is ``ingress.allow``."""
    routing = taken.data["ingress"]["routing"]
    found: dict[str, list[str]] = {}
    for router in front.routing.routers:
        role = role_of(router, front, routing)
        if role and router.middlewares:
            found.setdefault(role, list(router.middlewares))
    first = found.get("nexus", [])[:1]
    allow = _allowed(front.labels, first[0] if first else "")
    shared = any(first[0] in names for role, names in found.items() if role != "nexus"
                 ) if first else False  # fmt: skip
    if allow and not shared:
        taken.put("ingress.allow", allow)
        found["nexus"] = found["nexus"][1:]
    if front.routing.first:
        _allowed_before_two(taken, front)
        return
    found = {role: names for role, names in found.items() if names}
    if found:
        taken.put("ingress.middlewares", found)


def _allowed(labels: Mapping[str, str], name: str) -> list[str]:
    """Addresses of a middleware that does nothing but let them in; empty for another."""
    start = f"traefik.http.middlewares.{name.partition('@')[0]}.".lower()
    own = {key.lower(): value for key, value in labels.items() if key.lower().startswith(start)}
    if len(own) != 1 or not name:
        return []
    [(key, value)] = own.items()
    kinds = ("ipallowlist.sourcerange", "ipwhitelist.sourcerange")
    return value.split(",") if key.removeprefix(start) in kinds else []


def _allowed_before_two(taken: Taken, front: Front) -> None:
    for router in front.pages[:1]:
        value = front.labels.get(f"traefik.{router.name}.frontend.whiteList.sourceRange")
        if value:
            taken.put("ingress.allow", value.split(","))


def further_labels(taken: Taken, front: Front, ours: Mapping[str, str]) -> dict[str, str]:
    """The service's labels that Moorage's own neither say nor stand in for.

    Args:
        ours: labels that the inventory makes so far.
    """
    routing = taken.data["ingress"].get("routing", "split")
    replaced = {router for router in front.routing.routers if role_of(router, front, routing)}
    kept = [router for router in front.routing.routers if router not in replaced]
    gone: set[str] = {_ENABLE, *_NETWORKS}
    gone |= {key for router in replaced for key in router.keys}
    used = {router.service.partition("@")[0] for router in kept}
    gone |= {key for name, (_, key) in front.routing.services.items() if name not in used}
    gone |= _allow_labels(taken, front)
    further = {key: value for key, value in front.labels.items()
               if key not in gone and key not in ours}  # fmt: skip
    further |= _linked(front, kept, ours)
    return further


def _allow_labels(taken: Taken, front: Front) -> set[str]:
    if not taken.data["ingress"].get("allow") or front.routing.first or not front.pages:
        return set()
    name = front.pages[0].middlewares[0].partition("@")[0].lower()
    start = f"traefik.http.middlewares.{name}."
    return {key for key in front.labels if key.lower().startswith(start)}


def _linked(front: Front, kept: list[Router], ours: Mapping[str, str]) -> dict[str, str]:
    """Routers that stay and named no service: of several Traefik would not know which."""
    names = [key.split(".")[3] for key in ours if key.startswith("traefik.http.services.")]
    if front.routing.first or len(names) < 1:
        return {}
    return {f"traefik.http.routers.{router.name}.service": names[0]
            for router in kept if not router.service and front.routing.services}  # fmt: skip


def take_ports(taken: Taken, numbers: Mapping[int, int], mode: str, pull: int, push: int) -> None:
    """Published ports, where no Traefik is in front.

    Args:
        numbers: published ports by those of Nexus.
    """
    taken.put("ingress.kind", "ports")
    published: dict[str, Any] = {"mode": mode}
    for name, port in (("nexus", HTTP_PORT), ("pull", pull), ("push", push)):
        if numbers.get(port, port) != port:
            published[name] = numbers[port]
    taken.put("ingress.published", published)
    # a pull and a push have the same name, and the proxy tells them apart as it does
    taken.put("ingress.routing", "split")
