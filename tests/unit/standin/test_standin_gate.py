"""The gate of the Docker plane: connectors, licence, challenges, tokens, rights."""

from __future__ import annotations

import pytest
from standin_client import DOCKER, Client, group, hosted

BASIC = 'BASIC realm="Sonatype Nexus Repository Manager"'


@pytest.fixture
def licensed(nexus):
    with nexus.store.change() as draft:
        draft["eula_accepted"] = True


@pytest.fixture
def connector(client, licensed, free_port) -> Client:
    """The connector of a hosted repository that forces Basic."""
    assert client.call("POST", f"{DOCKER}/hosted", hosted(httpPort=free_port)).status == 201
    return Client(free_port)


@pytest.fixture
def bearer(client, connector):
    """The same repository, Bearer allowed and its realm active."""
    body = hosted(httpPort=connector.port, forceBasicAuth=False)
    assert client.call("PUT", f"{DOCKER}/hosted/docker-private", body).status == 204
    realms = ["NexusAuthenticatingRealm", "DockerToken"]
    client.call("PUT", "/v1/security/realms/active", realms)


def is_open(port) -> bool:
    try:
        Client(port).send("GET", "/v2/")
    except ConnectionRefusedError:
        return False
    return True


def robot(client, *privileges):
    client.call("POST", "/v1/security/roles", {"id": "r", "name": "r", "privileges": privileges})
    user = {
        "userId": "robot",
        "firstName": "A",
        "lastName": "Robot",
        "emailAddress": "robot@example.org",
        "password": "robot-password",
        "status": "active",
        "roles": ["r"],
    }
    assert client.call("POST", "/v1/security/users", user).status == 200
    return ("robot", "robot-password")


def view(*actions):
    return [f"nx-repository-view-docker-docker-private-{action}" for action in actions]


def test_a_connector_opens_moves_and_closes_with_its_repository(client, free_port):
    assert not is_open(free_port)
    client.call("POST", f"{DOCKER}/hosted", hosted(httpPort=free_port))
    assert is_open(free_port)
    client.call("PUT", f"{DOCKER}/hosted/docker-private", hosted())
    assert not is_open(free_port)
    client.call("PUT", f"{DOCKER}/hosted/docker-private", hosted(httpPort=free_port))
    assert is_open(free_port)
    client.call("DELETE", "/v1/repositories/docker-private")
    assert not is_open(free_port)


def test_a_port_of_somebody_else_is_only_a_warning(client, capsys):
    body = hosted(httpPort=client.port + 0)
    with_port_taken = client.call("POST", f"{DOCKER}/hosted", body)
    assert with_port_taken.status == 201  # the tests' own port is not the one in the settings
    assert "cannot be opened" in capsys.readouterr().out


def test_everything_is_403_until_the_licence_is_accepted(client, nexus, free_port):
    client.call("POST", f"{DOCKER}/hosted", hosted(httpPort=free_port))
    for where, path in (
        (Client(free_port), "/v2/"),
        (client, "/repository/docker-private/v2/"),
        (client, "/v2/"),
    ):
        answer = where.send("GET", path)
        assert answer.status == 403
        assert answer.text == "You must accept the End User License Agreement (EULA)"
    assert client.call("GET", "/v1/repositories").status == 200
    with nexus.store.change() as draft:
        draft["eula_accepted"] = True
    assert Client(free_port).send("GET", "/v2/").status == 200


@pytest.mark.parametrize("user", [None, ("admin", "wrong")])
def test_basic_is_the_challenge_where_it_is_forced(connector, user):
    answer = connector.send("GET", "/v2/", user=user)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, BASIC)
    [error] = answer.json()["errors"]
    assert error == {
        "code": "UNAUTHORIZED",
        "message": "access to the requested resource is not authorized",
        "detail": None,
    }


def test_ping_says_which_api_it_is(connector):
    answer = connector.send("GET", "/v2/")
    assert answer.status == 200
    assert answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"
    assert answer.headers["Server"] == "Nexus/3.94.0-01 (COMMUNITY)"


def test_bearer_names_the_address_that_the_client_used(connector, bearer):
    headers = {"Host": "registry.example.org", "X-Forwarded-Proto": "https"}
    answer = connector.send("GET", "/v2/", user=None, headers=headers)
    realm = "https://registry.example.org/v2/token"
    assert answer.headers["WWW-Authenticate"] == f'Bearer realm="{realm}",service="{realm}"'


def test_login_by_a_token(client, connector, bearer):
    assert connector.send("GET", "/v2/token?service=x", user=("admin", "wrong")).status == 401
    token = connector.send("GET", "/v2/token?service=x&account=admin").json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert connector.send("GET", "/v2/", user=None, headers=headers).status == 200
    other = "1" if token.endswith("0") else "0"
    forged = {"Authorization": f"Bearer {token[:-1]}{other}"}
    forged_too = {"Authorization": "Bearer DockerToken.YWRtaW4."}
    for wrong in (forged, forged_too, {"Authorization": "Bearer x"}):
        assert connector.send("GET", "/v2/", user=None, headers=wrong).status == 401
    client.call("PUT", "/v1/security/users/admin/change-password", text="another")
    assert connector.send("GET", "/v2/", user=None, headers=headers).status == 401


