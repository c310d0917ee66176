"""``/v1/script``: uploaded, changed, removed, and refused where creation is off."""

from __future__ import annotations

import pytest

from lab.nexus_standin.settings import Settings

SCRIPT = "/v1/script"
HELLO = {"name": "hello", "type": "groovy", "content": "'hello'"}


def test_a_script_is_uploaded_changed_and_removed(play):
    client = play("3.16.2", script_creation=True)
    made = client.call("POST", SCRIPT, HELLO)
    assert (made.status, made.content) == (204, b"")
    assert client.call("GET", f"{SCRIPT}/hello").json() == HELLO
    changed = HELLO | {"content": "'other'"}
    assert client.call("PUT", f"{SCRIPT}/hello", changed).status == 204
    assert client.call("GET", SCRIPT).json() == [changed]
    assert client.call("POST", SCRIPT, HELLO).status == 400
    assert client.call("DELETE", f"{SCRIPT}/hello").status == 204
    for method, body in (("GET", None), ("DELETE", None), ("PUT", HELLO)):
        assert client.call(method, f"{SCRIPT}/hello", body).status == 404
    assert client.call("POST", f"{SCRIPT}/hello/run", text="").status == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "a b"}, "PARAMETER name"),
        ({"content": None}, "PARAMETER content"),
        ({"type": "python"}, "type"),
    ],
)
def test_a_bad_script_is_refused(play, change, field):
    answer = play("3.16.2", script_creation=True).call("POST", SCRIPT, HELLO | change)
    assert list(answer.faults()) == [field]


def test_where_creation_is_off_scripts_are_neither_made_nor_changed(play, tmp_path):
    client = play("3.21.2", script_creation=False)
    for method, path in (("POST", SCRIPT), ("PUT", f"{SCRIPT}/hello")):
        answer = client.call(method, path, HELLO)
        assert answer.status == 410
        assert answer.json() == {
            "name": "hello",
            "result": "Creating and updating scripts is disabled",
        }
    assert client.call("GET", SCRIPT).json() == []


def test_a_put_under_another_name_fails(play):
    client = play("3.16.2", script_creation=True)
    client.call("POST", SCRIPT, HELLO)
    assert client.call("PUT", f"{SCRIPT}/hello", HELLO | {"name": "x"}).status == 500


def test_arguments_are_plain_text(play):
    client = play("3.16.2", script_creation=True)
    client.call("POST", SCRIPT, HELLO)
    assert client.call("POST", f"{SCRIPT}/hello/run", {}).status == 415


def test_without_java_or_groovy_a_run_fails_with_a_clear_text(play):
    client = play("3.16.2", script_creation=True, java_program=None)
    client.call("POST", SCRIPT, HELLO)
    answer = client.call("POST", f"{SCRIPT}/hello/run", text="")
    assert answer.status == 500
    assert "Java and Groovy" in answer.text


def test_scripts_need_rights_of_their_own(play):
    client = play("3.94.0", script_creation=True)
    client.call("POST", SCRIPT, HELLO)
    role = {"id": "reader", "name": "reader", "privileges": ["nx-script-*-read"]}
    client.call("POST", "/v1/security/roles", role)
    user = {
        "userId": "reader",
        "firstName": "A",
        "lastName": "Reader",
        "emailAddress": "reader@example.org",
        "password": "reader",
        "status": "active",
        "roles": ["reader"],
    }
    client.call("POST", "/v1/security/users", user)
    reader = ("reader", "reader")
    assert client.call("GET", f"{SCRIPT}/hello", user=reader).status == 200
    assert client.call("GET", SCRIPT, user=reader).status == 403
    assert client.call("POST", SCRIPT, HELLO | {"name": "x"}, user=reader).status == 403
    assert client.call("POST", f"{SCRIPT}/hello/run", text="", user=reader).status == 403
    assert client.call("GET", SCRIPT, user=None).status == 401


@pytest.mark.parametrize(
    ("version", "line", "allowed"),
    [
        ("3.21.1", "", True),
        ("3.21.2", "", False),
        ("3.21.2", "nexus.scripts.allowCreation=true", True),
        ("3.94.0", "# nexus.scripts.allowCreation=true", False),
        ("3.94.0", " nexus.scripts.allowCreation = true", True),
    ],
)
def test_creation_is_allowed_by_the_properties_file(tmp_path, version, line, allowed):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "nexus.properties").write_text(f"{line}\n")
    environment = {"NEXUS_DATA": str(tmp_path), "NEXUS_STANDIN_VERSION": version}
    assert Settings.from_environment(environment).script_creation is allowed


@pytest.mark.parametrize(("line", "random"), [("", True), ("=false", False), ("=true", True)])
def test_a_random_first_password_can_be_switched_off_in_the_properties_file(tmp_path, line, random):
    (tmp_path / "etc").mkdir()
    text = f"nexus.security.randompassword{line}" if line else ""
    (tmp_path / "etc" / "nexus.properties").write_text(text)
    settings = Settings.from_environment({"NEXUS_DATA": str(tmp_path)})
    assert settings.random_password is random
