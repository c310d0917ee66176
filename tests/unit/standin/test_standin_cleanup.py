"""Cleanup policies."""

from __future__ import annotations

import pytest
from standin_client import DOCKER, hosted

POLICIES = "/internal/cleanup-policies"
STALE = {"name": "stale", "format": "docker", "notes": "old", "criteriaLastDownloaded": 90}


def test_a_policy_is_made_read_changed_and_deleted(client):
    made = client.call("POST", POLICIES, STALE)
    assert made.status == 200
    assert (made.json()["criteriaLastDownloaded"], made.json()["inUseCount"]) == (90, 0)
    assert client.call("GET", f"{POLICIES}/stale").json() == made.json()
    changed = client.call("PUT", f"{POLICIES}/stale", STALE | {"criteriaLastDownloaded": 30})
    assert (changed.status, changed.json()["criteriaLastDownloaded"]) == (200, 30)
    assert [one["name"] for one in client.call("GET", POLICIES).json()] == ["stale"]
    assert client.call("GET", f"{POLICIES}?format=maven2").json() == []
    assert client.call("DELETE", f"{POLICIES}/stale").status == 204
    assert client.call("GET", f"{POLICIES}/stale").status == 404
    assert client.call("PUT", f"{POLICIES}/stale", STALE).status == 404


def test_a_change_replaces_all_criteria(client):
    client.call("POST", POLICIES, STALE)
    body = {"name": "stale", "format": "docker", "criteriaLastBlobUpdated": 5}
    now = client.call("PUT", f"{POLICIES}/stale", body).json()
    assert (now["criteriaLastDownloaded"], now["notes"]) == (None, None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"format": "dokcer"}, "format"),
        ({"criteriaLastDownloaded": None}, "*"),
        ({"criteriaLastDownloaded": 0}, "criteriaLastDownloaded"),
        ({"criteriaAssetRegex": "("}, "criteriaAssetRegex"),
        ({"retain": 0}, "PARAMETER retain"),
        ({"criteriaReleaseType": "OLD"}, "PARAMETER criteriaReleaseType"),
        ({"days": 1}, "PARAMETER days"),
        ({"name": "-"}, None),
        ({"name": "."}, "PARAMETER name"),
    ],
)
def test_a_bad_policy_is_refused(client, change, field):
    answer = client.call("POST", POLICIES, STALE | change)
    assert answer.status == (200 if field is None else 400)
    assert field is None or list(answer.faults()) == [field]


def test_a_format_without_releases_has_no_release_type(client):
    answer = client.call("POST", POLICIES, STALE | {"criteriaReleaseType": "RELEASES"})
    assert answer.status == 400
    assert answer.text == "Specified format docker does not support the 'Release type' criteria."


def test_a_name_in_use_is_refused(client):
    client.call("POST", POLICIES, STALE)
    assert "name" in client.call("POST", POLICIES, STALE | {"name": "Stale"}).faults()


def test_a_policy_knows_its_repositories_and_leaves_them(client):
    client.call("POST", POLICIES, STALE)
    body = hosted() | {"cleanup": {"policyNames": ["stale"]}}
    client.call("POST", f"{DOCKER}/hosted", body)
    shown = client.call("GET", f"{POLICIES}/stale").json()
    assert (shown["inUseCount"], shown["repositories"]) == (1, ["docker-private"])
    moved = client.call("PUT", f"{POLICIES}/stale", STALE | {"format": "raw"})
    assert "in use" in moved.faults()["format"]
    client.call("DELETE", f"{POLICIES}/stale")
    left = client.call("GET", f"{DOCKER}/hosted/docker-private").json()
    assert left["cleanup"] == {"policyNames": []}
