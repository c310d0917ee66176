"""The routes, the timeline and the OpenAPI documents say the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.nexus_standin.openapi import document as module
from lab.nexus_standin.openapi.document import NUMBERS, Document
from lab.nexus_standin.openapi.extract import extract
from lab.nexus_standin.routes import ROUTES, template_of
from lab.nexus_standin.versions import Version


def stored(text):
    return json.loads(Path(module.__file__).with_name(f"{text}.json").read_text("utf-8"))


@pytest.mark.parametrize("text", NUMBERS)
def test_every_public_route_of_a_version_is_in_its_own_document(text):
    version = Version.of(text, "PRO")
    missing = [
        (route.method, route.template)
        for route in ROUTES
        if route.documented and template_of(version, route)
        if not route.template.startswith("/internal/")
        if route.method.lower() not in stored(text)["paths"].get(route.template, {})
    ]
    assert missing == []


@pytest.mark.parametrize("text", ["3.16.2", "3.38.1", "3.70.1", "3.77.0", "3.92.0"])
def test_every_public_route_of_other_versions_is_in_some_document(text):
    document = Document(Version.of(text))
    assert all(document.has(route.method, route.template) for route in ROUTES if route.documented)


@pytest.mark.parametrize("text", NUMBERS)
def test_extracting_again_changes_nothing(text):
    assert extract(stored(text)) == stored(text)


def test_extract_keeps_properties_that_are_called_like_prose():
    schema = {"properties": {"description": {"type": "string", "description": "prose"}}}
    source = {
        "openapi": "3.0.1",
        "paths": {
            "/v1/security/roles": {
                "post": {
                    "summary": "prose",
                    "requestBody": {
                        "content": {"application/json": {"schema": {"$ref": "#/x/Role"}}}
                    },
                }
            }
        },
        "components": {"schemas": {"Role": schema, "Unused": {}}},
    }
    found = extract(source)
    assert found["components"]["schemas"] == {
        "Role": {"properties": {"description": {"type": "string"}}}
    }
    assert "summary" not in found["paths"]["/v1/security/roles"]["post"]
