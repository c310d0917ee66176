"""What a version and its edition have and lack."""

from __future__ import annotations

import contextlib

import pytest
from standin_client import DOCKER, SETTINGS, Client, hosted, make_nexus, proxy

from lab.nexus_standin.boot import boot
from lab.nexus_standin.versions import UnknownVersionError, Version

ADMIN_PATH = "/v1/security/users?userId=admin"
TASK = {
    "type": "blobstore.compact",
    "name": "compact",
    "enabled": True,
    "notificationCondition": "FAILURE",
    "frequency": {"schedule": "manual"},
    "properties": {"blobstoreName": "default"},
}


@pytest.fixture
def play(tmp_path):
    """Start a stand-in of a version; gives its client."""
    with contextlib.ExitStack() as ending:

        def start(version, edition="", **settings):
            nexus = make_nexus(tmp_path, version=version, edition=edition, **settings)
            ending.callback(nexus.stop)
            port = nexus.open()
            if nexus.store.exists():
                nexus.store.load()
            else:
                boot(nexus.store, nexus.settings)
            nexus.begin()
            return Client(port)

        yield start


def body_of(version):
    """A hosted repository as a version takes it."""
    body = hosted()
    if not Version.of(version).since("3.87"):
        body["storage"]["writePolicy"] = "allow"
    return body


@pytest.mark.parametrize(
    ("version", "edition", "header"),
    [
        ("3.16.2", "", "Nexus/3.16.2-01 (OSS)"),
        ("3.70.1-02", "", "Nexus/3.70.1-02 (OSS)"),
        ("3.76.1", "PRO", "Nexus/3.76.1-01 (PRO)"),
        ("3.77.0", "", "Nexus/3.77.0-01 (COMMUNITY)"),
        ("3.94.1", "PRO", "Nexus/3.94.1-01 (PRO)"),
    ],
)
def test_the_server_header_says_version_and_edition(version, edition, header):
    assert Version.of(version, edition).server_header == header


@pytest.mark.parametrize(
    ("version", "edition"),
    [
        ("3.16.1", ""),
        ("3.95.0", ""),
        ("2.14.0", ""),
        ("3.70", ""),
        ("3.70.0", "COMMUNITY"),
        ("3.77.0", "OSS"),
        ("3.77.0", "FREE"),
    ],
)
def test_a_version_or_edition_that_never_was_is_refused(version, edition):
    with pytest.raises(UnknownVersionError, match=version):
        Version.of(version, edition)


@pytest.mark.parametrize(
    ("path", "first"),
    [
        (SETTINGS, "3.26.0"),
        (ADMIN_PATH, "3.26.0"),
        ("/v1/security/realms/active", "3.26.0"),
        ("/v1/security/anonymous", "3.26.0"),
        ("/v1/blobstores", "3.24.0"),
        ("/v1/status/check", "3.20.0"),
        ("/internal/ui/onboarding", "3.17.0"),
        ("/internal/cleanup-policies", "3.29.1"),
        ("/internal/capabilities", "3.43.0"),
        ("/v1/capabilities", "3.82.0"),
        ("/v1/system/eula", "3.77.0"),
        ("/v1/security/ssrf-protection", "3.92.0"),
        ("/v1/tasks/templates", "3.94.0"),
    ],
)
def test_an_endpoint_is_there_from_its_version_on(play, path, first):
    major, minor, patch = Version.of(first).number
    before = f"{major}.{minor}.{patch - 1}" if patch else f"{major}.{minor - 1}.9"
    assert play(first).call("GET", path).status == 200
    assert play(before).call("GET", path).status == 404


@pytest.mark.parametrize("version", ["3.16.2", "3.38.1", "3.70.1", "3.94.0"])
@pytest.mark.parametrize("path", ["/v1/status", "/v1/repositories", "/v1/tasks", "/v1/script"])
def test_some_endpoints_are_in_every_version(play, version, path):
    assert play(version).call("GET", path).status == 200


def test_beta_endpoints_are_there_until_v1(play):
    beta = DOCKER.replace("/v1/", "/beta/")
    old = play("3.21.0")
    assert old.call("POST", f"{beta}/hosted", body_of("3.21.0")).status == 201
    assert old.call("GET", "/beta/security/users").status == 200
    assert old.call("GET", "/beta/security/anonymous").status == 404
    assert old.call("GET", "/v1/security/users").status == 404
    newer = play("3.26.0")
    assert newer.call("GET", "/beta/security/users").status == 404
    assert "docker-private" in newer.call("GET", SETTINGS).text


