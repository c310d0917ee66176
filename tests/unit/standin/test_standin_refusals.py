"""What a Docker repository's body is refused for, and in which shape."""

from __future__ import annotations

import copy
import json

import pytest
from standin_client import DOCKER, SETTINGS, group, hosted, proxy


def set_path(body, path, value):
    """Set a value deep in a body; the missing marker removes it."""
    *places, last = path.split(".")
    for place in places:
        body = body[place]
    if value is ...:
        del body[last]
    else:
        body[last] = value


@pytest.mark.parametrize(
    ("type_", "body", "path", "value", "field"),
    [
        ("hosted", hosted(), "online", ..., "PARAMETER online"),
        ("hosted", hosted(), "onlin", True, "PARAMETER onlin"),
        ("hosted", hosted(), "docker.httpPort", "8083", "PARAMETER docker.httpPort"),
        ("hosted", hosted(), "docker.forceBasicAuth", ..., "PARAMETER docker.forceBasicAuth"),
        ("hosted", hosted(), "storage.writePolicy", "allow", "PARAMETER storage.writePolicy"),
        ("hosted", hosted(), "name", "-a b", "PARAMETER name"),
        ("hosted", hosted(), "name", "Docker-Private", "name"),
        ("hosted", hosted(), "docker.subdomain", "images", "subdomain"),
        ("hosted", hosted(), "storage.blobStoreName", "absent", "BlobStoreName"),
        ("proxy", proxy(), "proxy.remoteUrl", ..., "PARAMETER proxy.remoteUrl"),
        ("proxy", proxy(), "proxy.remoteUrl", "registry", "PARAMETER proxy.remoteUrl"),
        ("proxy", proxy(), "dockerProxy.indexType", "hub", "PARAMETER dockerProxy.indexType"),
        ("proxy", proxy(), "routingRule", "x", "PARAMETER routingRule"),
        (
            "proxy",
            proxy(),
            "httpClient.connection",
            {"timeout": 0},
            "PARAMETER httpClient.connection.timeout",
        ),
        ("group", group(), "group.memberNames", [], "PARAMETER group.memberNames"),
        ("group", group("docker-priv"), "online", True, "HelperBean.memberNames"),
        ("group", group("maven-public"), "online", True, "HelperBean.memberNames"),
        ("group", group("docker-all"), "online", True, "HelperBean.memberNames"),
    ],
)
def test_a_bad_body_is_400_with_the_field_and_makes_nothing(
    client, type_, body, path, value, field
):
    body = copy.deepcopy(body)
    set_path(body, path, value)
    answer = client.call("POST", f"{DOCKER}/{type_}", body)
    assert answer.status == 400
    assert field in answer.faults()
    assert {item["format"] for item in client.call("GET", SETTINGS).json()} == {"maven2", "nuget"}


def test_the_words_of_the_known_refusals(client, three):
    member = client.call("POST", f"{DOCKER}/group", group("no", name="g"))
    assert member.faults() == {"HelperBean.memberNames": "Member repository does not exist: no"}
    blob_store = hosted("other")
    blob_store["storage"]["blobStoreName"] = "no"
    answer = client.call("POST", f"{DOCKER}/hosted", blob_store)
    assert answer.faults() == {"BlobStoreName": "Blob store not found"}
    writable = group("docker-private", name="g")
    writable["group"]["writableMember"] = "docker-private"
    text = client.call("POST", f"{DOCKER}/group", writable).faults()["HelperBean.writableMember"]
    assert text.startswith("Deploying to groups is a PRO-licensed feature.")


@pytest.mark.parametrize("name", ["docker-private", "maven-releases"])
def test_a_name_in_use_is_refused(client, three, name):
    answer = client.call("POST", f"{DOCKER}/hosted", hosted(name))
    assert answer.faults() == {"name": "Name is already used, must be unique (ignoring case)"}


def test_refusals_of_a_change(client, three):
    renamed = client.call("PUT", f"{DOCKER}/hosted/docker-private", hosted("other"))
    assert renamed.faults() == {"name": "Renaming a repository is not supported"}
    client.call("POST", "/v1/blobstores/file", {"name": "second", "path": "second"})
    moved = hosted()
    moved["storage"]["blobStoreName"] = "second"
    answer = client.call("PUT", f"{DOCKER}/hosted/docker-private", moved)
    assert (answer.status, list(answer.faults())) == (400, ["BlobStoreName"])
    absent = client.call("PUT", f"{DOCKER}/hosted/absent", hosted("absent"))
    assert (absent.status, absent.content) == (404, b"")


def test_another_type_or_format_is_not_found(client, three):
    for path in (f"{DOCKER}/proxy/docker-private", f"{DOCKER}/hosted/maven-releases"):
        answer = client.call("GET", path)
        assert (answer.status, answer.json()) == (404, "Repository not found")


def test_a_port_in_use_is_text_in_quotes(client, three, free_port):
    body = hosted(httpPort=free_port)
    assert client.call("PUT", f"{DOCKER}/hosted/docker-private", body).status == 204
    answer = client.call("POST", f"{DOCKER}/hosted", hosted("other", httpPort=free_port))
    assert answer.status == 400
    first, second = answer.text.strip('"').split("\n")
    assert first == "Failed to validate facets; 1 failure"
    assert f"{free_port} is already in use by repository docker-private" in second
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_one_port_twice_or_out_of_range_is_refused(client, free_port):
    for ports in ({"httpPort": free_port, "httpsPort": free_port}, {"httpPort": 70000}):
        answer = client.call("POST", f"{DOCKER}/hosted", hosted(**ports))
        assert answer.status == 400
        assert "Failed to validate facets" in answer.text


def test_a_group_cannot_hold_itself_by_another(client, three):
    assert client.call("POST", f"{DOCKER}/group", group("docker-all", name="outer")).status == 201
    answer = client.call("PUT", f"{DOCKER}/group/docker-all", group("outer"))
    assert list(answer.faults()) == ["HelperBean.memberNames"]


def test_the_trust_store_needs_https(client):
    body = proxy(remote="http://1.1.1.1")
    body["httpClient"]["connection"] = {"useTrustStore": True}
    answer = client.call("POST", f"{DOCKER}/proxy", body)
    text = '"TrustStore is available only with HTTPS remote URLs"'
    assert (answer.status, answer.text) == (400, text)


def test_private_remotes_are_refused_until_they_are_allowed(client):
    path = "/v1/security/ssrf-protection"
    body = proxy(remote="http://localhost:5000")
    answer = client.call("POST", f"{DOCKER}/proxy", body)
    assert (answer.status, list(answer.faults())) == (400, ["remoteUrl"])
    assert client.call("GET", path).json()["enabled"] is True
    allowed = {"enabled": True, "allowedDomains": ["localhost"], "allowedIPs": []}
    assert client.call("PUT", path, allowed).json() == allowed
    assert client.call("POST", f"{DOCKER}/proxy", body).status == 201
    by_address = proxy("second", remote="http://127.0.0.1:5000")
    assert client.call("POST", f"{DOCKER}/proxy", by_address).status == 400
    client.call("PUT", path, {"enabled": True, "allowedIPs": ["127.0.0.1"]})
    assert client.call("POST", f"{DOCKER}/proxy", by_address).status == 201
