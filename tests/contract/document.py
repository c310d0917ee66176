"""Nexus' own OpenAPI document of one version, as a judge of requests: unknown fields are faults."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator

_DATA = Path(__file__).resolve().parents[1] / "data"
_FORMATS = FormatChecker(formats=("email",))


@_FORMATS.checks("int32")
def _int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


@_FORMATS.checks("int64")
def _int64(value: object) -> bool:
    return not isinstance(value, int) or -(2**63) <= value < 2**63


class Document:
    """The trimmed document of one version."""

    def __init__(self, version: str) -> None:
        text = (_DATA / f"nexus-openapi-{version}.json").read_text("utf-8")
        self._document = _strict(json.loads(text))

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """The operation that a path as it is sent leads to; None where there is none."""
        for pattern, operations in sorted(self._document["paths"].items(), key=_exact_first):
            expression = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(pattern))
            if re.fullmatch(expression, path) and method.lower() in operations:
                found: dict[str, Any] = operations[method.lower()]
                return found
        return None

    def faults(self, method: str, path: str, body: Any = None) -> list[str]:
        """What is wrong with a request, one sentence each."""
        operation = self.operation(method, path)
        if operation is None:
            return [f"{method} {path} is unknown"]
        schema = self._body(operation)
        if schema is None:
            return [] if body is None else [f"{method} {path} takes no body"]
        found = self._judge(schema).iter_errors(body)
        return [f"{fault.json_path}: {fault.message}" for fault in found]

    def unknown_parameters(self, path: str, given: set[str]) -> set[str]:
        """Query parameters that a GET does not have."""
        operation = self.operation("GET", path) or {}
        known = {item["name"] for item in operation.get("parameters", ()) if item["in"] == "query"}
        return given - known

    def leaves(self, method: str, path: str) -> set[str]:
        """Dotted paths of all fields of a body that are no objects themselves."""
        schema = self._body(self.operation(method, path) or {})
        return set(self._leaves(schema or {}, ""))

    def kind(self, method: str, path: str) -> list[str]:
        """Content types that an operation takes."""
        return list((self.operation(method, path) or {})["requestBody"]["content"])

    def _body(self, operation: dict[str, Any]) -> dict[str, Any] | None:
        content = operation.get("requestBody", {}).get("content", {})
        return next((part["schema"] for part in content.values()), None)

    def _judge(self, schema: dict[str, Any]) -> Validator:
        whole = {**schema, "components": self._document["components"]}
        return Draft202012Validator(whole, format_checker=_FORMATS)

    def _leaves(self, schema: dict[str, Any], prefix: str) -> Iterator[str]:
        schema = self._resolved(schema)
        for name, part in schema.get("properties", {}).items():
            inner = self._resolved(part)
            if inner.get("properties"):
                yield from self._leaves(inner, f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}"

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        name = schema.get("$ref", "").rpartition("/")[2]
        return self._document["components"]["schemas"][name] if name else schema


def _exact_first(item: tuple[str, Any]) -> int:
    return item[0].count("{")


def _strict(value: Any, *, names: bool = False) -> Any:
    """The same with unknown fields refused: Nexus ignores them, so a typo would not be seen.

    Below ``properties`` keys are names, one of which may be ``properties`` itself.
    """
    if isinstance(value, list):
        return [_strict(part) for part in value]
    if not isinstance(value, dict):
        return value
    found = {
        key: _strict(part, names=not names and key == "properties") for key, part in value.items()
    }
    if not names and "properties" in found and "additionalProperties" not in found:
        found |= {"additionalProperties": False, "type": "object"}
    return found