def test_one_repository_can_be_read_from_3_27(play):
    one = f"{DOCKER}/hosted/docker-private"
    client = play("3.26.1")
    client.call("POST", f"{DOCKER}/hosted", body_of("3.26.1"))
    assert client.call("GET", one).status == 405
    assert play("3.27.0").call("GET", one).status == 200


@pytest.mark.parametrize(
    ("version", "edition", "status"),
    [
        ("3.70.1", "", 405),
        ("3.70.1", "PRO", 405),
        ("3.74.0", "", 405),
        ("3.74.0", "PRO", 201),
        ("3.93.0", "", 405),
        ("3.94.0", "", 201),
    ],
)
def test_tasks_can_be_made_where_the_edition_has_it(play, version, edition, status):
    client = play(version, edition)
    assert client.call("POST", "/v1/tasks", TASK).status == status


def test_a_task_tells_its_schedule_from_3_94(play):
    client = play("3.84.0", "PRO")
    client.call("POST", "/v1/tasks", TASK)
    path = "/v1/tasks?type=blobstore.compact"
    [old] = client.call("GET", path).json()["items"]
    [new] = play("3.94.0").call("GET", path).json()["items"]
    assert set(new) - set(old) >= {"schedule", "cronExpression", "properties", "enabled"}


@pytest.mark.parametrize(
    ("version", "edition", "status"),
    [
        ("3.73.0", "PRO", 404),
        ("3.74.0", "PRO", 200),
        ("3.74.0", "", 404),
        ("3.93.0", "PRO", 200),
        ("3.94.0", "PRO", 404),
    ],
)
def test_public_cleanup_policies_are_pros_and_had_their_time(play, version, edition, status):
    client = play(version, edition)
    assert client.call("GET", "/v1/cleanup-policies").status == status


def test_public_cleanup_policies(play):
    client = play("3.84.0", "PRO")
    path, body = "/v1/cleanup-policies", {"name": "a", "format": "docker"}
    body["criteriaLastDownloaded"] = 9
    made = client.call("POST", path, body)
    assert (made.status, "inUseCount" in made.json()) == (201, False)
    assert client.call("POST", path, body | {"name": "b", "sortBy": "date"}).status == 400
    assert client.call("PUT", f"{path}/a", body | {"criteriaLastDownloaded": 8}).status == 204
    assert client.call("GET", f"{path}/a").json()["criteriaLastDownloaded"] == 8
    assert client.call("DELETE", f"{path}/a").status == 204


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


@pytest.mark.parametrize(("version", "status"), [("3.91.0", 201), ("3.92.0", 400)])
def test_private_remotes_are_refused_from_3_92(play, version, status):
    client = play(version)
    answer = client.call("POST", f"{DOCKER}/proxy", proxy(remote="http://127.0.0.1"))
    assert answer.status == status


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


def test_before_3_17_the_first_password_is_always_the_same(play, tmp_path):
    client = play("3.16.2", random_password=True, initial_password="given")
    assert client.call("GET", "/v1/script").status == 200
    assert not (tmp_path / "admin.password").exists()


def test_a_given_first_password_counts_from_3_39(play, tmp_path):
    play("3.38.1", random_password=True, initial_password="given")
    assert (tmp_path / "admin.password").exists()


def test_the_authorizing_realm_can_be_seen_and_lost_until_3_60(play):
    path = "/v1/security/realms/active"
    both = ["NexusAuthenticatingRealm", "NexusAuthorizingRealm"]
    old = play("3.59.0")
    assert old.call("GET", path).json() == both
    assert old.call("PUT", path, [*both, "DockerToken"]).status == 204
    assert old.call("GET", path).json() == [*both, "DockerToken"]
    new = play("3.60.0")
    assert new.call("GET", path).json() == ["NexusAuthenticatingRealm", "DockerToken"]
    refused = new.call("PUT", path, both)
    assert refused.json() == "Unknown realmIds: [NexusAuthorizingRealm]"
    assert new.call("PUT", path, both[:1]).status == 204
    assert new.call("GET", ADMIN_PATH).status == 200
    again = play("3.59.0")
    assert again.call("PUT", path, both[:1]).status == 204
    assert again.call("GET", ADMIN_PATH).status == 403


@pytest.mark.parametrize(
    ("version", "edition", "asked"),
    [("3.76.0", "", False), ("3.77.0", "", True), ("3.77.0", "PRO", False)],
)
def test_consent_is_asked_for_by_the_community_edition(play, version, edition, asked):
    client = play(version, edition)
    types = {item["type"] for item in client.call("GET", "/internal/ui/onboarding").json()}
    assert ("CommunityEula" in types) == asked
    client.call("POST", f"{DOCKER}/hosted", body_of(version))
    content = client.send("GET", "/repository/docker-private/v2/")
    assert (content.status == 403) == asked
