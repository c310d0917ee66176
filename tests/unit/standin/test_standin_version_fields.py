"""Which fields a version takes and shows."""

from __future__ import annotations

import pytest
from standin_client import COMPACT, DOCKER, SETTINGS, hosted, proxy

from lab.nexus_standin.versions import Version


def test_a_task_tells_its_schedule_from_3_94(play):
    client = play("3.84.0", "PRO")
    client.call("POST", "/v1/tasks", COMPACT)
    path = "/v1/tasks?type=blobstore.compact"
    [old] = client.call("GET", path).json()["items"]
    [new] = play("3.94.0").call("GET", path).json()["items"]
    assert set(new) - set(old) >= {"schedule", "cronExpression", "properties", "enabled"}


@pytest.mark.parametrize(
    ("first", "path", "field", "value"),
    [
        ("3.41.0", ("docker",), "subdomain", "images"),
        ("3.68.1", ("httpClient", "authentication"), "preemptive", True),
        ("3.81.1", ("httpClient", "authentication"), "bearerToken", "t"),
        ("3.84.0", ("docker",), "pathEnabled", True),
        ("3.90.0", ("proxy",), "preserveEncodedCharacters", True),
        ("3.94.0", ("dockerProxy",), "ecrAuth", {"enabled": True}),
        ("3.94.0", (), "firewall", {"mode": "AUDIT"}),
        ("3.94.0", (), "routingRuleName", "rule"),
    ],
)
def test_a_field_is_taken_from_its_version_on(play, first, path, field, value):
    body = proxy(remote="https://1.1.1.1")
    part = body
    for name in path:
        part = part.setdefault(name, {"type": "username"} if name == "authentication" else {})
    part[field] = value
    major, minor, patch = Version.of(first).number
    before = f"{major}.{minor}.{patch - 1}" if patch else f"{major}.{minor - 1}.9"
    made = play(first, "PRO").call("POST", f"{DOCKER}/proxy", body)
    assert made.status == 201, made.text
    refused = play(before, "PRO").call("POST", f"{DOCKER}/proxy", body | {"name": "other"})
    assert list(refused.faults()) == [f"PARAMETER {'.'.join((*path, field))}"]


def test_a_field_is_shown_from_its_version_on(play):
    new = play("3.94.0")
    new.call("POST", f"{DOCKER}/hosted", hosted())
    new.call("POST", f"{DOCKER}/proxy", proxy())

    def shown(client):
        found = {item["name"]: item for item in client.call("GET", SETTINGS).json()}
        return found["docker-private"], found["docker-hub"]

    then, now = shown(play("3.40.0")), shown(new)
    assert set(now[0]["docker"]) - set(then[0]["docker"]) == {"subdomain", "pathEnabled"}
    assert set(now[0]["storage"]) - set(then[0]["storage"]) == {"latestPolicy"}
    assert set(now[1]) - set(then[1]) == {"firewall"}
    assert set(now[1]["dockerProxy"]) - set(then[1]["dockerProxy"]) == {"ecrAuth"}
    assert "preserveEncodedCharacters" not in then[1]["proxy"]


@pytest.mark.parametrize(
    ("version", "word", "status"),
    [
        ("3.86.0", "allow_once", 201),
        ("3.86.0", "ALLOW_ONCE", 400),
        ("3.87.0", "ALLOW_ONCE", 201),
        ("3.87.0", "allow_once", 400),
    ],
)
def test_write_policies_are_spelt_as_the_version_does_and_read_in_upper_case(
    play, version, word, status
):
    client = play(version)
    body = hosted()
    body["storage"]["writePolicy"] = word
    assert client.call("POST", f"{DOCKER}/hosted", body).status == status
    if status == 201:
        found = {item["name"]: item for item in client.call("GET", SETTINGS).json()}
        assert found["docker-private"]["storage"]["writePolicy"] == "ALLOW_ONCE"


@pytest.mark.parametrize(("version", "status"), [("3.90.0", 400), ("3.91.0", 201)])
def test_blocking_must_be_said_until_3_91(play, version, status):
    body = proxy()
    body["httpClient"] = {}
    client = play(version)
    assert client.call("POST", f"{DOCKER}/proxy", body).status == status


@pytest.mark.parametrize(("version", "key"), [("3.93.0", "routingRule"), ("3.94.0", None)])
def test_a_routing_rule_is_written_by_its_old_name_until_3_94(play, version, key):
    client = play(version)
    answer = client.call("POST", f"{DOCKER}/proxy", proxy() | {"routingRule": "x"})
    assert answer.status == (201 if key else 400)


@pytest.mark.parametrize("version", ["3.74.0", "3.83.0"])
def test_an_s3_bucket_says_its_expiration_until_3_84(play, version):
    bucket = {"name": "b", "region": "r"}
    body = {"name": "cold", "bucketConfiguration": {"bucket": bucket}}
    client = play(version)
    field = "PARAMETER bucketConfiguration.bucket.expiration"
    assert list(client.call("POST", "/v1/blobstores/s3", body).faults()) == [field]
    bucket["expiration"] = 3
    assert client.call("POST", "/v1/blobstores/s3", body).status == 201
    newer = play("3.84.0")
    refused = newer.call("POST", "/v1/blobstores/s3", body | {"name": "other"})
    assert list(refused.faults()) == [field]
