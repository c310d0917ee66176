"""The validator against every keyword that Nexus' documents use."""

from __future__ import annotations

import pytest

from lab.nexus_standin.openapi.document import Document
from lab.nexus_standin.validation import faults
from lab.nexus_standin.versions import Version


def found(schema, value):
    return {
        fault["id"]: fault["message"]
        for fault in faults(Document.of(Version.of("3.94.0")), schema, value)
    }


OBJECT = {
    "type": "object",
    "required": ["port"],
    "properties": {
        "port": {"type": "integer", "minimum": 1, "maximum": 10},
        "name": {"type": "string", "pattern": "^[a-z]+$", "minLength": 2},
        "kind": {"type": "string", "enum": ["HUB", "CUSTOM"]},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
        "share": {"type": "number"},
        "inner": {"type": "object", "properties": {"on": {"type": "boolean"}}},
        "free": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


@pytest.mark.parametrize(
    "value",
    [
        {"port": 1},
        {"port": 10, "name": "ab", "kind": "HUB", "tags": ["a", "b"], "share": 1},
        {"port": 5, "name": None, "inner": {"on": True}, "free": {"any": "x"}, "share": 0.5},
    ],
)
def test_good_values_pass(value):
    assert found(OBJECT, value) == {}


@pytest.mark.parametrize(
    ("part", "field", "words"),
    [
        ({"port": "8083"}, "port", "integer"),
        ({"port": 8083.0}, "port", "integer"),
        ({"port": True}, "port", "integer"),
        ({"port": None}, "port", "null"),
        ({"port": 0}, "port", "greater than or equal to 1"),
        ({"port": 11}, "port", "less than or equal to 10"),
        ({"name": "Ab"}, "name", "match"),
        ({"name": " "}, "name", "empty"),
        ({"name": 3}, "name", "string"),
        ({"kind": "hub"}, "kind", "one of HUB, CUSTOM"),
        ({"tags": []}, "tags", "empty"),
        ({"tags": ["a", "a"]}, "tags", "twice"),
        ({"tags": ["a", 1]}, "tags[1]", "string"),
        ({"tags": "a"}, "tags", "array"),
        ({"share": "1"}, "share", "number"),
        ({"inner": {"on": "true"}}, "inner.on", "boolean"),
        ({"inner": {"off": True}}, "inner.off", "unknown field"),
        ({"inner": []}, "inner", "object"),
        ({"free": {"any": 1}}, "free.any", "string"),
        ({"prot": 1}, "prot", "unknown field"),
    ],
)
def test_each_fault_names_its_field(part, field, words):
    result = found(OBJECT, {"port": 1, **part})
    assert list(result) == [f"PARAMETER {field}"]
    assert words in result[f"PARAMETER {field}"]


def test_a_missing_field_and_a_wrong_one_are_both_named():
    assert set(found(OBJECT, {"name": 1})) == {"PARAMETER port", "PARAMETER name"}


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_a_body_of_another_kind_is_refused(value):
    assert list(found(OBJECT, value)) == ["PARAMETER body"]
