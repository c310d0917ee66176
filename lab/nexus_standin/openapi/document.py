"""What the OpenAPI document of a version says about an endpoint's body and query parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Schema = dict[str, Any]


class Document:
    """One version's document: a file beside this one, made by ``extract.py``."""

    def __init__(self, version: str) -> None:
        path = Path(__file__).with_name(f"{version}.json")
        self._document = json.loads(path.read_text("utf-8"))

    def has(self, method: str, template: str) -> bool:
        """Tell whether an endpoint exists in this version; ``template`` as in the document."""
        return method.lower() in self._document["paths"].get(template, {})

    def body_schema(self, method: str, template: str) -> Schema | None:
        """Return the schema of the JSON body, None where none is taken."""
        content = self._operation(method, template).get("requestBody", {}).get("content", {})
        schema: Schema | None = content.get("application/json", {}).get("schema")
        return schema

    def query_parameters(self, method: str, template: str) -> dict[str, bool]:
        """Return the names of the query parameters; True for those that must be there."""
        parameters = self._operation(method, template).get("parameters", [])
        return {
            parameter["name"]: bool(parameter.get("required"))
            for parameter in parameters
            if parameter["in"] == "query"
        }

    def resolve(self, schema: Schema) -> Schema:
        """Follow a ``$ref``."""
        reference = schema.get("$ref")
        if reference is None:
            return schema
        found: Schema = self._document["components"]["schemas"][reference.rsplit("/", 1)[-1]]
        return found

    def _operation(self, method: str, template: str) -> dict[str, Any]:
        operation: dict[str, Any] = self._document["paths"][template][method.lower()]
        return operation
