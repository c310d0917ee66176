"""Checks a body against its schema, stricter than Nexus: it ignores unknown fields, this does not.

The subset of JSON Schema that Nexus' documents use: type, properties, required, enum, pattern,
minimum, maximum, minLength, minItems, uniqueItems, items, additionalProperties and $ref. A null
stands for an absent field, as in Nexus (Jackson), so a required field must not be null.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .openapi.document import Document, Schema

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}


def faults(document: Document, schema: Schema, value: Any) -> list[dict[str, str]]:
    """Return what is wrong with a value as Nexus' array of ``id`` and ``message``."""
    found = _check(document, schema, value, "")
    return [{"id": f"PARAMETER {path or 'body'}", "message": message} for path, message in found]


def _check(document: Document, schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    schema = document.resolve(schema)
    kind = schema.get("type")
    if kind and not _is(kind, value):
        yield path, f"must be of type {kind}, not {_kind(value)}"
        return
    if isinstance(value, str):
        yield from _check_text(schema, value, path)
    elif isinstance(value, dict):
        yield from _check_object(document, schema, value, path)
    elif isinstance(value, list):
        yield from _check_array(document, schema, value, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _check_number(schema, value, path)


def _check_object(
    document: Document, schema: Schema, value: dict[str, Any], path: str
) -> Iterator[tuple[str, str]]:
    known: dict[str, Schema] = schema.get("properties", {})
    other = schema.get("additionalProperties")
    for name in schema.get("required", ()):
        if value.get(name) is None:
            yield _below(path, name), "must not be null"
    for name, part in value.items():
        if name in known:
            if part is not None:
                yield from _check(document, known[name], part, _below(path, name))
        elif isinstance(other, dict):
            yield from _check(document, other, part, _below(path, name))
        else:
            yield _below(path, name), "unknown field (Nexus would ignore it, the stand-in does not)"


def _check_array(
    document: Document, schema: Schema, value: list[Any], path: str
) -> Iterator[tuple[str, str]]:
    if len(value) < schema.get("minItems", 0):
        yield path, "must not be empty"
    if schema.get("uniqueItems") and len({repr(part) for part in value}) < len(value):
        yield path, "must not have the same element twice"
    for index, part in enumerate(value):
        yield from _check(document, schema.get("items", {}), part, f"{path}[{index}]")


def _check_text(schema: Schema, value: str, path: str) -> Iterator[tuple[str, str]]:
    if len(value.strip()) < schema.get("minLength", 0):
        yield path, "must not be empty"
    elif "pattern" in schema and not re.search(schema["pattern"], value):
        yield path, f'must match "{schema["pattern"]}"'
    if "enum" in schema and value not in schema["enum"]:
        yield path, f"must be one of {', '.join(schema['enum'])}"


def _check_number(schema: Schema, value: float, path: str) -> Iterator[tuple[str, str]]:
    if value < schema.get("minimum", value):
        yield path, f"must be greater than or equal to {schema['minimum']}"
    if value > schema.get("maximum", value):
        yield path, f"must be less than or equal to {schema['maximum']}"


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return next(kind for kind, types in _TYPES.items() if isinstance(value, types))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
