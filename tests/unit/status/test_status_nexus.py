"""What Nexus tells: one attempt of one password, lists of old and new versions, odd answers."""

from __future__ import annotations

import json

import pytest
import responses

from moorage.errors import SecretUnavailable
from moorage.status.nexus import NexusLook, blob_stores, repositories
from moorage.transport.http import Web
from moorage.values import Secret

SERVER = {"Server": "Nexus/3.94.0-05 (COMMUNITY)"}
WRITABLE, REPOSITORIES, STORES = (
    "/service/rest/v1/status/writable", "/service/rest/v1/repositories",
    "/service/rest/v1/blobstores",
)  # fmt: skip
LISTED = [
    {"name": "maven", "format": "maven2", "type": "proxy", "size": 9},
    {"name": "other", "format": "docker", "type": "hosted", "online": False, "size": 5},
    {"name": "docker-all", "format": "docker", "type": "group"},
]


BASE = "https://nexus.test"


@pytest.fixture
def server():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as played:
        yield played


def look(password=None):
    web = Web(BASE, retry=False)
    return NexusLook(web, password or Secret("the password"), ["docker-all", "missing"])


def answers(server, path, body=None, status=200, headers=SERVER):
    text = body if isinstance(body, str) else json.dumps(body) if body is not None else ""
    server.get(BASE + path, body=text, status=status, headers=headers)


def test_everything_that_a_new_version_tells(server):
    answers(server, WRITABLE)
    answers(server, REPOSITORIES, LISTED)
    answers(server, STORES, [{"name": "default", "blobCount": 3, "totalSizeInBytes": 4,
                                  "availableSpaceInBytes": -1}])  # fmt: skip
    seen = look()

    assert seen.ask() is True
    assert (seen.seen.version, seen.seen.edition, seen.seen.writable) == (
        "3.94.0", "COMMUNITY", True,
    )  # fmt: skip
    assert [(one.name, one.online, one.size_bytes) for one in seen.repositories] == [
        ("docker-all", None, None), ("other", False, 5),
    ]  # fmt: skip
    assert [(one.blobs, one.size_bytes, one.available_bytes) for one in seen.blob_stores] == [
        (3, 4, None)
    ]
    assert seen.unknown == ""


def test_a_version_without_a_list_of_blob_stores(server):
    answers(server, WRITABLE)
    answers(server, REPOSITORIES, [])
    answers(server, STORES, status=404)
    seen = look()
    assert seen.ask() is True
    assert (seen.repositories, seen.blob_stores) == ((), None)


def test_a_password_that_is_not_taken_is_tried_once(server):
    answers(server, WRITABLE)
    answers(server, REPOSITORIES, [], status=401)
    seen = look()

    assert seen.ask() is False
    assert seen.unknown == "Nexus does not take the password of nexus.admin_password"
    assert seen.repositories is None
    logins = [call for call in server.calls if "Authorization" in call.request.headers]
    assert len(logins) == 1


def test_without_a_password_only_what_anybody_is_told(server):
    answers(server, WRITABLE)
    seen = look(SecretUnavailable("env:X leads nowhere"))
    assert seen.ask() is False
    assert (seen.seen.writable, seen.unknown) == (True, "env:X leads nowhere")
    assert len(server.calls) == 1


def test_a_nexus_that_starts_is_asked_for_its_lists_all_the_same(server):
    answers(server, WRITABLE, status=503)
    answers(server, REPOSITORIES, status=503)
    seen = look()
    assert seen.ask() is False
    assert (seen.seen.writable, seen.seen.phase) == (False, "Nexus is starting (503)")


def test_an_ingress_that_answers_in_its_place_is_not_given_the_password(server):
    answers(server, WRITABLE, "404 page not found", 404, {})
    seen = look()
    assert seen.ask() is False
    assert seen.seen.writable is False
    assert "no route" in seen.unknown
    assert len(server.calls) == 1


@pytest.mark.parametrize("body", ["<html>", '{"a": 1}', "[1]", "[{}]", "null"])
def test_what_is_no_answer_of_nexus_is_said(server, body):
    answers(server, WRITABLE)
    answers(server, REPOSITORIES, body)
    seen = look()
    seen.ask()
    assert seen.repositories is None or seen.repositories == ()


def test_a_proxy_that_hides_the_version_does_not_hide_the_rest(server):
    answers(server, WRITABLE, headers={"Server": "nginx"})
    answers(server, REPOSITORIES, LISTED)
    answers(server, STORES, [])
    seen = look()
    assert seen.ask() is True
    assert (seen.seen.version, len(seen.repositories)) == (None, 2)


def test_lists_by_themselves():
    assert repositories([], ["x"]) == ()
    assert blob_stores([]) == ()
