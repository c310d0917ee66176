"""What all REST calls share: login, rights, paths, query, content types, bodies."""

from __future__ import annotations

import socket

import pytest

CHALLENGE = 'BASIC realm="Sonatype Nexus Repository Manager"'


@pytest.mark.parametrize("path", ["/v1/status", "/v1/status/writable"])
def test_status_is_open_and_empty(client, path):
    answer = client.call("GET", path, user=None)
    assert (answer.status, answer.content) == (200, b"")
    assert answer.headers["Server"] == "Nexus/3.94.0-01 (COMMUNITY)"


def test_wrong_credentials_are_refused_even_where_none_are_needed(client):
    assert client.call("GET", "/v1/status", user=("admin", "wrong")).status == 401


@pytest.mark.parametrize("user", [None, ("admin", "wrong"), ("nobody", "admin123")])
def test_no_or_wrong_credentials_are_401_with_a_challenge(client, user):
    answer = client.call("GET", "/v1/security/users", user=user)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == CHALLENGE
    assert answer.headers["Server"] == "Nexus/3.94.0-01 (COMMUNITY)"


def test_a_user_without_the_right_gets_403_and_nothing_else(client):
    body = {
        "userId": "reader",
        "firstName": "A",
        "lastName": "Reader",
        "emailAddress": "reader@example.org",
        "password": "reader-password",
        "status": "active",
        "roles": ["nx-anonymous"],
    }
    assert client.call("POST", "/v1/security/users", body).status == 200
    reader = ("reader", "reader-password")
    for method, path in (
        ("GET", "/v1/security/users"),
        ("GET", "/v1/system/eula"),
        ("GET", "/v1/status/check"),
        ("GET", "/v1/blobstores"),
    ):
        answer = client.call(method, path, user=reader)
        assert (answer.status, answer.content) == (403, b"")


def test_an_unknown_path_is_404_with_a_clear_text(client):
    answer = client.call("GET", "/v1/repositories/docker/hosted/a/b")
    assert answer.status == 404
    assert "has no endpoint /v1/repositories/docker/hosted/a/b" in answer.text


def test_a_known_path_with_another_method_is_405(client):
    answer = client.call("DELETE", "/v1/system/eula")
    assert answer.status == 405
    assert "GET, POST" in answer.text


def test_an_unknown_query_parameter_is_refused(client):
    answer = client.call("GET", "/v1/security/users?userID=admin")
    assert answer.status == 400
    assert answer.faults() == {"PARAMETER userID": "unknown query parameter"}


def test_a_required_query_parameter_must_be_there(client):
    assert client.call("GET", "/v1/components").faults() == {
        "PARAMETER repository": "must not be null"
    }


def test_malformed_json_is_one_object(client):
    headers = {"Content-Type": "application/json"}
    path = "/service/rest/v1/security/anonymous"
    answer = client.send("PUT", path, b'{"enabled": ', headers=headers)
    assert answer.status == 400
    assert answer.json()["id"] == "*"


def test_a_body_that_is_not_utf8_is_refused(client):
    headers = {"Content-Type": "application/json"}
    path = "/service/rest/v1/security/anonymous"
    assert client.send("PUT", path, b'{"a": "\xff"}', headers=headers).status == 400


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}])
def test_json_must_be_called_json(client, headers):
    path = "/service/rest/v1/security/anonymous"
    assert client.send("PUT", path, b"{}", headers=headers).status == 415


def test_a_body_in_chunks_is_read(client):
    headers = {"Content-Type": "application/json"}
    parts = iter([b'["NexusAuth', b'enticatingRealm"]'])
    path = "/service/rest/v1/security/realms/active"
    assert client.send("PUT", path, parts, headers=headers).status == 204


def test_a_huge_body_is_refused(client):
    headers = {"Content-Type": "application/json"}
    path = "/service/rest/v1/security/anonymous"
    assert client.send("PUT", path, b" " * 2_000_000, headers=headers).status == 413


def test_the_page_at_the_root_says_what_it_is(client):
    answer = client.send("GET", "/", user=None)
    assert answer.status == 200
    assert "Not Sonatype Nexus" in answer.text


def test_what_is_not_http_is_400_and_logged_as_plain_text(client, capsys):
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as raw:
        raw.sendall(b"\x16\x03\x01\x00\xf0 hello \xff\r\n\r\n")
        answer = raw.makefile("rb").read()
    assert b"400" in answer
    assert capsys.readouterr().out.isascii()


@pytest.mark.parametrize("length", ["-1", "many", "1e3"])
def test_a_bad_content_length_is_400(client, length):
    headers = {"Content-Length": length}
    assert client.send("GET", "/service/rest/v1/status", headers=headers).status == 400


def test_one_connection_serves_many_requests_in_a_row(client):
    request = b"GET /service/rest/v1/status HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as raw:
        raw.sendall(request * 2 + request.replace(b"x\r\n", b"x\r\nConnection: close\r\n", 1))
        answer = raw.makefile("rb").read()
    assert answer.count(b"HTTP/1.1 200") == 3


def test_a_refused_body_does_not_spoil_the_next_request(client):
    refused = b"PUT /service/rest/v1/security/anonymous HTTP/1.1\r\nHost: x\r\n"
    body = b"Content-Length: 4\r\n\r\n{}{}"
    good = b"GET /service/rest/v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as raw:
        raw.sendall(refused + body + good)
        answer = raw.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 401")
    assert answer.count(b"HTTP/1.1 200") == 1
