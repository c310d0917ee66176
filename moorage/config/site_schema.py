"""The JSON Schema of ``site.yml``, by which editors complete and check: made of the models."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import (
    DictSchema,
    ModelSchema,
    TaggedUnionSchema,
    WithDefaultSchema,
)

from moorage.config.docstrings import attribute_docs, one_line
from moorage.config.schema.site import Site

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def site_schema() -> dict[str, Any]:
    """The schema: form and names; what only Moorage can tell is left to it."""
    made = Site.model_json_schema(schema_generator=_Told)
    return {"$schema": _DIALECT, "title": "An inventory of Moorage, site.yml", **made}


def schema_text() -> str:
    """The schema as its file has it."""
    return json.dumps(site_schema(), indent=2, ensure_ascii=False) + "\n"


class _Told(GenerateJsonSchema):
    """Pydantic's own, with the fields' docstrings and without what says nothing to an editor."""

    def model_schema(self, schema: ModelSchema) -> dict[str, Any]:
        made = super().model_schema(schema)
        told = attribute_docs(schema["cls"])
        for name, field in schema["cls"].model_fields.items():
            made["properties"][field.alias or name]["description"] = one_line(told[name])
        made.pop("title", None)
        made["description"] = one_line(made["description"])
        return made

    def dict_schema(self, schema: DictSchema) -> dict[str, Any]:
        """A map by names: what is no name is a mistake, and no further key."""
        made = super().dict_schema(schema)
        if "patternProperties" in made:
            made["additionalProperties"] = False
        return made

    def tagged_union_schema(self, schema: TaggedUnionSchema) -> dict[str, Any]:
        made = super().tagged_union_schema(schema)
        del made["discriminator"]
        return made

    def default_schema(self, schema: WithDefaultSchema) -> dict[str, Any]:
        """Without the defaults of whole parts, which are those of their keys."""
        made = super().default_schema(schema)
        if made.get("default"):
            made = {key: value for key, value in made.items()
                    if key != "default" or not isinstance(value, dict)}  # fmt: skip
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False
