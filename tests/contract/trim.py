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
_KEPT = [
    *(f"/v1/repositories/docker/{kind}{one}" for kind in ("hosted", "proxy", "group")
      for one in ("", _ONE)),
    "/v1/repositories", f"/v1/repositories{_ONE}", "/v1/repositorySettings", "/v1/components",
    "/v1/assets",
    "/v1/system/eula", "/v1/security/anonymous", "/v1/security/realms/active",
    "/v1/security/ssrf-protection",
    "/v1/blobstores", "/v1/blobstores/{name}",
    *(f"/v1/blobstores/{kind}{one}" for kind in ("file", "s3") for one in ("", "/{name}")),
    "/v1/cleanup-policies", "/v1/cleanup-policies/{name}", "/v1/cleanup-policies/{policyName}",
    "/internal/cleanup-policies", "/internal/cleanup-policies/{name}",
    "/v1/tasks", "/v1/tasks/{id}", "/v1/tasks/{taskId}", "/v1/tasks/templates",
    "/v1/security/roles", "/v1/security/roles/{id}",
    "/v1/security/users", "/v1/security/users/{userId}",
    "/v1/security/users/{userId}/change-password",
]  # fmt: skip
_PARTS = ("parameters", "requestBody")


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
    paths = {
        path: {
            method: {part: _plain(operation[part]) for part in _PARTS if part in operation}
            for method, operation in document["paths"][path].items()
            if isinstance(operation, dict)
        }
        for path in _KEPT
        if path in document["paths"]
    }
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
