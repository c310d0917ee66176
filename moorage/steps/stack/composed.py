"""A rendered stack file as flat fields, service by service, pure.

What ``docker stack deploy`` makes of each key: docker/cli, cli/compose/convert/service.go.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from moorage.documents.units import in_bytes, in_cpus, in_seconds
from moorage.errors import TemplateError
from moorage.steps.stack.composed_parts import (
    listed,
    mount_fields,
    network_fields,
    pairs,
    port_lines,
    undoubled,
)

Fields = dict[str, Any]

SWARM_UPDATE = {
    "order": "stop-first", "failure_action": "pause", "monitor": 5.0, "parallelism": 1,
    "delay": 0.0, "max_failure_ratio": 0,
}  # fmt: skip
SWARM_RESTART = {"condition": "any", "delay": 5.0, "max_attempts": 0, "window": 0.0}
SWARM_GRACE = 10.0

_TEXTS = {
    "hostname": "hostname", "user": "user", "working_dir": "working directory",
    "stop_signal": "stop signal",
}  # fmt: skip
_SWITCHES = {"tty": "tty", "stdin_open": "stdin open", "read_only": "read only"}
_LISTS = {"dns": "dns", "dns_search": "dns search"}


def stack_fields(compose: dict[str, Any], stack: str) -> dict[str, Fields]:
    """Fields of every service by the service's full name.

    Raises:
        TemplateError: one is not as Docker has it.
    """
    found = {}
    for name, service in compose["services"].items():
        try:
            found[f"{stack}_{name}"] = _service(name, service, compose, stack)
        except (TypeError, ValueError, LookupError, AttributeError) as fault:
            raise TemplateError(
                f"services.{name} of the stack file has what Docker does not take "
                f"({type(fault).__name__}: {fault})",
                hint="see it by inv render stack, and mend the template or stack.further",
            ) from fault
    return found


def _service(name: str, service: dict[str, Any], compose: dict[str, Any], stack: str) -> Fields:
    deploy = service.get("deploy") or {}
    fields: Fields = {
        "image": service["image"],
        "entrypoint": _words(service.get("entrypoint")),
        "command": _words(service.get("command")),
        "stop grace period": in_seconds(service.get("stop_grace_period", SWARM_GRACE)),
        "init": service.get("init"),
        "extra hosts": sorted(_hosts(service.get("extra_hosts"))),
        "capabilities added": sorted(map(capability, service.get("cap_add") or [])),
        "capabilities dropped": sorted(map(capability, service.get("cap_drop") or [])),
        "ports": sorted(port_lines(service.get("ports") or [])),
        "endpoint mode": deploy.get("endpoint_mode") or "vip",
        "secrets": sorted(_referred(service.get("secrets"), compose.get("secrets"), stack)),
        "configs": sorted(_referred(service.get("configs"), compose.get("configs"), stack)),
    }
    fields |= {field: undoubled(service.get(key) or "") for key, field in _TEXTS.items()}
    fields |= {field: bool(service.get(key)) for key, field in _SWITCHES.items()}
    fields |= {field: listed(service.get(key)) for key, field in _LISTS.items()}
    fields |= _deployed(deploy)
    fields |= _logging(service.get("logging"))
    fields |= _ulimits(service.get("ulimits"))
    fields |= _healthcheck(service.get("healthcheck"))
    fields |= pairs("environment", service.get("environment"))
    fields |= pairs("label", deploy.get("labels"))
    fields |= pairs("container label", service.get("labels"))
    fields |= pairs("sysctl", service.get("sysctls"))
    fields |= network_fields(name, service.get("networks"), compose, stack)
    for mount in service.get("volumes") or []:
        fields |= mount_fields(mount, compose, stack)
    return fields


def _deployed(deploy: dict[str, Any]) -> Fields:
    resources = deploy.get("resources") or {}
    placement = deploy.get("placement") or {}
    limits, reserved = resources.get("limits") or {}, resources.get("reservations") or {}
    restart = {**SWARM_RESTART, **(deploy.get("restart_policy") or {})}
    mode = deploy.get("mode") or "replicated"
    return {
        "mode": mode,
        "replicas": deploy.get("replicas", 1) if mode == "replicated" else None,
        "constraints": sorted(
            constraint(undoubled(text)) for text in placement.get("constraints") or []
        ),
        "preferences": [f"spread {item['spread']}" for item in placement.get("preferences") or []],
        "most on a node": placement.get("max_replicas_per_node", 0),
        "memory limit": _bytes(limits.get("memory")),
        "memory reserved": _bytes(reserved.get("memory")),
        "cpu limit": in_cpus(limits.get("cpus", 0)),
        "cpu reserved": in_cpus(reserved.get("cpus", 0)),
        "process limit": limits.get("pids", 0),
        "restart condition": restart["condition"],
        "restart delay": in_seconds(restart["delay"]),
        "restart attempts": restart["max_attempts"],
        "restart window": in_seconds(restart["window"]),
        **_updating("update", deploy.get("update_config")),
        **_updating("rollback", deploy.get("rollback_config")),
    }


def _updating(family: str, given: dict[str, Any] | None) -> Fields:
    update = {**SWARM_UPDATE, **(given or {})}
    return {
        f"{family} order": update["order"],
        f"{family} failure action": update["failure_action"],
        f"{family} monitor": in_seconds(update["monitor"]),
        f"{family} parallelism": update["parallelism"],
        f"{family} delay": in_seconds(update["delay"]),
        f"{family} failure ratio": float(update["max_failure_ratio"]),
    }


def _bytes(size: str | int | None) -> int:
    return in_bytes(size) if size else 0


def _words(command: Any) -> list[str]:
    words = shlex.split(command) if isinstance(command, str) else command or []
    return [undoubled(word) for word in words]


def capability(name: str) -> str:
    """A capability as Docker writes it (docker/cli, opts/capabilities.go)."""
    upper = name.upper()
    return upper if upper == "ALL" or upper.startswith("CAP_") else f"CAP_{upper}"


def constraint(text: str) -> str:
    """One space on each side of the operator, wherever it was written, or left out."""
    operator = "!=" if "!=" in text else "=="
    left, _, right = text.partition(operator)
    return f"{left.strip()} {operator} {right.strip()}"


def _hosts(given: Any) -> Iterator[str]:
    """As Swarm keeps them: the address first, as in hosts(5)."""
    entries = [f"{key}:{value}" for key, value in given.items()] if isinstance(given, dict) else (
        given or [])  # fmt: skip
    for entry in entries:
        name, _, address = str(entry).partition("=" if "=" in str(entry) else ":")
        yield f"{undoubled(address)} {undoubled(name)}"


def _referred(given: Any, declared: Any, stack: str) -> Iterator[str]:
    """Secrets or configs by their full names and where they are put."""
    for item in given or []:
        short = item if isinstance(item, str) else item["source"]
        settings = (declared or {}).get(short) or {}
        full = settings.get("name") or (short if settings.get("external") else f"{stack}_{short}")
        target = None if isinstance(item, str) else item.get("target")
        yield f"{full} {target or short}"


def _logging(given: dict[str, Any] | None) -> Fields:
    given = given or {}
    options = {f"logging {key}": undoubled(value)
               for key, value in (given.get("options") or {}).items()}  # fmt: skip
    return {"logging driver": given.get("driver") or None, **options}


def _ulimits(given: dict[str, Any] | None) -> Fields:
    return {
        f"ulimit {name}": [limit["soft"], limit["hard"]] if isinstance(limit, dict) else
        [limit, limit]
        for name, limit in (given or {}).items()
    }  # fmt: skip


def _healthcheck(check: dict[str, Any] | None) -> Fields:
    if not check:
        return {"healthcheck": None}
    if check.get("disable"):
        return {"healthcheck": ["NONE"], **_health_times({})}
    test = check.get("test")
    command = ["CMD-SHELL", test] if isinstance(test, str) else test or []
    return {"healthcheck": [undoubled(word) for word in command], **_health_times(check)}


def _health_times(check: dict[str, Any]) -> Fields:
    return {
        "healthcheck interval": in_seconds(check.get("interval", 0)),
        "healthcheck timeout": in_seconds(check.get("timeout", 0)),
        "healthcheck start period": in_seconds(check.get("start_period", 0)),
        "healthcheck retries": check.get("retries", 0),
    }
