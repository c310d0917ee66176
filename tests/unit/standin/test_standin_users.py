"""Users, roles and privileges."""

from __future__ import annotations

import pytest
from standin_client import hosted

USERS = "/v1/security/users"
ROLES = "/v1/security/roles"
PRIVILEGES = "/v1/security/privileges"


def user(user_id="robot", **fields):
    return {
        "userId": user_id,
        "firstName": "Some",
        "lastName": "Robot",
        "emailAddress": "robot@example.org",
        "password": "robot-password",
        "status": "active",
        "roles": ["nx-anonymous"],
        **fields,
    }


def changed(user_id="robot", **fields):
    body = user(user_id, **fields) | {"source": "default"}
    del body["password"]
    return body


def role(role_id="pull", **fields):
    return {
        "id": role_id,
        "name": role_id,
        "description": "",
        "privileges": [],
        "roles": [],
    } | fields


def test_a_user_is_made_and_shown_without_its_password(client):
    answer = client.call("POST", USERS, user())
    assert answer.status == 200
    shown = answer.json()
    assert shown["userId"] == "robot"
    assert (shown["source"], shown["readOnly"], shown["externalRoles"]) == ("default", False, [])
    assert "robot-password" not in answer.text
    assert client.call("GET", f"{USERS}?userId=robot").json() == [shown]
    assert client.call("GET", "/v1/repositories", user=("robot", "robot-password")).json()


def test_search_is_a_prefix_in_any_case(client):
    for name in ("robot", "Robot-two", "other-robot"):
        client.call("POST", USERS, user(name))

    def found(text):
        return {one["userId"] for one in client.call("GET", f"{USERS}?userId={text}").json()}

    assert found("ROBOT") == {"robot", "Robot-two"}
    assert found("bot") == set()
    assert found("") == {"admin", "anonymous", "robot", "Robot-two", "other-robot"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": None}, "PARAMETER password"),
        ({"status": "asleep"}, "PARAMETER status"),
        ({"roles": "nx-admin"}, "PARAMETER roles"),
        ({"source": "default"}, "PARAMETER source"),
        ({"roles": ["nx-nothing"]}, "roles"),
        ({"userId": "admin"}, "userId"),
    ],
)
def test_a_bad_user_is_refused(client, change, field):
    answer = client.call("POST", USERS, user(**change))
    assert answer.status == 400
    assert list(answer.faults()) == [field]


def test_a_user_is_changed_and_keeps_the_password(client):
    client.call("POST", USERS, user())
    body = changed(firstName="Another", roles=[])
    assert client.call("PUT", f"{USERS}/robot", body).status == 204
    assert client.call("GET", f"{USERS}?userId=robot").json()[0]["firstName"] == "Another"
    assert client.call("GET", "/v1/repositories", user=("robot", "robot-password")).json() == []


@pytest.mark.parametrize("status", ["locked", "disabled"])
def test_a_locked_or_disabled_user_cannot_log_in(client, status):
    client.call("POST", USERS, user())
    client.call("PUT", f"{USERS}/robot", changed(status=status))
    assert client.call("GET", "/v1/repositories", user=("robot", "robot-password")).status == 401


def test_refusals_of_a_change(client):
    client.call("POST", USERS, user())
    other = client.call("PUT", f"{USERS}/admin", changed())
    assert (other.status, other.json()) == (400, "The path's userId does not match the body")
    nobody = client.call("PUT", f"{USERS}/nobody", changed("nobody"))
    assert (nobody.status, nobody.json()) == (404, "User 'nobody' not found.")
    unknown = client.call("PUT", f"{USERS}/robot", changed(roles=["nx-nothing"]))
    assert unknown.faults() == {"roles": "Unable to locate roleId: nx-nothing"}


def test_a_user_is_deleted(client):
    client.call("POST", USERS, user())
    assert client.call("DELETE", f"{USERS}/robot").status == 204
    assert client.call("DELETE", f"{USERS}/robot").status == 404
    assert client.call("DELETE", f"{USERS}/admin").status == 400


def test_a_role_is_made_read_and_replaced(client):
    made = client.call("POST", ROLES, role(privileges=["nx-search-read"]))
    assert made.status == 200
    shown = made.json()
    assert (shown["source"], shown["readOnly"]) == ("default", False)
    assert client.call("GET", f"{ROLES}/pull").json() == shown
    body = role(privileges=["nx-metrics-all"], roles=["nx-anonymous"])
    assert client.call("PUT", f"{ROLES}/pull", body).status == 204
    now = client.call("GET", f"{ROLES}/pull").json()
    assert (now["privileges"], now["roles"]) == (["nx-metrics-all"], ["nx-anonymous"])
    assert client.call("DELETE", f"{ROLES}/pull").status == 204
    assert client.call("GET", f"{ROLES}/pull").status == 404


