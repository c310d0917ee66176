"""The fields of Docker repositories beyond the usual ones."""

from __future__ import annotations

import pytest
from standin_client import DOCKER, SETTINGS, group, hosted, proxy


def read(client, name):
    return {item["name"]: item for item in client.call("GET", SETTINGS).json()}[name]


def with_part(body, *path, **values):
    part = body
    for name in path:
        part = part.setdefault(name, {})
    part.update(values)
    return body


@pytest.mark.parametrize(
    "path_and_values",
    [
        (("proxy",), {"preserveEncodedCharacters": True}),
        (("httpClient", "connection"), {"retries": 3, "timeout": 30, "useTrustStore": True}),
        (("httpClient", "authentication"), {"type": "ntlm", "ntlmHost": "h", "ntlmDomain": "d"}),
        (("httpClient", "authentication"), {"type": "username", "preemptive": True}),
        (("dockerProxy",), {"cacheForeignLayers": True, "foreignLayerUrlWhitelist": [".*"]}),
        (("dockerProxy",), {"indexType": "CUSTOM", "indexUrl": "https://index.example.org"}),
        (("firewall",), {"mode": "AUDIT"}),
        (("negativeCache",), {"enabled": False, "timeToLive": 5}),
    ],
)
def test_a_proxy_keeps_what_was_written(client, path_and_values):
    path, values = path_and_values
    body = with_part(proxy(), *path, **values)
    assert client.call("POST", f"{DOCKER}/proxy", body).status == 201
    shown = read(client, "docker-hub")
    for name in path:
        shown = shown[name]
    assert {name: shown[name] for name in values} == values


@pytest.mark.parametrize(
    ("path", "secret"),
    [
        (("httpClient", "authentication"), {"type": "bearerToken", "bearerToken": "unseen"}),
        (("dockerProxy", "ecrAuth"), {"accessKeyId": "id", "secretAccessKey": "unseen"}),
    ],
)
def test_a_secret_is_kept_and_never_shown(client, nexus, path, secret):
    client.call("POST", f"{DOCKER}/proxy", with_part(proxy(), *path, **secret))
    assert "unseen" not in client.call("GET", SETTINGS).text
    assert "unseen" in str(nexus.store.state["repositories"]["docker-hub"])


def test_a_routing_rule_is_kept_when_there_is_one(client, nexus):
    client.call("POST", f"{DOCKER}/proxy", proxy() | {"routingRuleName": "no-latest"})
    assert read(client, "docker-hub")["routingRuleName"] is None
    with nexus.store.change() as draft:
        draft["routing_rules"] = ["no-latest"]
    assert read(client, "docker-hub")["routingRuleName"] == "no-latest"


def test_a_hosted_one_keeps_latest_policy_and_proprietary_components(client):
    body = with_part(hosted(), "storage", writePolicy="ALLOW_ONCE", latestPolicy=True)
    body["component"] = {"proprietaryComponents": True}
    client.call("POST", f"{DOCKER}/hosted", body)
    shown = read(client, "docker-private")
    assert (shown["storage"]["writePolicy"], shown["storage"]["latestPolicy"]) == (
        "ALLOW_ONCE",
        True,
    )
    assert shown["component"] == {"proprietaryComponents": True}


@pytest.mark.parametrize(
    ("type_", "body", "field"),
    [
        ("proxy", with_part(proxy(), "dockerProxy", indexType="CUSTOM"), "dockerProxy.indexUrl"),
        (
            "proxy",
            with_part(proxy(), "httpClient", "authentication", type="token"),
            "PARAMETER httpClient.authentication.type",
        ),
        (
            "proxy",
            with_part(proxy(), "httpClient", "connection", retries=11),
            "PARAMETER httpClient.connection.retries",
        ),
        ("proxy", proxy() | {"firewall": {"mode": "ON"}}, "PARAMETER firewall.mode"),
        ("proxy", proxy() | {"routingRule": "x"}, "PARAMETER routingRule"),
        (
            "hosted",
            hosted() | {"cleanup": {"policyNames": ["absent"]}},
            "cleanup.policyNames",
        ),
        ("hosted", hosted(subdomain="images"), "subdomain"),
        (
            "group",
            with_part(group("docker-private"), "group", writableMember="docker-private"),
            "HelperBean.writableMember",
        ),
    ],
)
def test_a_bad_field_is_refused(client, type_, body, field):
    client.call("POST", f"{DOCKER}/hosted", hosted())
    answer = client.call("POST", f"{DOCKER}/{type_}", body | {"name": "new"})
    assert answer.status == 400
    assert list(answer.faults()) == [field]


def test_a_policy_of_another_format_is_refused(client):
    policy = {"name": "jars", "format": "maven2", "criteriaLastDownloaded": 9}
    client.call("POST", "/internal/cleanup-policies", policy)
    answer = client.call(
        "POST", f"{DOCKER}/hosted", hosted() | {"cleanup": {"policyNames": ["jars"]}}
    )
    assert list(answer.faults()) == ["cleanup.policyNames"]


def test_repositories_of_other_formats_read_with_their_blocks(client):
    releases = read(client, "maven-releases")
    assert releases["maven"]["versionPolicy"] == "RELEASE"
    assert releases["storage"]["writePolicy"] == "ALLOW_ONCE"
    assert "docker" not in releases
    assert read(client, "maven-central")["httpClient"]["authentication"] is None
