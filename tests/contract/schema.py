"""Checks a body against a schema of Nexus' document, strictly: unknown fields are faults.

Only the words that the documents use are understood; any other is an error of this file, so that
nothing is passed over in silence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_DATA = Path(__file__).resolve().parents[1] / "data"
_TYPES = {
    "string": str, "boolean": bool, "integer": int, "array": list, "object": dict,
}  # fmt: skip
_UNDERSTOOD = {
    "type", "properties", "required", "enum", "pattern", "minLength", "minItems", "minimum",
    "maximum", "items", "uniqueItems", "format", "default", "writeOnly", "readOnly",
}  # fmt: skip
_FORMATS = {"int32", "int64"}


class Document:
    """The trimmed document of one version."""

    def __init__(self, version: str) -> None:
        text = (_DATA / f"nexus-openapi-{version}.json").read_text("utf-8")
        self._document = json.loads(text)

    def has(self, method: str, path: str) -> bool:
        return method.lower() in self._document["paths"].get(path, {})

    def body(self, method: str, path: str, kind: str = "application/json") -> dict[str, Any]:
        """The schema of an operation's body."""
        operation = self._document["paths"][path][method.lower()]
        return self.resolved(operation["requestBody"]["content"][kind]["schema"])

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        name = schema.get("$ref", "").rpartition("/")[2]
        return self._document["components"]["schemas"][name] if name else schema

    def faults(self, schema: dict[str, Any], value: Any, path: str = "body") -> Iterator[str]:
        """What is wrong with a value, one sentence each."""
        schema = self.resolved(schema)
        unknown = set(schema) - _UNDERSTOOD
        assert not unknown, f"not understood: {unknown}"
        assert schema.get("format", "int32") in _FORMATS, schema
        wanted = _TYPES[schema["type"]]
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            yield f"{path}: {value!r} is no {schema['type']}"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{path}: {value!r} is none of {schema['enum']}"
        if isinstance(value, dict):
            yield from self._object(schema, value, path)
        elif isinstance(value, list):
            yield from self._array(schema, value, path)
        elif isinstance(value, str):
            if len(value) < schema.get("minLength", 0):
                yield f"{path}: too short"
            if "pattern" in schema and not re.search(schema["pattern"], value):
                yield f"{path}: {value!r} does not match {schema['pattern']}"
        elif not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            yield f"{path}: {value} is out of range"

    def _object(self, schema: dict[str, Any], value: dict[str, Any], path: str) -> Iterator[str]:
        properties = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                yield f"{path}.{name}: missing"
        for name, part in value.items():
            if name in properties:
                yield from self.faults(properties[name], part, f"{path}.{name}")
            else:
                yield f"{path}.{name}: unknown"

    def _array(self, schema: dict[str, Any], value: list[Any], path: str) -> Iterator[str]:
        if len(value) < schema.get("minItems", 0):
            yield f"{path}: too few"
        if schema.get("uniqueItems") and len(set(map(repr, value))) < len(value):
            yield f"{path}: not unique"
        for index, part in enumerate(value):
            yield from self.faults(schema["items"], part, f"{path}[{index}]")

    def leaves(self, schema: dict[str, Any], prefix: str = "") -> Iterator[str]:
        """Dotted paths of all fields that are no objects themselves."""
        schema = self.resolved(schema)
        for name, part in schema.get("properties", {}).items():
            inner = self.resolved(part)
            if inner.get("type") == "object":
                yield from self.leaves(inner, f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}"
