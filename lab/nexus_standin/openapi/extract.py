"""Makes a version's document from Nexus' own one: the endpoints that are played, no prose.

Run: ``python3 -m lab.nexus_standin.openapi.extract NEXUS_DOCUMENT.json 3.94.0``. The source is
what a Nexus serves at ``/service/rest/swagger.json``, as OpenAPI 3.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..routes import ROUTES

_PROSE = {"description", "example", "summary", "operationId", "tags", "style", "explode"}
_KEPT = ("parameters", "requestBody", "responses")
_NAMED = {"properties", "schemas", "paths"}


def extract(document: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a document that the routes need."""
    wanted = {(route.method.lower(), route.template) for route in ROUTES if route.documented}
    paths: dict[str, Any] = {}
    for method, template in sorted(wanted, key=lambda pair: (pair[1], pair[0])):
        operation = document["paths"].get(template, {}).get(method)
        if operation is not None:
            kept = {key: operation[key] for key in _KEPT if key in operation}
            paths.setdefault(template, {})[method] = _without_prose(kept)
    schemas = _closure(document["components"]["schemas"], paths)
    return {
        "openapi": document["openapi"],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _closure(schemas: dict[str, Any], start: Any) -> dict[str, Any]:
    """Return the schemas that are referred to, directly or through others."""
    found: dict[str, Any] = {}
    waiting = list(_references(start))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _without_prose(schemas[name])
            waiting.extend(_references(found[name]))
    return dict(sorted(found.items()))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].rsplit("/", 1)[-1]
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


def _without_prose(value: Any, *, names: bool = False) -> Any:
    """Drop descriptions; below ``properties`` the keys are names, not the schema's words."""
    if isinstance(value, dict):
        return {
            key: _without_prose(part, names=key in _NAMED)
            for key, part in value.items()
            if names or key not in _PROSE
        }
    return [_without_prose(part) for part in value] if isinstance(value, list) else value


def main(source: str, version: str) -> None:
    """Write the document of a version beside this file."""
    document = json.loads(Path(source).read_text("utf-8"))
    text = json.dumps(extract(document), indent=1, sort_keys=True)
    Path(__file__).with_name(f"{version}.json").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
