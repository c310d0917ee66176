"""The routes and the OpenAPI document say the same."""

from __future__ import annotations

import pytest

from lab.nexus_standin.openapi.document import Document
from lab.nexus_standin.openapi.extract import extract
from lab.nexus_standin.routes import ROUTES
from lab.nexus_standin.versions import VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_every_public_route_is_in_the_document(version):
    document = Document(version)
    missing = [
        (route.method, route.template)
        for route in ROUTES
        if route.documented and not document.has(route.method, route.template)
    ]
    assert missing == []


@pytest.mark.parametrize("version", VERSIONS)
def test_extracting_again_changes_nothing(version):
    document = Document(version)._document
    assert extract(document) == document


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
