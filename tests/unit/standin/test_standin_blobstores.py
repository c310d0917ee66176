"""Blob stores of the type file."""

from __future__ import annotations

import pytest
from standin_client import hosted

BLOBSTORES = "/v1/blobstores"
FILE = f"{BLOBSTORES}/file"
QUOTA = {"type": "spaceUsedQuota", "limit": 100}


def test_the_default_one_is_there(client):
    [default] = client.call("GET", BLOBSTORES).json()
    assert (default["name"], default["type"]) == ("default", "File")
    read = client.call("GET", f"{FILE}/default").json()
    assert read == {"path": "default", "softQuota": None, "softQuotaAttributes": None}


def test_one_is_made_read_changed_and_deleted(client, nexus):
    assert client.call("POST", FILE, {"name": "images", "path": "images"}).status == 204
    assert (nexus.settings.data / "blobs" / "images").is_dir()
    body = {"path": "images", "softQuota": QUOTA}
    assert client.call("PUT", f"{FILE}/images", body).status == 204
    assert client.call("GET", f"{FILE}/images").json()["softQuota"] == QUOTA
    listed = {item["name"]: item for item in client.call("GET", BLOBSTORES).json()}
    assert listed["images"]["softQuota"] == QUOTA
    assert listed["images"]["unavailable"] is False
    assert listed["images"]["availableSpaceInBytes"] > 0
    assert client.call("DELETE", f"{BLOBSTORES}/images").status == 204
    assert not (nexus.settings.data / "blobs" / "images").exists()
    assert client.call("DELETE", f"{BLOBSTORES}/images").status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Default", "path": "x"}, "name"),
        ({"name": "a"}, "PARAMETER path"),
        ({"name": "a", "path": "a", "softQuota": {"limit": 1}}, "PARAMETER softQuota.type"),
        ({"name": "a", "path": "a", "softQuota": {"type": "much", "limit": 1}}, "softQuota.type"),
        (
            {"name": "a", "path": "a", "softQuota": QUOTA | {"limit": -1}},
            "PARAMETER softQuota.limit",
        ),
    ],
)
def test_a_bad_one_is_refused(client, body, field):
    answer = client.call("POST", FILE, body)
    assert answer.status == 400
    assert list(answer.faults()) == [field]


def test_one_in_use_cannot_be_deleted(client):
    client.call("POST", "/v1/repositories/docker/hosted", hosted())
    answer = client.call("DELETE", f"{BLOBSTORES}/default")
    assert answer.status == 400
    assert "in use" in answer.json()


def test_one_is_not_moved(client):
    assert client.call("PUT", f"{FILE}/default", {"path": "elsewhere"}).status == 400
    assert client.call("GET", f"{FILE}/absent").status == 404