def test_no_token_without_its_realm(client, connector, bearer):
    token = connector.send("GET", "/v2/token").json()["token"]
    client.call("PUT", "/v1/security/realms/active", ["NexusAuthenticatingRealm"])
    assert connector.send("GET", "/v2/token").status == 401
    headers = {"Authorization": f"Bearer {token}"}
    assert connector.send("GET", "/v2/", user=None, headers=headers).status == 401


def test_a_token_for_nobody_only_with_anonymous_access(client, connector, bearer):
    assert connector.send("GET", "/v2/token", user=None).status == 401
    settings = client.call("GET", "/v1/security/anonymous").json() | {"enabled": True}
    client.call("PUT", "/v1/security/anonymous", settings)
    token = connector.send("GET", "/v2/token", user=None).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert connector.send("GET", "/v2/", user=None, headers=headers).status == 200
    push = connector.send("POST", "/v2/a/blobs/uploads/", user=None, headers=headers)
    assert push.status == 401
    client.call("PUT", "/v1/security/anonymous", settings | {"enabled": False})
    assert connector.send("GET", "/v2/", user=None, headers=headers).status == 401


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("GET", "/v2/", "read"),
        ("HEAD", "/v2/a/manifests/1", "read"),
        ("POST", "/v2/a/blobs/uploads/", "add"),
        ("PATCH", "/v2/a/blobs/uploads/x", "add"),
        ("PUT", "/v2/a/manifests/1", "edit"),
        ("DELETE", "/v2/a/manifests/1", "delete"),
    ],
)
def test_each_method_needs_its_right(client, connector, method, path, action):
    every = {"browse", "read", "add", "edit", "delete"}
    user = robot(client, *view(*(every - {action})))
    answer = connector.send(method, path, user=user)
    assert answer.status == 403
    if method != "HEAD":
        assert answer.json()["errors"][0]["code"] == "DENIED"
    client.call("PUT", "/v1/security/roles/r", {"id": "r", "name": "r", "privileges": view(action)})
    assert connector.send(method, path, user=user).status != 403


def test_rights_are_asked_of_the_outer_repository(client, connector):
    body = group("docker-private")
    client.call("POST", f"{DOCKER}/group", body)
    user = robot(client, "nx-repository-view-docker-docker-all-read")
    path = "/v2/a/tags/list"
    assert client.send("GET", f"/repository/docker-all{path}", user=user).status == 404
    assert client.send("GET", f"/repository/docker-private{path}", user=user).status == 403


def test_a_wildcard_right_reaches_every_docker_repository(client, connector):
    user = robot(client, "nx-repository-view-docker-*-*")
    assert connector.send("GET", "/v2/", user=user).status == 200


def test_a_group_takes_reads_only(client, connector):
    client.call("POST", f"{DOCKER}/group", group("docker-private"))
    base = "/repository/docker-all/v2/a"
    for method, path in (("POST", "blobs/uploads/"), ("PUT", "manifests/1")):
        answer = client.send(method, f"{base}/{path}")
        assert answer.status == 405
        assert "PRO-licensed" in answer.json()["errors"][0]["message"]
    assert client.send("DELETE", f"{base}/manifests/1").status == 405
    assert client.send("GET", f"{base}/blobs/uploads/x").status == 404


def test_a_repository_in_two_groups_is_asked_once(client, nexus, connector):
    client.call("POST", f"{DOCKER}/group", group("docker-private"))
    outer = group("docker-all", "docker-private", name="outer")
    client.call("POST", f"{DOCKER}/group", outer)
    members = nexus.plane.repository("outer").members()
    assert [member.settings["name"] for member in members] == ["docker-private"]


def test_an_offline_repository_is_503(client, connector):
    body = hosted(httpPort=connector.port) | {"online": False}
    client.call("PUT", f"{DOCKER}/hosted/docker-private", body)
    answer = connector.send("GET", "/v2/_catalog")
    assert (answer.status, answer.json()["errors"][0]["message"]) == (503, "Repository offline")


def test_the_name_in_the_path_needs_path_enabled(client, connector):
    path = "/v2/docker-private/a/tags/list"
    assert client.send("GET", path).json()["errors"][0]["code"] == "NAME_UNKNOWN"
    body = hosted(httpPort=connector.port, pathEnabled=True)
    client.call("PUT", f"{DOCKER}/hosted/docker-private", body)
    assert client.send("GET", path).json()["errors"][0]["detail"] == {"name": "a"}
    assert client.send("GET", "/v2/").status == 200
    assert client.send("GET", "/v2/", user=None).headers["WWW-Authenticate"] == BASIC


@pytest.mark.parametrize("path", ["/", "/v1/_ping", "/v2", "/service/rest/v1/status"])
def test_a_connector_serves_the_registry_only(connector, path):
    assert connector.send("GET", path).status == 404


@pytest.mark.parametrize("path", ["a/../b/manifests/1", "A/manifests/1", "a/blobs/nonsense", "a"])
def test_paths_that_no_registry_has_are_404(connector, path):
    assert connector.send("GET", f"/v2/{path}").status == 404


def test_without_the_program_content_is_503_and_says_why(connector):
    answer = connector.send("POST", "/v2/a/blobs/uploads/")
    assert answer.status == 503
    assert "no docker-registry program" in answer.json()["errors"][0]["message"]
