"""A service as Swarm runs it, as the same flat fields, pure.

Source: Docker Engine API v1.41, "ServiceInspect".
"""

from __future__ import annotations

from typing import Any

from moorage.steps.stack.composed import (
    SWARM_GRACE,
    SWARM_RESTART,
    SWARM_UPDATE,
    Fields,
    capability,
    constraint,
)

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
    fields = _container(container)
    fields |= _placed(spec, task)
    fields |= _updating("update", spec.get("UpdateConfig"))
    fields |= _updating("rollback", spec.get("RollbackConfig"))
    fields |= _healthcheck(container.get("Healthcheck"))
    driver = task.get("LogDriver") or {}
    fields["logging driver"] = driver.get("Name") or None
    fields |= {f"logging {key}": value for key, value in (driver.get("Options") or {}).items()}
    fields |= {f"ulimit {limit['Name']}": [limit["Soft"], limit["Hard"]]
               for limit in container.get("Ulimits") or []}  # fmt: skip
    fields |= {f"sysctl {key}": value for key, value in (container.get("Sysctls") or {}).items()}
    for pair in container.get("Env") or []:
        key, _, value = pair.partition("=")
        fields[f"environment {key}"] = value
    fields |= _labels("label", spec.get("Labels"))
    fields |= _labels("container label", container.get("Labels"))
    fields |= _networks(task.get("Networks") or spec.get("Networks") or [], networks)
    for mount in container.get("Mounts") or []:
        fields |= _mount(mount)
    return fields


def _container(container: dict[str, Any]) -> Fields:
    dns = container.get("DNSConfig") or {}
    return {
        "image": container["Image"].partition("@")[0],
        "entrypoint": container.get("Command") or [],
        "command": container.get("Args") or [],
        "stop grace period": _seconds(container.get("StopGracePeriod"), SWARM_GRACE),
        "stop signal": container.get("StopSignal") or "",
        "init": container.get("Init"),
        "hostname": container.get("Hostname") or "",
        "user": container.get("User") or "",
        "working directory": container.get("Dir") or "",
        "tty": bool(container.get("TTY")),
        "stdin open": bool(container.get("OpenStdin")),
        "read only": bool(container.get("ReadOnly")),
        "dns": dns.get("Nameservers") or [],
        "dns search": dns.get("Search") or [],
        "extra hosts": sorted(container.get("Hosts") or []),
        "capabilities added": sorted(map(capability, container.get("CapabilityAdd") or [])),
        "capabilities dropped": sorted(map(capability, container.get("CapabilityDrop") or [])),
        "secrets": sorted(_referred(container.get("Secrets"), "SecretName")),
        "configs": sorted(_referred(container.get("Configs"), "ConfigName")),
    }


def _referred(given: list[dict[str, Any]] | None, name: str) -> list[str]:
    return [f"{item[name]} {(item.get('File') or {}).get('Name', '')}" for item in given or []]


def _placed(spec: dict[str, Any], task: dict[str, Any]) -> Fields:
    placement = task.get("Placement") or {}
    resources = task.get("Resources") or {}
    limits, reserved = resources.get("Limits") or {}, resources.get("Reservations") or {}
    restart = task.get("RestartPolicy") or {}
    mode, endpoint = spec.get("Mode") or {}, spec.get("EndpointSpec") or {}
    return {
        "mode": next((name.lower() for name in mode), "replicated"),
        "replicas": (mode.get("Replicated") or {}).get("Replicas"),
        "constraints": sorted(map(constraint, placement.get("Constraints") or [])),
        "preferences": [f"spread {(item.get('Spread') or {}).get('SpreadDescriptor', '')}"
                        for item in placement.get("Preferences") or []],
        "most on a node": placement.get("MaxReplicas", 0),
        "memory limit": limits.get("MemoryBytes", 0),
        "memory reserved": reserved.get("MemoryBytes", 0),
        "cpu limit": limits.get("NanoCPUs", 0) / _NANO,
        "cpu reserved": reserved.get("NanoCPUs", 0) / _NANO,
        "process limit": limits.get("Pids", 0),
        "restart condition": restart.get("Condition") or SWARM_RESTART["condition"],
        "restart delay": _seconds(restart.get("Delay"), SWARM_RESTART["delay"]),
        "restart attempts": restart.get("MaxAttempts") or 0,
        "restart window": _seconds(restart.get("Window"), SWARM_RESTART["window"]),
        "endpoint mode": endpoint.get("Mode") or "vip",
        "ports": sorted(
            f"{port.get('PublishedPort', 0)}→{port['TargetPort']}/{port.get('Protocol', 'tcp')} "
            f"{port.get('PublishMode', 'ingress')}"
            for port in endpoint.get("Ports") or []
        ),
    }  # fmt: skip


def _updating(family: str, update: dict[str, Any] | None) -> Fields:
    update = update or {}
    return {
        f"{family} order": update.get("Order") or SWARM_UPDATE["order"],
        f"{family} failure action": update.get("FailureAction") or SWARM_UPDATE["failure_action"],
        f"{family} monitor": _seconds(update.get("Monitor"), SWARM_UPDATE["monitor"]),
        f"{family} parallelism": update.get("Parallelism", SWARM_UPDATE["parallelism"]),
        f"{family} delay": _seconds(update.get("Delay"), SWARM_UPDATE["delay"]),
        f"{family} failure ratio": float(update.get("MaxFailureRatio") or 0),
    }


def _labels(family: str, given: dict[str, str] | None) -> Fields:
    return {f"{family} {key}": value for key, value in (given or {}).items()
            if not key.startswith("com.docker.stack.")}  # fmt: skip


def _networks(attached: list[dict[str, Any]], names: dict[str, str]) -> Fields:
    full = {names.get(item["Target"], item["Target"]): item for item in attached}
    aliases = {f"network {name} aliases": sorted(item.get("Aliases") or [])
               for name, item in full.items()}  # fmt: skip
    return {"networks": sorted(full), **aliases}


def _seconds(nanoseconds: int | None, usual: Any) -> float:
    return float(usual) if nanoseconds is None else nanoseconds / _NANO


def _healthcheck(check: dict[str, Any] | None) -> Fields:
    if not check:
        return {"healthcheck": None}
    return {
        "healthcheck": check.get("Test") or [],
        "healthcheck interval": check.get("Interval", 0) / _NANO,
        "healthcheck timeout": check.get("Timeout", 0) / _NANO,
        "healthcheck start period": check.get("StartPeriod", 0) / _NANO,
        "healthcheck retries": check.get("Retries", 0),
    }


def _mount(mount: dict[str, Any]) -> Fields:
    target, source = mount["Target"], mount.get("Source", "")
    fields: Fields = {f"mount {target} read only": bool(mount.get("ReadOnly"))}
    if mount["Type"] != "volume":
        return fields | {f"mount {target}": f"{mount['Type']} {source}".strip()}
    options = mount.get("VolumeOptions") or {}
    driver = options.get("DriverConfig") or {}
    fields |= {
        f"mount {target}": f"volume {source}".strip(),
        f"mount {target} nocopy": bool(options.get("NoCopy")),
        f"mount {target} driver": driver.get("Name") or "",
    }
    return fields | {f"mount {target} {key}": value
                     for key, value in (driver.get("Options") or {}).items()}  # fmt: skip
