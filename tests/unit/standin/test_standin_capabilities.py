"""Capabilities: the base URL."""

from __future__ import annotations

import pytest

CAPABILITIES = "/v1/capabilities"
BASE_URL = {
    "type": "baseurl",
    "enabled": True,
    "notes": "",
    "properties": {"url": "https://registry.example.org"},
}


def test_the_base_url_is_set_changed_and_taken_away(client):
    before = client.call("GET", CAPABILITIES).json()
    assert [one["type"] for one in before] == ["OutreachManagementCapability"]
    made = client.call("POST", CAPABILITIES, BASE_URL)
    assert made.status == 200
    one = f"{CAPABILITIES}/{made.json()['id']}"
    body = made.json() | {"properties": {"url": "https://other.example.org"}}
    assert client.call("PUT", one, body).status == 204
    found = {item["type"]: item for item in client.call("GET", CAPABILITIES).json()}
    assert found["baseurl"] == body
    assert client.call("DELETE", one).status == 204
    assert client.call("DELETE", one).status == 404


def test_there_is_one_base_url(client):
    client.call("POST", CAPABILITIES, BASE_URL)
    assert list(client.call("POST", CAPABILITIES, BASE_URL).faults()) == ["type"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "other"}, "type"),
        ({"properties": {}}, "url"),
        ({"properties": {"url": "registry.example.org"}}, "url"),
        ({"enabled": None}, "PARAMETER enabled"),
        ({"note": ""}, "PARAMETER note"),
    ],
)
def test_a_bad_capability_is_refused(client, change, field):
    answer = client.call("POST", CAPABILITIES, BASE_URL | change)
    assert answer.status == 400
    assert list(answer.faults()) == [field]
