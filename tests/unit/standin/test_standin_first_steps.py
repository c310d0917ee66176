"""What a fresh server asks for: password, licence, anonymous access, realms."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lab.nexus_standin.boot import password_file
from lab.nexus_standin.web.server import Connection

EULA = "/v1/system/eula"
ANONYMOUS = "/v1/security/anonymous"
ACTIVE = "/v1/security/realms/active"


def test_licence_is_accepted_by_its_own_words(client):
    read = client.call("GET", EULA).json()
    assert read["accepted"] is False
    assert "\u2018accepted:true\u2019" in read["disclaimer"]
    assert client.call("POST", EULA, read | {"accepted": True}).status == 204
    assert client.call("GET", EULA).json()["accepted"] is True


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\u2018", "'"),
        lambda text: f"{text} ",
        lambda text: "",
    ],
)
def test_other_words_are_an_error_500_and_accept_nothing(client, change):
    read = client.call("GET", EULA).json()
    body = {"disclaimer": change(read["disclaimer"]), "accepted": True}
    assert client.call("POST", EULA, body).status == 500
    assert client.call("GET", EULA).json()["accepted"] is False


@pytest.mark.parametrize("password", ["", "  \n"])
def test_a_blank_password_is_refused(client, password):
    path = "/v1/security/users/admin/change-password"
    headers = {"Content-Type": "text/plain"}
    answer = client.send("PUT", f"/service/rest{path}", password.encode(), headers=headers)
    assert (answer.status, answer.text) == (400, "Password must be supplied.")


def test_a_password_in_json_is_refused(client):
    path = "/v1/security/users/admin/change-password"
    assert client.call("PUT", path, "secret").status == 415
    assert client.call("GET", "/v1/security/users").status == 200


def test_the_password_of_nobody_cannot_be_changed(client):
    answer = client.call("PUT", "/v1/security/users/nobody/change-password", text="x")
    assert (answer.status, answer.json()) == (404, "User 'nobody' not found.")


def test_the_wizard_changes_the_password_too_and_removes_the_file(client, nexus):
    file = password_file(nexus.settings.data)
    file.write_text("admin123")
    path = "/internal/ui/onboarding/change-admin-password"
    assert client.call("PUT", path, text="by-the-wizard").status == 204
    assert not file.exists()
    assert client.call("GET", EULA, user=("admin", "by-the-wizard")).status == 200


def test_onboarding_shrinks_step_by_step(client, nexus):
    def due() -> list[str]:
        return [item["type"] for item in client.call("GET", "/internal/ui/onboarding").json()]

    with nexus.store.change() as draft:
        draft["users"]["admin"]["status"] = "changepassword"
    steps = ["ChangeAdminPassword", "CommunityEula", "CommunityDiscover"]
    assert due() == [*steps, "ConfigureAnonymousAccess"]
    client.call("PUT", "/v1/security/users/admin/change-password", text="admin123")
    assert due() == ["CommunityEula", "CommunityDiscover", "ConfigureAnonymousAccess"]
    client.call("POST", EULA, client.call("GET", EULA).json() | {"accepted": True})
    assert due() == ["ConfigureAnonymousAccess"]
    client.call("PUT", ANONYMOUS, client.call("GET", ANONYMOUS).json())
    assert due() == []


def test_anonymous_access_is_off_and_can_be_switched_on(client):
    before = client.call("GET", ANONYMOUS).json()
    assert before == {
        "enabled": False,
        "userId": "anonymous",
        "realmName": "NexusAuthorizingRealm",
    }
    assert client.call("GET", "/v1/repositories", user=None).json() == []
    answer = client.call("PUT", ANONYMOUS, before | {"enabled": True})
    assert (answer.status, answer.json()["enabled"]) == (200, True)
    assert client.call("GET", "/v1/repositories", user=None).json() != []


def test_anonymous_access_by_an_unknown_realm_is_refused(client):
    body = {"enabled": True, "userId": "anonymous", "realmName": "Nonsense"}
    assert client.call("PUT", ANONYMOUS, body).faults() == {"realmName": "Realm does not exist"}


def test_realms_are_appended_in_order(client):
    before = client.call("GET", ACTIVE).json()
    assert before == ["NexusAuthenticatingRealm"]
    assert client.call("PUT", ACTIVE, [*before, "DockerToken"]).status == 204
    assert client.call("GET", ACTIVE).json() == ["NexusAuthenticatingRealm", "DockerToken"]


def test_the_authorizing_realm_is_hidden_and_refused(client):
    available = {
        realm["id"] for realm in client.call("GET", "/v1/security/realms/available").json()
    }
    assert "DockerToken" in available
    assert "NexusAuthorizingRealm" not in available
    answer = client.call("PUT", ACTIVE, ["NexusAuthenticatingRealm", "NexusAuthorizingRealm"])
    assert answer.status == 400
    assert answer.json() == "Unknown realmIds: [NexusAuthorizingRealm]"
    assert client.call("GET", ACTIVE).json() == ["NexusAuthenticatingRealm"]


def test_without_the_local_realm_nobody_gets_in(client, nexus):
    assert client.call("PUT", ACTIVE, ["DockerToken"]).status == 204
    assert client.call("GET", ACTIVE).status == 401


def test_checks_tell_of_the_first_password(client, nexus):
    name = "Default Admin Credentials"
    assert client.call("GET", "/v1/status/check").json()[name]["healthy"] is True
    with nexus.store.change() as draft:
        draft["users"]["admin"]["status"] = "changepassword"
    assert client.call("GET", "/v1/status/check").json()[name]["healthy"] is False


def test_a_connection_on_which_nothing_comes_ends_without_a_word(capsys):
    handler = object.__new__(Connection)
    handler.server = SimpleNamespace(port=8081)
    handler.log_error("Request timed out: %r", TimeoutError("timed out"))
    assert capsys.readouterr().out == ""
    handler.log_error("code %d, message %s", 400, "Bad request syntax")
    assert "Bad request syntax" in capsys.readouterr().out
