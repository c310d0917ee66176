"""The routers that a service's labels make, of any major version of Traefik; pure.

Labels: traefik v1.7, docs/configuration/backends/docker.md ("Using Docker with Swarm Mode"); v2.11
and v3, docs/content/routing/providers/{docker,swarm}.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_V1 = re.compile(r"traefik\.(?:(?P<segment>[^.]+)\.)?(?P<key>frontend\.rule|port)")
_ROUTER = re.compile(r"traefik\.http\.routers\.(?P<name>[^.]+)\.(?P<key>.+)", re.IGNORECASE)
_SERVICE = re.compile(
    r"traefik\.http\.services\.(?P<name>[^.]+)\.loadbalancer\.server\.port", re.IGNORECASE
)
_QUOTED = re.compile(r"[`\"']([^`\"']*)[`\"']")
_CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>[^)]*)\)")


@dataclass(frozen=True)
class Router:
    """One router, or one segment of Traefik 1.

    Args:
        keys: keys of the labels that make it.
        port: of Nexus that it leads to; 0 where no label tells.
        service: name of what it leads to, as labels say it; empty for the only one.
        methods: empty for all; paths: arguments of its path matchers.
    """

    name: str
    keys: frozenset[str]
    port: int
    service: str = ""
    hosts: tuple[str, ...] = ()
    methods: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    entrypoints: tuple[str, ...] = ()
    middlewares: tuple[str, ...] = ()
    tls: bool = False
    resolver: str = ""

    @property
    def uploads(self) -> bool:
        """Whether it is for uploads or blobs alone."""
        return any("blobs" in path for path in self.paths)

    @property
    def namespaces(self) -> list[str]:
        """Beginnings of images' names that it is for alone."""
        found = (re.fullmatch(r"\^?/v2/([a-z0-9._/-]+?)/(?:\.\*)?", path) for path in self.paths)
        return [match[1] for match in found if match]


@dataclass(frozen=True)
class Routing:
    """All that the labels say.

    Args:
        services: Nexus' ports by the names of what routers lead to, with the labels' keys.
        first: whether they are Traefik 1's.
    """

    routers: tuple[Router, ...]
    services: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    first: bool = False


def routing(labels: Mapping[str, str]) -> Routing:
    """What a service's labels make."""
    segments = {found["segment"] or "" for key in labels if (found := _V1.fullmatch(key))}
    if segments:
        return Routing(tuple(_segments(labels, segments)), first=True)
    services = {found["name"]: (int(value), key) for key, value in labels.items()
                if (found := _SERVICE.fullmatch(key)) and value.isdigit()}  # fmt: skip
    return Routing(tuple(_routers(labels, services)), services)


def _routers(
    labels: Mapping[str, str], services: Mapping[str, tuple[int, str]]
) -> Iterator[Router]:
    names: dict[str, dict[str, str]] = {}
    keys: dict[str, set[str]] = {}
    for label, value in labels.items():
        if found := _ROUTER.fullmatch(label):
            names.setdefault(found["name"], {})[found["key"].lower()] = value
            keys.setdefault(found["name"], set()).add(label)
    for name, said in names.items():
        service = said.get("service", "")
        if service.partition("@")[0] in services:
            port = services[service.partition("@")[0]][0]
        else:
            port = next(iter(services.values()))[0] if len(services) == 1 and not service else 0
        rule = said.get("rule", "")
        calls = [(call["name"], _QUOTED.findall(call["arguments"]))
                 for call in _CALL.finditer(rule)]  # fmt: skip
        yield Router(
            name=name,
            keys=frozenset(keys[name]),
            port=port,
            service=service,
            hosts=tuple(word for call, words in calls if call == "Host" for word in words),
            methods=frozenset(word for call, words in calls if call == "Method" for word in words),
            paths=tuple(word for call, words in calls if call.startswith("Path") for word in words),
            entrypoints=_words(said.get("entrypoints", "")),
            middlewares=_words(said.get("middlewares", "")),
            tls=said.get("tls", "").lower() == "true"
            or any(key.startswith("tls.") for key in said),
            resolver=said.get("tls.certresolver", ""),
        )


def _segments(labels: Mapping[str, str], segments: set[str]) -> Iterator[Router]:
    for name in sorted(segments):
        start = f"traefik.{name}." if name else "traefik."
        keys = {key for key in labels if key.startswith(start)}
        if not name:
            keys = {key for key in keys if key.startswith(("traefik.frontend.", "traefik.backend"))
                    or key == "traefik.port"}  # fmt: skip
        rule = labels.get(f"{start}frontend.rule", "")
        parts = [part.partition(":") for part in rule.split(";") if part]
        said: dict[str, list[str]] = {}
        for matcher, _, arguments in parts:
            said.setdefault(matcher.strip(), []).extend(_words(arguments))
        port = labels.get(f"{start}port", labels.get("traefik.port", ""))
        points = labels.get(f"{start}frontend.entryPoints", labels.get(
            "traefik.frontend.entryPoints", ""))  # fmt: skip
        yield Router(
            name=name,
            keys=frozenset(keys),
            port=int(port) if port.isdigit() else 0,
            hosts=tuple(said.get("Host", ())),
            methods=frozenset(said.get("Method", ())),
            paths=tuple(word for key, words in said.items() if key.startswith("Path")
                        for word in words),
            entrypoints=_words(points),
        )  # fmt: skip


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
