"""Traefik's static configuration file, where it can be read: a Swarm config or a bind mount. Pure.

Traefik looks for ``traefik.yml``, ``.yaml`` and ``.toml`` in ``/etc/traefik`` unless ``configFile``
names another (Traefik, static configuration, "Configuration File").
"""

from __future__ import annotations

import base64
import binascii
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_USUAL = re.compile(r"/traefik\.(ya?ml|toml)$")


def contents(configs: Iterable[Mapping[str, Any]], files: Iterable[list[str]]) -> dict[str, str]:
    """Texts by where they are from.

    Args:
        configs: as ``docker config inspect`` gives them; known by their IDs.
        files: paths on the manager and their contents in base64; known by their paths.
    """
    pairs = [(item["ID"], item["Spec"].get("Data", "")) for item in configs]
    pairs += [(row[0], row[1]) for row in files if len(row) == len(("path", "content"))]
    return {place: text for place, data in pairs if (text := _decoded(data)) is not None}


def _decoded(data: str) -> str | None:
    try:
        return base64.b64decode(data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def is_used(container: Mapping[str, Any], named: str | None) -> bool:
    """Whether a service has its static options in a file.

    Args:
        container: its ContainerSpec.
        named: the path that ``configFile`` says.
    """
    return named is not None or any(_USUAL.search(path) for path, _ in _mounted(container))


def options(
    container: Mapping[str, Any], named: str | None, known: Mapping[str, str]
) -> dict[str, str] | None:
    """Options by name in small letters, as flags would say them; None where nothing is seen."""
    for place, source in _mounted(container):
        for path in [named] if named else [place, *_inside(place)]:
            below = path.removeprefix(place.rstrip("/"))
            text = known.get(source + below) if path.startswith(place.rstrip("/")) else None
            if text is not None and (named or _USUAL.search(path)):
                return _read(path, text)
    return None


def _inside(folder: str) -> Iterator[str]:
    return (f"{folder.rstrip('/')}/traefik.{ending}" for ending in ("toml", "yaml", "yml"))


def _mounted(container: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Paths in the container, and the ID or path of what is there."""
    for config in container.get("Configs") or []:
        yield (config.get("File") or {}).get("Name", ""), config.get("ConfigID", "")
    for mount in container.get("Mounts") or []:
        yield mount.get("Target", ""), mount.get("Source", "")


def _read(path: str, text: str) -> dict[str, str] | None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        found = tomllib.loads(text) if path.endswith(".toml") else YAML(typ="safe").load(text)
    except (tomllib.TOMLDecodeError, YAMLError):
        return None
    return dict(_flat(found, "")) if isinstance(found, dict) else None


def _flat(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, below in value.items():
            yield from _flat(below, f"{name}.{key}".lstrip(".").lower())
    elif isinstance(value, list):
        yield name, ",".join(map(str, value))
    else:
        # an empty section switches on what it is named for
        switched = value is None or value is True or value == {}
        yield name, "true" if switched else str(value)
