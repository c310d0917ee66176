"""Places of a stack file that no field stands for: a change of them is not seen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moorage.steps.stack.composed import SWARM_RESTART, SWARM_UPDATE

_LONG_REFERENCE = {"source", "target"}
_DECLARED = {"name", "external"}
_SERVICE = {
    "image", "command", "entrypoint", "environment", "labels", "healthcheck", "networks",
    "volumes", "ports", "logging", "ulimits", "deploy", "stop_grace_period", "stop_signal",
    "hostname", "user", "working_dir", "tty", "stdin_open", "read_only", "init", "dns",
    "dns_search", "extra_hosts", "cap_add", "cap_drop", "sysctls", "secrets", "configs",
}  # fmt: skip
_INSIDE = {
    "deploy": {
        "mode", "replicas", "labels", "update_config", "rollback_config", "restart_policy",
        "placement", "resources", "endpoint_mode",
    },
    "deploy.update_config": set(SWARM_UPDATE),
    "deploy.rollback_config": set(SWARM_UPDATE),
    "deploy.restart_policy": set(SWARM_RESTART),
    "deploy.placement": {"constraints", "preferences", "max_replicas_per_node"},
    "deploy.resources": {"limits", "reservations"},
    "deploy.resources.limits": {"cpus", "memory", "pids"},
    "deploy.resources.reservations": {"cpus", "memory"},
    "healthcheck": {"test", "interval", "timeout", "start_period", "retries", "disable"},
    "logging": {"driver", "options"},
}  # fmt: skip
"""What is compared of a service's parts."""
_EACH = {
    "networks": {"aliases"},
    "ports": {"target", "published", "protocol", "mode"},
    "volumes": {"type", "source", "target", "read_only", "volume"},
    "volumes.volume": {"nocopy"},
    "secrets": _LONG_REFERENCE,
    "configs": _LONG_REFERENCE,
}
"""What is compared of each of several things that a service has, in their long form."""
_TOP = {
    "volumes": {*_DECLARED, "driver", "driver_opts"}, "networks": _DECLARED,
    "secrets": _DECLARED, "configs": _DECLARED,
}  # fmt: skip


def not_compared(compose: Mapping[str, Any]) -> list[str]:
    """Their names, with dots."""
    found: list[str] = []
    for name, service in compose["services"].items():
        found += _service(f"services.{name}", service)
    for kind, known in _TOP.items():
        for name, settings in (compose.get(kind) or {}).items():
            found += _unknown(f"{kind}.{name}", settings, known)
    return found


def _service(place: str, service: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown(place, service, _SERVICE)
    for path, known in _INSIDE.items():
        yield from _unknown(f"{place}.{path}", _at(service, path), known)
    for path, known in _EACH.items():
        kind, *inner = path.split(".")
        for name, item in _named(service.get(kind)):
            where = ".".join((place, kind, name, *inner))
            yield from _unknown(where, _at(item, ".".join(inner)) if inner else item, known)


def _unknown(place: str, given: Any, known: Iterable[str]) -> list[str]:
    """The keys of one place that are not compared; what is in a short form has none."""
    if not isinstance(given, Mapping):
        return []
    return [f"{place}.{key}" for key in given if key not in known and not key.startswith("x-")]


def _at(given: Any, path: str) -> Any:
    for key in path.split("."):
        given = given.get(key) if isinstance(given, Mapping) else None
    return given


def _named(given: Any) -> Iterator[tuple[str, Any]]:
    """Several things by what tells them apart."""
    if isinstance(given, Mapping):
        yield from given.items()
    elif isinstance(given, list):
        for item in given:
            if isinstance(item, Mapping):
                yield str(item.get("target", item.get("source"))), item
