"""What the OpenAPI document of a version says about an endpoint's body and query parameters.

Three real documents lie beside this file (made by ``extract.py``). A version without one takes
the nearest older document, or the oldest, with the version's differences applied; an endpoint
that this document lacks comes from the next one that has it, since ``timeline.py`` alone says
which endpoints there are.
"""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

from ..versions import Version, number
from .differences import apply

Schema = dict[str, Any]

NUMBERS = ("3.74.0", "3.84.0", "3.94.0")


class Document:
    """One version's document; ``Document.of`` gives the same one again, which nobody changes."""

    def __init__(self, version: Version) -> None:
        older = [text for text in NUMBERS if version.number >= number(text)]
        nearest = older[-1] if older else NUMBERS[0]
        self._document: dict[str, Any] = copy.deepcopy(_read(nearest))
        for text in sorted(NUMBERS, key=lambda one: (number(one) < number(nearest), one)):
            self._borrow(_read(text))
        schemas = self._document["components"]["schemas"]
        apply(schemas, version, _read(NUMBERS[-1])["components"]["schemas"])

    @staticmethod
    @cache
    def of(version: Version) -> Document:
        """Return a version's document."""
        return Document(version)

    def has(self, method: str, template: str) -> bool:
        """Tell whether an endpoint is in the documents; ``template`` as in them."""
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

    def properties(self, name: str) -> frozenset[str]:
        """Return the names of a schema's properties; none where no document has the schema."""
        return frozenset(
            self._document["components"]["schemas"].get(name, {}).get("properties", ())
        )

    def _operation(self, method: str, template: str) -> dict[str, Any]:
        operation: dict[str, Any] = self._document["paths"][template][method.lower()]
        return operation

    def _borrow(self, other: dict[str, Any]) -> None:
        for template, operations in copy.deepcopy(other["paths"]).items():
            mine = self._document["paths"].setdefault(template, {})
            for method, operation in operations.items():
                mine.setdefault(method, operation)
        for name, schema in copy.deepcopy(other["components"]["schemas"]).items():
            self._document["components"]["schemas"].setdefault(name, schema)


@cache
def _read(text: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(
        Path(__file__).with_name(f"{text}.json").read_text("utf-8")
    )
    return content
