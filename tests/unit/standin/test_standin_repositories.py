"""Docker repositories by REST: made, read, replaced, deleted."""

from __future__ import annotations

import copy

from standin_client import DOCKER, SETTINGS, group, hosted, proxy


def one(client, type_, name):
    return client.call("GET", f"{DOCKER}/{type_}/{name}").json()


def test_hosted_reads_with_every_field(client, three):
    assert one(client, "hosted", "docker-private") == {
        "name": "docker-private",
        "format": "docker",
        "type": "hosted",
        "url": f"http://127.0.0.1:{client.port}/repository/docker-private",
        "online": True,
        "storage": {
            "blobStoreName": "default",
            "strictContentTypeValidation": True,
            "writePolicy": "ALLOW",
            "latestPolicy": None,
        },
        "cleanup": None,
        "component": {"proprietaryComponents": False},
        "docker": {
            "v1Enabled": False,
            "forceBasicAuth": True,
            "httpPort": None,
            "httpsPort": None,
            "subdomain": None,
            "pathEnabled": False,
        },
    }


def test_proxy_reads_with_its_blocks_and_nulls(client, three):
    shown = one(client, "proxy", "docker-hub")
    assert shown["httpClient"] == {
        "blocked": False,
        "autoBlock": True,
        "connection": None,
        "authentication": None,
    }
    assert shown["proxy"]["remoteUrl"] == "https://1.1.1.1"
    nulls = {name for name, value in shown.items() if value is None}
    assert nulls == {"cleanup", "routingRuleName", "replication", "firewall"}


def test_group_keeps_the_order_of_its_members(client, three):
    assert one(client, "group", "docker-all")["group"] == {
        "memberNames": ["docker-private", "docker-hub"],
        "writableMember": None,
    }
    body = group("docker-hub", "docker-private")
    assert client.call("PUT", f"{DOCKER}/group/docker-all", body).status == 204
    members = one(client, "group", "docker-all")["group"]["memberNames"]
    assert members == ["docker-hub", "docker-private"]


def test_settings_list_is_what_each_reads(client, three):
    listed = {item["name"]: item for item in client.call("GET", SETTINGS).json()}
    for type_, name in (
        ("hosted", "docker-private"),
        ("proxy", "docker-hub"),
        ("group", "docker-all"),
    ):
        assert listed[name] == one(client, type_, name)
    assert {item["format"] for item in listed.values()} == {"docker", "maven2", "nuget"}


def test_the_public_list_has_type_and_remote(client, three):
    listed = {item["name"]: item for item in client.call("GET", "/v1/repositories").json()}
    assert listed["docker-hub"]["type"] == "proxy"
    assert listed["docker-hub"]["attributes"] == {"proxy": {"remoteUrl": "https://1.1.1.1"}}
    assert client.call("GET", "/v1/repositories/docker-hub").json() == listed["docker-hub"]
    assert client.call("GET", "/v1/repositories/absent").status == 404


def test_addresses_follow_the_proxy_in_front(client, three):
    headers = {"X-Forwarded-Proto": "https", "Host": "nexus.example.org"}
    path = f"/service/rest{DOCKER}/hosted/docker-private"
    shown = client.send("GET", path, headers=headers).json()
    assert shown["url"] == "https://nexus.example.org/repository/docker-private"


def test_put_replaces_the_whole(client, three):
    for name in ("a", "b"):
        policy = {"name": name, "format": "docker", "criteriaLastDownloaded": 9}
        client.call("POST", "/internal/cleanup-policies", policy)
    body = hosted() | {"cleanup": {"policyNames": ["b", "a"]}}
    client.call("PUT", f"{DOCKER}/hosted/docker-private", body)
    assert one(client, "hosted", "docker-private")["cleanup"] == {"policyNames": ["a", "b"]}
    assert client.call("PUT", f"{DOCKER}/hosted/docker-private", hosted()).status == 204
    assert one(client, "hosted", "docker-private")["cleanup"] is None


def test_a_password_is_never_given_out_and_lost_by_a_put_without_it(client, nexus, three):
    body = proxy()
    login = {"type": "username", "username": "u", "password": "remote-password"}
    body["httpClient"]["authentication"] = login
    assert client.call("PUT", f"{DOCKER}/proxy/docker-hub", body).status == 204
    text = client.call("GET", SETTINGS).text
    assert "remote-password" not in text
    shown = one(client, "proxy", "docker-hub")["httpClient"]["authentication"]
    assert (shown["username"], shown["password"]) == ("u", None)
    body["httpClient"]["authentication"] = shown
    assert client.call("PUT", f"{DOCKER}/proxy/docker-hub", body).status == 204
    stored = nexus.store.state["repositories"]["docker-hub"]["httpClient"]["authentication"]
    assert stored["password"] is None


