"""Makes tests/data/nexus-openapi-VERSION.json from Nexus' own document: what the contract needs.

Run: ``python tests/contract/trim.py DOCUMENT.json VERSION``. The source is what a Nexus serves at
``/service/rest/swagger.json``, as OpenAPI 3. Descriptions are left out, nothing else is changed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_DATA = Path(__file__).resolve().parents[1] / "data"
_ONE = "/{repositoryName}"
_OPERATIONS = [
    *(
        (method, f"/v1/repositories/docker/{kind}{one}")
        for kind in ("hosted", "proxy", "group")
        for method, one in (("post", ""), ("put", _ONE))
    ),
    ("post", "/v1/system/eula"),
    ("put", "/v1/security/anonymous"),
    ("put", "/v1/security/realms/active"),
    ("put", "/v1/security/ssrf-protection"),
    ("put", "/v1/security/users/{userId}/change-password"),
]


def _plain(value: Any, *, names: bool = False) -> Any:
    """Without descriptions and examples; below ``properties`` keys are names."""
    if isinstance(value, dict):
        return {
            key: _plain(part, names=key in {"properties", "schemas"})
            for key, part in value.items()
            if names or key not in {"description", "example"}
        }
    return [_plain(part) for part in value] if isinstance(value, list) else value


def _named(value: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """The schemas that are referred to, directly or through others."""
    found: dict[str, Any] = {}
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        if not isinstance(part, dict):
            continue
        waiting.extend(part.values())
        reference = part.get("$ref")
        name = reference.rpartition("/")[2] if isinstance(reference, str) else ""
        if name and name not in found:
            found[name] = _plain(schemas[name])
            waiting.append(schemas[name])
    return dict(sorted(found.items()))


def main(source: str, version: str) -> None:
    document = json.loads(Path(source).read_text("utf-8"))
    paths: dict[str, Any] = {}
    for method, path in _OPERATIONS:
        operation = document["paths"].get(path, {}).get(method)
        if operation:
            paths.setdefault(path, {})[method] = {"requestBody": _plain(operation["requestBody"])}
    trimmed = {
        "openapi": document["openapi"],
        "info": {"version": document["info"]["version"]},
        "paths": paths,
        "components": {"schemas": _named(paths, document["components"]["schemas"])},
    }
    text = json.dumps(trimmed, indent=1, sort_keys=True)
    (_DATA / f"nexus-openapi-{version}.json").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
