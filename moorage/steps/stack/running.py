"""A service as Swarm runs it, as the same flat fields, pure.

Source: Docker Engine API v1.41, "ServiceInspect".
"""

from __future__ import annotations

from typing import Any

from moorage.steps.stack.composed import SWARM_GRACE, SWARM_RESTART, SWARM_UPDATE, Fields

_NANO = 1_000_000_000


def service_fields(service: dict[str, Any], networks: dict[str, str]) -> Fields:
    """Fields of one service.

    Args:
        service: what ``docker service inspect`` gives.
        networks: names by id.
    """
    spec = service["Spec"]
    task = spec["TaskTemplate"]
    container = task["ContainerSpec"]
    update = spec.get("UpdateConfig") or {}
    restart = task.get("RestartPolicy") or {}
    limits = (task.get("Resources") or {}).get("Limits") or {}
    attached = task.get("Networks") or spec.get("Networks") or []
    fields: Fields = {
        "image": container["Image"].partition("@")[0],
        "replicas": ((spec.get("Mode") or {}).get("Replicated") or {}).get("Replicas"),
        "networks": sorted(networks.get(item["Target"], item["Target"]) for item in attached),
        "constraints": sorted(_tidy((task.get("Placement") or {}).get("Constraints"))),
        "memory limit": limits.get("MemoryBytes", 0),
        "stop grace period": _seconds(container.get("StopGracePeriod"), SWARM_GRACE),
        "update order": update.get("Order") or SWARM_UPDATE["order"],
        "update failure action": update.get("FailureAction") or SWARM_UPDATE["failure_action"],
        "update monitor": _seconds(update.get("Monitor"), SWARM_UPDATE["monitor"]),
        "restart condition": restart.get("Condition") or SWARM_RESTART["condition"],
        "restart delay": _seconds(restart.get("Delay"), SWARM_RESTART["delay"]),
        "open files": [
            bound
            for limit in container.get("Ulimits") or []
            if limit["Name"] == "nofile"
            for bound in (limit["Soft"], limit["Hard"])
        ],
        "command": container.get("Args") or [],
    }
    fields.update(_healthcheck(container.get("Healthcheck")))
    for pair in container.get("Env") or []:
        key, _, value = pair.partition("=")
        fields[f"environment {key}"] = value
    for key, value in (spec.get("Labels") or {}).items():
        if not key.startswith("com.docker.stack."):
            fields[f"label {key}"] = value
    for mount in container.get("Mounts") or []:
        fields.update(_mount(mount))
    return fields


def _tidy(constraints: list[str] | None) -> list[str]:
    """One space on each side of the operator, as the template writes it."""
    found = []
    for text in constraints or []:
        operator = "!=" if "!=" in text else "=="
        left, _, right = text.partition(operator)
        found.append(f"{left.strip()} {operator} {right.strip()}")
    return found


def _seconds(nanoseconds: int | None, usual: Any) -> float:
    return float(usual) if nanoseconds is None else nanoseconds / _NANO


def _healthcheck(check: dict[str, Any] | None) -> Fields:
    if not check or not check.get("Test"):
        return {"healthcheck": None}
    return {
        "healthcheck": check["Test"],
        "healthcheck interval": check.get("Interval", 0) / _NANO,
        "healthcheck timeout": check.get("Timeout", 0) / _NANO,
        "healthcheck start period": check.get("StartPeriod", 0) / _NANO,
        "healthcheck retries": check.get("Retries", 0),
    }


def _mount(mount: dict[str, Any]) -> Fields:
    target, source = mount["Target"], mount.get("Source", "")
    if mount["Type"] != "volume":
        return {f"mount {target}": f"{mount['Type']} {source}"}
    options = mount.get("VolumeOptions") or {}
    driver = (options.get("DriverConfig") or {}).get("Options") or {}
    fields: Fields = {
        f"mount {target}": f"volume {source}",
        f"mount {target} nocopy": bool(options.get("NoCopy")),
    }
    return fields | {f"mount {target} {key}": value for key, value in driver.items()}
