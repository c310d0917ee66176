"""Blob stores of the types File and S3."""

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
        (
            {"name": "a", "path": "a", "softQuota": {"type": "much", "limit": 1}},
            "PARAMETER softQuota.type",
        ),
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


S3 = f"{BLOBSTORES}/s3"
SECURITY = {"accessKeyId": "key", "secretAccessKey": "secret", "role": None}
COLD = {
    "name": "cold",
    "bucketConfiguration": {
        "bucket": {"region": "eu-west-1", "name": "images", "prefix": "nexus"},
        "bucketSecurity": SECURITY,
        "advancedBucketConnection": {"endpoint": "https://s3.example.org", "forcePathStyle": True},
    },
}


def test_an_s3_one_is_made_read_without_its_secret_and_deleted(client, nexus):
    made = client.call("POST", S3, COLD)
    assert (made.status, made.content) == (201, b"")
    shown = client.call("GET", f"{S3}/cold").json()
    bucket = shown["bucketConfiguration"]
    assert (shown["type"], bucket["bucket"]) == ("S3", COLD["bucketConfiguration"]["bucket"])
    assert bucket["bucketSecurity"]["accessKeyId"] == "key"
    assert bucket["bucketSecurity"]["secretAccessKey"] is None
    assert bucket["encryption"] is None
    connection = bucket["advancedBucketConnection"]
    assert (connection["forcePathStyle"], connection["signerType"]) == (True, None)
    listed = {one["name"]: one["type"] for one in client.call("GET", BLOBSTORES).json()}
    assert listed["cold"] == "S3"
    assert client.call("DELETE", f"{BLOBSTORES}/cold").status == 204
    assert client.call("GET", f"{S3}/cold").status == 404


def test_a_put_of_an_s3_one_replaces_all(client, nexus):
    client.call("POST", S3, COLD)
    body = COLD | {"bucketConfiguration": {"bucket": {"region": "DEFAULT", "name": "other"}}}
    assert client.call("PUT", f"{S3}/cold", body).status == 204
    assert nexus.store.state["blobstores"]["cold"]["bucket"] == body["bucketConfiguration"]
    assert client.call("PUT", f"{S3}/absent", body | {"name": "absent"}).status == 400
    assert list(client.call("PUT", f"{S3}/cold", body | {"name": "warm"}).faults()) == ["name"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"bucketConfiguration": None}, "bucketConfiguration"),
        ({"bucketConfiguration": {"bucket": {"name": "x"}}}, "bucketConfiguration.bucket.region"),
        (
            {
                "bucketConfiguration": {
                    "bucket": {"name": "x", "region": "y"},
                    "encryption": {"encryptionType": "rot13"},
                }
            },
            "bucketConfiguration.encryption.encryptionType",
        ),
    ],
)
def test_a_bad_s3_one_is_refused(client, change, field):
    answer = client.call("POST", S3, COLD | change)
    assert answer.status == 400
    assert list(answer.faults()) == [f"PARAMETER {field}"]


def test_the_limit_of_an_s3_quota_is_written_in_mb_and_read_in_bytes(client):
    quota = {"type": "spaceUsedQuota", "limit": 5}
    client.call("POST", S3, COLD | {"softQuota": quota})
    shown = client.call("GET", f"{S3}/cold").json()["softQuota"]
    assert shown == {"type": "spaceUsedQuota", "limit": 5_000_000}
    client.call("PUT", f"{FILE}/default", {"path": "default", "softQuota": quota})
    assert client.call("GET", f"{FILE}/default").json()["softQuota"] == quota


def test_each_type_has_its_own_endpoint(client):
    client.call("POST", S3, COLD)
    assert client.call("GET", f"{FILE}/cold").status == 404
    assert client.call("GET", f"{S3}/default").status == 404


def test_a_soft_quota_tells_when_it_is_passed(client):
    def status():
        return client.call("GET", f"{BLOBSTORES}/default/quota-status").json()["isViolation"]

    assert status() is False
    quota = {"type": "spaceRemainingQuota", "limit": 0}
    client.call("PUT", f"{FILE}/default", {"path": "default", "softQuota": quota})
    assert status() is False
    quota = {"type": "spaceRemainingQuota", "limit": 10**18}
    client.call("PUT", f"{FILE}/default", {"path": "default", "softQuota": quota})
    assert status() is True
    assert client.call("GET", f"{BLOBSTORES}/absent/quota-status").status == 404