def test_what_was_read_without_the_answers_own_fields_can_be_written_back(client, three):
    for type_, name in (
        ("hosted", "docker-private"),
        ("proxy", "docker-hub"),
        ("group", "docker-all"),
    ):
        body = one(client, type_, name)
        refused = client.call("PUT", f"{DOCKER}/{type_}/{name}", body)
        fields = {"PARAMETER format", "PARAMETER type", "PARAMETER url"}
        assert set(refused.faults()) == fields
        before = copy.deepcopy(body)
        for field in ("format", "type", "url"):
            del body[field]
        assert client.call("PUT", f"{DOCKER}/{type_}/{name}", body).status == 204
        assert one(client, type_, name) == before


def test_delete_takes_the_member_out_of_its_groups(client, three):
    assert client.call("DELETE", "/v1/repositories/docker-hub").status == 204
    assert one(client, "group", "docker-all")["group"]["memberNames"] == ["docker-private"]
    gone = client.call("DELETE", "/v1/repositories/docker-hub")
    assert (gone.status, gone.content) == (404, b"")
    assert client.call("DELETE", "/v1/repositories/Docker-Private").status == 204


def test_rights_on_repositories(client, three):
    client.call(
        "POST",
        "/v1/security/roles",
        {
            "id": "keeper",
            "name": "keeper",
            "privileges": ["nx-repository-admin-docker-docker-private-read"],
        },
    )
    client.call(
        "POST",
        "/v1/security/users",
        {
            "userId": "keeper",
            "firstName": "A",
            "lastName": "Keeper",
            "emailAddress": "keeper@example.org",
            "password": "keeper-password",
            "status": "active",
            "roles": ["keeper"],
        },
    )
    keeper = ("keeper", "keeper-password")
    listed = client.call("GET", SETTINGS, user=keeper).json()
    assert [item["name"] for item in listed] == ["docker-private"]
    assert client.call("GET", f"{DOCKER}/proxy/docker-hub", user=keeper).status == 404
    path = f"{DOCKER}/hosted/docker-private"
    assert client.call("PUT", path, hosted(), user=keeper).status == 403
    assert client.call("POST", f"{DOCKER}/hosted", hosted("new"), user=keeper).status == 403
    assert client.call("DELETE", "/v1/repositories/docker-private", user=keeper).status == 403
    assert client.call("GET", SETTINGS, user=None).status == 401


def test_invalidate_cache_is_for_proxy_and_group(client, three):
    assert client.call("POST", "/v1/repositories/docker-hub/invalidate-cache").status == 204
    assert client.call("POST", "/v1/repositories/docker-all/invalidate-cache").status == 204
    answer = client.call("POST", "/v1/repositories/docker-private/invalidate-cache")
    assert answer.status == 400
    assert answer.json() == "You can invalidate cache of proxy or group repository only"
    assert client.call("POST", "/v1/repositories/absent/invalidate-cache").status == 404


def test_components_of_an_empty_repository(client, three):
    answer = client.call("GET", "/v1/components?repository=docker-all")
    assert answer.json() == {"items": [], "continuationToken": None}
    assert client.call("GET", "/v1/components?repository=absent").status == 404
    assert client.call("GET", "/v1/search?repository=docker-private").json()["items"] == []
    unplayed = client.call("GET", "/v1/search?md5=1")
    assert unplayed.faults() == {"PARAMETER md5": "not played by the Nexus stand-in"}


def test_what_is_held_is_counted_page_by_page_and_goes_with_the_repository(client, nexus, three):
    with nexus.store.change() as draft:
        held = [{"name": "team/app", "version": str(number)} for number in range(11)]
        draft["components"] = {"maven-releases": held}
    path = "/v1/components?repository=maven-releases"
    first = client.call("GET", path).json()
    assert len(first["items"]) == 10
    second = client.call("GET", f"{path}&continuationToken={first['continuationToken']}").json()
    assert (len(second["items"]), second["continuationToken"]) == (1, None)
    assets = client.call("GET", "/v1/assets?repository=maven-releases").json()
    assert assets["items"][0]["path"] == "team/app/0"
    client.call("DELETE", "/v1/repositories/maven-releases")
    assert nexus.store.state["components"] == {}
