"""Reads a rendered stack again, for what Docker or Traefik would trip over later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from moorage.config.validate import dotted
from moorage.config.yamlfile import Steps, YamlSyntaxError, read_yaml
from moorage.documents.units import in_bytes, in_cpus, in_seconds

_UPDATES = ("update_config", "rollback_config")
_DURATIONS = (
    "stop_grace_period",
    *(f"healthcheck.{key}" for key in ("interval", "timeout", "start_period")),
    *(f"deploy.restart_policy.{key}" for key in ("delay", "window")),
    *(f"deploy.{family}.{key}" for family in _UPDATES for key in ("delay", "monitor")),
)
_RESOURCES = ("limits", "reservations")
_SIZES = tuple(f"deploy.resources.{kind}.memory" for kind in _RESOURCES)
_CPUS = tuple(f"deploy.resources.{kind}.cpus" for kind in _RESOURCES)
_RATIOS = tuple(f"deploy.{family}.max_failure_ratio" for family in _UPDATES)
_NETWORK_LABELS = ("traefik.docker.network", "traefik.swarm.network")


def faults(text: str) -> list[str]:
    """What is wrong with the text of a compose file, each with its place in it."""
    try:
        document = read_yaml(text)
    except YamlSyntaxError as error:
        line = f"line {error.place.line}" if error.place else "somewhere"
        return [f"{line} of what it renders is not YAML: {error.message}"]
    found = [f"{dotted(steps)}: {message}" for steps, _, message in document.mistakes]
    services = document.data.get("services") if isinstance(document.data, dict) else None
    if not isinstance(services, dict) or not services:
        return [*found, "what it renders has no services"]
    found += [
        f"{dotted(steps)}: a single $ is taken for a variable: write $$"
        for steps, value in _texts((), document.data)
        if "$" in value.replace("$$", "")
    ]
    for name, service in services.items():
        deploy = service.get("deploy") if isinstance(service, dict) else None
        labels = deploy.get("labels") if isinstance(deploy, dict) else None
        found += _label_faults(f"services.{name}.deploy.labels", labels)
        found += _unit_faults(f"services.{name}", service)
    return found


def _unit_faults(place: str, service: Any) -> Iterator[str]:
    for read, paths in (
        (in_seconds, _DURATIONS), (in_bytes, _SIZES), (in_cpus, _CPUS), (None, _RATIOS),
    ):  # fmt: skip
        for path in paths:
            value = service
            for key in path.split("."):
                value = value.get(key) if isinstance(value, dict) else None
            if value is not None and (fault := _unit_fault(read, value)):
                yield f"{place}.{path}: {fault}"


def _unit_fault(read: Callable[[str], float] | None, value: Any) -> str:
    """What is wrong with a value; empty where nothing is.

    Docker takes texts for all that have units and for processors, and numbers for ratios
    (docker/cli, cli/compose/schema).
    """
    if read is None:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if number else f"{value!r} is not a number"
    if not isinstance(value, str):
        return f"{value!r} is not a text: write it in quotes, and with its unit where it has one"
    try:
        read(value)
    except ValueError as fault:
        return str(fault)
    return ""


def _label_faults(place: str, labels: Any) -> Iterator[str]:
    if not isinstance(labels, dict | list | None):
        yield f"{place}: {labels!r} is neither a list nor a mapping"
        return
    names = [str(label).partition("=")[0] for label in labels or []]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"{place}: {name} is there {names.count(name)} times"
    if all(label in names for label in _NETWORK_LABELS):
        both = " and ".join(_NETWORK_LABELS)
        yield f"{place}: {both} are both there: Traefik refuses the service"


def _texts(steps: Steps, value: Any) -> Iterator[tuple[Steps, str]]:
    if isinstance(value, str):
        yield steps, value
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _texts((*steps, key), below)
            if "$" in key:
                yield (*steps, key), key
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _texts((*steps, index), below)
