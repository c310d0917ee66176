"""What a version and its edition have and lack."""

from __future__ import annotations

import pytest
from standin_client import COMPACT, DOCKER, SETTINGS, hosted, proxy

from lab.nexus_standin.versions import UnknownVersionError, Version

ADMIN_PATH = "/v1/security/users?userId=admin"


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
    assert client.call("POST", "/v1/tasks", COMPACT).status == status


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


@pytest.mark.parametrize(("version", "status"), [("3.91.0", 201), ("3.92.0", 400)])
def test_private_remotes_are_refused_from_3_92(play, version, status):
    client = play(version)
    answer = client.call("POST", f"{DOCKER}/proxy", proxy(remote="http://127.0.0.1"))
    assert answer.status == status


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
