"""Parts of a stack file that have a short and a long form: networks, mounts, ports, pairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_SHORT_PORT_PARTS = 2


def undoubled(value: Any) -> str:
    """A text of the compose file as Docker reads it: ``$$`` is a ``$``."""
    return str(value).replace("$$", "$")


def listed(given: Any) -> list[Any]:
    """One text or several, as several."""
    return [given] if isinstance(given, str) else list(given or [])


def pairs(family: str, given: Any) -> dict[str, Any]:
    """``key: value`` or ``- key=value``: compose takes both for environment and labels."""
    if isinstance(given, dict):
        found = [(key, "" if value is None else value) for key, value in given.items()]
    else:
        split = [str(item).partition("=") for item in given or []]
        found = [(key, value) for key, _, value in split]
    return {f"{family} {key}": undoubled(value) for key, value in found}


def network_fields(service: str, given: Any, compose: dict[str, Any], stack: str) -> dict[str, Any]:
    """Networks by their full names, and the names that the service has in each.

    The service's own short name is one (docker/cli, convertServiceNetworks).
    """
    wanted = given if isinstance(given, dict) else dict.fromkeys(given or ["default"])
    declared = compose.get("networks") or {}
    fields: dict[str, Any] = {}
    for name, settings in wanted.items():
        network = declared.get(name) or {}
        external = network.get("external")
        inner = external.get("name") if isinstance(external, dict) else None
        full = network.get("name") or inner or (name if external else f"{stack}_{name}")
        aliases = [*((settings or {}).get("aliases") or []), service]
        fields[f"network {full} aliases"] = sorted(map(undoubled, aliases))
    return {"networks": sorted(field.split()[1] for field in fields), **fields}


def mount_fields(mount: Any, compose: dict[str, Any], stack: str) -> dict[str, Any]:
    """What is mounted where, and for a volume the options that Docker makes it with."""
    if isinstance(mount, str):
        source, _, rest = mount.partition(":") if ":" in mount else ("", "", mount)
        target, _, mode = rest.partition(":")
        kind = "bind" if source.startswith(("/", ".", "~")) else "volume"
        mount = {"type": kind, "source": source, "target": target,
                 "read_only": "ro" in mode.split(","),
                 "volume": {"nocopy": "nocopy" in mode.split(",")}}  # fmt: skip
    source, target, kind = mount.get("source", ""), mount["target"], mount["type"]
    fields: dict[str, Any] = {f"mount {target} read only": bool(mount.get("read_only"))}
    if kind == "bind" and not source.startswith("/"):
        raise ValueError(f"{source}: what is bound needs its whole path, from / on")
    if kind != "volume":
        return fields | {f"mount {target}": f"{kind} {source}".strip()}
    volume = (compose.get("volumes") or {}).get(source) or {}
    external = volume.get("external")
    inner = external.get("name") if isinstance(external, dict) else None
    own = source if external or not source else f"{stack}_{source}"
    full = volume.get("name") or inner or own
    options = volume.get("driver_opts") or {}
    fields |= {
        f"mount {target}": f"volume {full}".strip(),
        # of one without a name no option is heeded (docker/cli, convertVolumeToMount)
        f"mount {target} nocopy": bool(source and (mount.get("volume") or {}).get("nocopy")),
        f"mount {target} driver": volume.get("driver") or "",
    }
    return fields | {f"mount {target} {key}": undoubled(value) for key, value in options.items()}


def port_lines(ports: list[Any]) -> Iterator[str]:
    """Published ports as ``published→target/protocol mode``."""
    for port in ports:
        if isinstance(port, dict):
            published, target = port.get("published", 0), port["target"]
            protocol, mode = port.get("protocol", "tcp"), port.get("mode", "ingress")
        else:
            text, _, protocol = str(port).partition("/")
            parts = text.split(":")
            target = parts[-1]
            published = parts[-2] if len(parts) >= _SHORT_PORT_PARTS else 0
            protocol, mode = protocol or "tcp", "ingress"
        inside = _ports(target)
        outside = _ports(published) if published else [0] * len(inside)
        if len(inside) == 1:
            inside *= len(outside)
        for outer, inner in zip(outside, inside, strict=True):
            yield f"{outer}→{inner}/{protocol.lower()} {mode}"


def _ports(given: str | int) -> list[int]:
    """A port, or all of a range such as ``8000-8010``."""
    first, _, last = str(given).partition("-")
    return list(range(int(first), int(last or first) + 1))
