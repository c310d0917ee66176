"""Further keys of the service, laid over the rendered stack file."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from moorage.errors import TemplateError

_DECLARED = ("networks", "volumes", "secrets", "configs")


def laid_over(text: str, service: str, further: Mapping[str, Any]) -> str:
    """The stack file with these keys in its service: maps are merged, lists get longer.

    Networks, volumes, secrets and configs that the file does not declare are taken for those that
    are there already: they are declared as external.

    Raises:
        TemplateError: the file is no YAML or has no such service, or a key names nothing.
    """
    yaml = YAML(pure=True)
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    try:
        document = yaml.load(text)
        there = document["services"][service]
    except (YAMLError, KeyError, TypeError) as cause:
        raise TemplateError(f"stack.further: the stack file has no service {service}") from cause
    _merge(there, _doubled(further), "stack.further")
    for kind in _DECLARED:
        for name in _named(kind, further.get(kind)):
            declared = document[kind] = document.get(kind) or {}
            if name not in declared:
                declared[name] = {"external": True}
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _merge(below: Any, over: Mapping[str, Any], place: str) -> None:
    """Lay keys over those that are there.

    Raises:
        TemplateError: a list would take the place of a mapping, or a mapping that of a list, and
            not all that is there is in it.
    """
    for key, value in over.items():
        there = below.get(key)
        if isinstance(value, Mapping) and isinstance(there, dict):
            _merge(there, value, f"{place}.{key}")
        elif isinstance(value, list) and isinstance(there, list):
            there.extend(item for item in value if item not in there)
        elif isinstance(there, dict | list) and not set(_keys(there)) <= set(_keys(value)):
            kind = "a mapping" if isinstance(there, dict) else "a list"
            raise TemplateError(f"{place}.{key}: the stack file has {kind} there, which this would "
                                f"take the place of: write it as {kind} too")  # fmt: skip
        else:
            below[key] = value


def _keys(value: Any) -> list[str]:
    """What a mapping, or a list of ``key=value``, is about."""
    items = value if isinstance(value, Mapping | list) else []
    return [str(item).partition("=")[0] for item in items]


def _doubled(value: Any) -> Any:
    """Docker replaces ``$NAME`` in compose files; ``$$`` stands for the character itself."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, Mapping):
        return {key: _doubled(item) for key, item in value.items()}
    return [_doubled(item) for item in value] if isinstance(value, list) else value


def _named(kind: str, given: Any) -> list[str]:
    """Names that a service refers to; of mounts those of volumes alone.

    Raises:
        TemplateError: it is no list of names, or of mappings that have them.
    """
    try:
        names = list(given) if isinstance(given, Mapping) else _listed_names(kind, given or [])
        return [name for name in names if name and not name.startswith(("/", ".", "~"))]
    except (TypeError, KeyError, AttributeError):
        raise TemplateError(f"stack.further.{kind}: Docker takes a list of names, or of mappings "
                            "with a source") from None  # fmt: skip


def _listed_names(kind: str, given: Iterable[Any]) -> list[str]:
    names = []
    if isinstance(given, str):
        raise TypeError(given)
    for item in given:
        if kind != "volumes":
            names.append(item if isinstance(item, str) else item["source"])
        elif isinstance(item, str):
            names.append(item.partition(":")[0])
        elif item.get("type") == "volume":
            names.append(item.get("source", ""))
    return names