def test_refusals_of_roles(client):
    client.call("POST", ROLES, role())
    again = client.call("POST", ROLES, role())
    text = "Role 'pull' already exists, use a unique roleId."
    assert (again.status, again.json()) == (400, text)
    missing = client.call("POST", ROLES, role("push", privileges=["nx-no"]))
    assert missing.json() == "Privilege 'nx-no' contained in role 'push' not found."
    inner = client.call("POST", ROLES, role("push", roles=["no"]))
    assert inner.json() == "Role 'no' contained in role 'push' not found."
    assert client.call("PUT", f"{ROLES}/other", role()).status == 409
    absent = client.call("PUT", f"{ROLES}/absent", role("absent"))
    assert (absent.status, absent.json()) == (404, "Role 'absent' not found.")
    assert client.call("PUT", f"{ROLES}/nx-admin", role("nx-admin")).status == 400
    assert client.call("DELETE", f"{ROLES}/nx-admin").status == 400


def test_rights_come_through_roles_inside_roles(client):
    client.call("POST", ROLES, role("inner", privileges=["nx-users-read"]))
    client.call("POST", ROLES, role("outer", roles=["inner"]))
    client.call(
        "PUT", f"{ROLES}/inner", role("inner", privileges=["nx-users-read"], roles=["outer"])
    )
    client.call("POST", USERS, user(roles=["outer"]))
    robot = ("robot", "robot-password")
    assert client.call("GET", USERS, user=robot).status == 200
    assert client.call("POST", USERS, user("more"), user=robot).status == 403


def test_privileges_come_and_go_with_their_repository(client):
    name = "nx-repository-view-docker-docker-private-read"
    assert client.call("GET", f"{PRIVILEGES}/{name}").status == 404
    assert client.call("POST", ROLES, role(privileges=[name])).status == 400
    client.call("POST", "/v1/repositories/docker/hosted", hosted())
    shown = client.call("GET", f"{PRIVILEGES}/{name}").json()
    assert (shown["format"], shown["repository"]) == ("docker", "docker-private")
    assert shown["actions"] == ["READ"]
    assert shown["readOnly"] is True
    names = {one["name"] for one in client.call("GET", PRIVILEGES).json()}
    actions = ("*", "browse", "read", "edit", "add", "delete")
    assert {f"nx-repository-view-docker-docker-private-{action}" for action in actions} <= names
    assert {"nx-repository-view-docker-*-read", "nx-all"} <= names
    assert client.call("POST", ROLES, role(privileges=[name])).status == 200
    client.call("DELETE", "/v1/repositories/docker-private")
    assert client.call("GET", f"{PRIVILEGES}/{name}").status == 404


def test_a_privilege_of_ones_own(client):
    view = f"{PRIVILEGES}/repository-view"
    body = {"name": "mine", "format": "docker", "repository": "*", "actions": ["READ", "BROWSE"]}
    assert client.call("POST", view, body).status == 201
    assert client.call("POST", view, body).status == 400
    assert client.call("GET", f"{PRIVILEGES}/mine").json()["actions"] == ["BROWSE", "READ"]
    assert client.call("PUT", f"{view}/mine", body | {"actions": ["ALL"]}).status == 204
    assert client.call("PUT", f"{view}/mine", body | {"repository": "no"}).status == 400
    assert client.call("POST", view, body | {"name": "b", "actions": ["read"]}).status == 400
    assert client.call("DELETE", f"{PRIVILEGES}/mine").status == 204
    assert client.call("DELETE", f"{PRIVILEGES}/nx-all").status == 400


@pytest.mark.parametrize(
    ("kind", "fields", "grants"),
    [
        ("application", {"domain": "users", "actions": ["READ"]}, "/v1/security/users"),
        ("wildcard", {"pattern": "nexus:users:read"}, "/v1/security/users"),
        ("script", {"scriptName": "*", "actions": ["BROWSE"]}, "/v1/script"),
        (
            "repository-admin",
            {"format": "maven2", "repository": "maven-releases", "actions": ["READ"]},
            "/v1/repositorySettings",
        ),
    ],
)
def test_a_privilege_of_each_kind_grants_what_it_says(client, kind, fields, grants):
    body = {"name": "mine", "description": "d", **fields}
    assert client.call("POST", f"{PRIVILEGES}/{kind}", body).status == 201
    assert client.call("GET", f"{PRIVILEGES}/mine").json()["type"] == kind
    client.call("POST", ROLES, role(privileges=["mine"]))
    client.call("POST", USERS, user(roles=["pull"]))
    answer = client.call("GET", grants, user=("robot", "robot-password"))
    assert (answer.status, bool(answer.json()) or kind == "script") == (200, True)


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("application", {"domain": "user", "actions": ["READ"]}, "domain"),
        ("script", {"scriptName": "absent", "actions": ["RUN"]}, "scriptName"),
        ("wildcard", {"pattern": ""}, "PARAMETER pattern"),
    ],
)
def test_a_bad_privilege_of_a_kind_is_refused(client, kind, fields, field):
    answer = client.call("POST", f"{PRIVILEGES}/{kind}", {"name": "mine", **fields})
    assert list(answer.faults()) == [field]


def test_a_privilege_keeps_its_kind(client):
    client.call("POST", f"{PRIVILEGES}/wildcard", {"name": "mine", "pattern": "nexus:users:read"})
    body = {"name": "mine", "domain": "users", "actions": ["READ"]}
    assert client.call("PUT", f"{PRIVILEGES}/application/mine", body).status == 400
