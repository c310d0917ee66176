"""A rendered stack file as flat fields, service by service, pure.

What ``docker stack deploy`` makes of each key: docker/cli, cli/compose/convert/service.go.
"""

from __future__ import annotations

import shlex
from typing import Any

from moorage.config.schema.base import in_bytes, seconds

Fields = dict[str, Any]

_SECOND = 1_000_000_000
SWARM_UPDATE = {"order": "stop-first", "failure_action": "pause", "monitor": 5.0}
SWARM_RESTART = {"condition": "any", "delay": 5.0}
SWARM_GRACE = 10.0


def stack_fields(compose: dict[str, Any], stack: str) -> dict[str, Fields]:
    """Fields of every service by the service's full name."""
    return {
        f"{stack}_{name}": _service(service, compose, stack)
        for name, service in compose["services"].items()
    }


def _service(service: dict[str, Any], compose: dict[str, Any], stack: str) -> Fields:
    deploy = service.get("deploy") or {}
    update = {**SWARM_UPDATE, **(deploy.get("update_config") or {})}
    restart = {**SWARM_RESTART, **(deploy.get("restart_policy") or {})}
    limits = (deploy.get("resources") or {}).get("limits") or {}
    fields: Fields = {
        "image": service["image"],
        "replicas": deploy.get("replicas", 1),
        "networks": _networks(service, compose, stack),
        "constraints": sorted((deploy.get("placement") or {}).get("constraints") or []),
        "memory limit": in_bytes(limits["memory"]) if "memory" in limits else 0,
        "stop grace period": _seconds(service.get("stop_grace_period", SWARM_GRACE)),
        "update order": update["order"],
        "update failure action": update["failure_action"],
        "update monitor": _seconds(update["monitor"]),
        "restart condition": restart["condition"],
        "restart delay": _seconds(restart["delay"]),
        "open files": _nofile(service),
        "command": _words(service.get("command")),
    }
    fields.update(_healthcheck(service.get("healthcheck")))
    fields.update(_pairs("environment", service.get("environment")))
    fields.update(_pairs("label", deploy.get("labels")))
    for mount in service.get("volumes") or []:
        fields.update(_mount(mount, compose, stack))
    return fields


def _seconds(value: str | float) -> float:
    return float(value) if isinstance(value, int | float) else float(seconds(value))


def _words(command: Any) -> list[str]:
    words = shlex.split(command) if isinstance(command, str) else command or []
    return [_undoubled(word) for word in words]


def _undoubled(value: Any) -> str:
    return str(value).replace("$$", "$")


def _pairs(family: str, given: Any) -> Fields:
    """``key: value`` or ``- key=value``: compose takes both for environment and labels."""
    if isinstance(given, dict):
        pairs = [(key, "" if value is None else value) for key, value in given.items()]
    else:
        split = [str(item).partition("=") for item in given or []]
        pairs = [(key, value) for key, _, value in split]
    return {f"{family} {key}": _undoubled(value) for key, value in pairs}


def _networks(service: dict[str, Any], compose: dict[str, Any], stack: str) -> list[str]:
    names = service.get("networks") or ["default"]
    declared = compose.get("networks") or {}
    found = []
    for name in names:
        network = declared.get(name) or {}
        external = network.get("external")
        inner = external.get("name") if isinstance(external, dict) else None
        usual = name if external else f"{stack}_{name}"
        found.append(network.get("name") or inner or usual)
    return sorted(found)


def _nofile(service: dict[str, Any]) -> list[int]:
    limit = (service.get("ulimits") or {}).get("nofile")
    if limit is None:
        return []
    if isinstance(limit, dict):
        return [limit["soft"], limit["hard"]]
    return [limit, limit]


def _healthcheck(check: dict[str, Any] | None) -> Fields:
    if not check:
        return {"healthcheck": None}
    test = check["test"]
    command = ["CMD-SHELL", test] if isinstance(test, str) else test
    return {
        "healthcheck": [_undoubled(word) for word in command],
        "healthcheck interval": _seconds(check.get("interval", 0)),
        "healthcheck timeout": _seconds(check.get("timeout", 0)),
        "healthcheck start period": _seconds(check.get("start_period", 0)),
        "healthcheck retries": check.get("retries", 0),
    }


def _mount(mount: Any, compose: dict[str, Any], stack: str) -> Fields:
    if isinstance(mount, str):
        source, target = mount.split(":")[:2]
        kind, nocopy = "bind" if source.startswith("/") else "volume", False
    else:
        source, target, kind = mount.get("source", ""), mount["target"], mount["type"]
        nocopy = bool((mount.get("volume") or {}).get("nocopy"))
    if kind != "volume":
        return {f"mount {target}": f"{kind} {source}"}
    volume = (compose.get("volumes") or {}).get(source) or {}
    options = volume.get("driver_opts") or {}
    fields = {
        f"mount {target}": f"volume {volume.get('name') or f'{stack}_{source}'}",
        f"mount {target} nocopy": nocopy,
    }
    return fields | {f"mount {target} {key}": _undoubled(value) for key, value in options.items()}
