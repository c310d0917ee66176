"""The step logins: what Docker keeps is compared on the host, and told without any password."""

from __future__ import annotations

import base64
import json
import os
import subprocess

import pytest

from moorage.steps.logins import LoginDesired, LoginsStep
from moorage.steps.logins.observe import parse, probe
from moorage.values import Secret

PASSWORD = "s3cret \"quoted\" \\ <&> 'päß'"
WANTED = LoginDesired("/nowhere", "registry.lab", "reader", Secret(PASSWORD), ("worker",))
HELPER = """#!/bin/sh
[ "$1" = get ] && [ "$(cat)" = registry.lab ] || exit 1
cat "$(dirname "$0")/answer"
"""


def auth(user, password):
    return base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture
def seen(tmp_path):
    """What the probe says of a configuration file, and its whole output."""
    (tmp_path / ".docker").mkdir()
    for name, text in (("getent", "#!/bin/sh\n"), ("docker-credential-box", HELPER)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)

    def look(text, wanted=WANTED):
        if text is not None:
            (tmp_path / ".docker/config.json").write_text(text)
        script = probe(wanted.variables).script()
        env = {**os.environ, "HOME": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        done = subprocess.run(["sh", "-s"], input=script.text(), text=True, capture_output=True,
                              check=True, env=env)  # fmt: skip
        assert PASSWORD not in done.stdout
        assert auth("reader", PASSWORD) not in done.stdout
        return parse(done.stdout, "worker")

    look.folder = tmp_path
    return look


def test_the_accounts_own_home_counts_whatever_sudo_makes_of_home(seen):
    own = seen.folder / "own"
    (own / ".docker").mkdir(parents=True)
    auths = {WANTED.registry: {"auth": auth("reader", PASSWORD)}}
    (own / ".docker/config.json").write_text(json.dumps({"auths": auths}))
    (seen.folder / "getent").write_text(f"#!/bin/sh\necho 'me:x:0:0:Me, here:{own}:/bin/sh'\n")

    found = seen(None)

    assert (found.user, found.same) == ("reader", True)


FORMS = [
    lambda data: json.dumps(data, indent="\t"),
    json.dumps,
    lambda data: json.dumps(data, separators=(",", ":")),
]


@pytest.mark.parametrize("written", FORMS)
@pytest.mark.parametrize(
    ("auths", "user", "same"),
    [
        ({"registry.lab": {"auth": auth("reader", PASSWORD)}}, "reader", True),
        ({"registry.lab": {"auth": auth("reader", "old")}}, "reader", False),
        ({"registry.lab": {"auth": auth("admin", PASSWORD)}}, "admin", False),
        ({"other.lab": {"auth": auth("reader", PASSWORD)}, "registry.lab": {}}, "", False),
        ({"registry.lab.example": {"auth": auth("reader", PASSWORD)}}, "", False),
        ({}, "", False),
    ],
)
def test_what_dockers_file_keeps_is_told(seen, written, auths, user, same):
    found = seen(written({"HttpHeaders": {"Authorization": "x"}, "auths": auths}))

    assert (found.user, found.same, found.helper) == (user, same, "")


def test_no_file_is_no_login(seen):
    assert seen(None).user == ""


@pytest.mark.parametrize("written", FORMS)
@pytest.mark.parametrize("where", [{"credsStore": "box"}, {"credHelpers": {"registry.lab": "box"}}])
@pytest.mark.parametrize(("password", "same"), [(PASSWORD, True), ("old", False)])
def test_what_a_helper_keeps_is_told(seen, written, where, password, same):
    # as encoding/json writes it, which helpers are made with
    answer = json.dumps({"ServerURL": "registry.lab", "Username": "reader", "Secret": password},
                        ensure_ascii=False, separators=(",", ":"))  # fmt: skip
    for char in "<>&":
        answer = answer.replace(char, f"\\u{ord(char):04x}")
    (seen.folder / "answer").write_text(answer)

    found = seen(written({"auths": {"registry.lab": {}}, **where}))

    assert (found.user, found.same, found.helper) == ("reader", same, "box")


def test_another_registrys_helper_is_none_of_ours(seen):
    found = seen(json.dumps({"credHelpers": {"other.lab": "box"}}))

    assert found.helper == ""


def planned(user, same, helper="", wanted=WANTED, put=()):
    from moorage.steps.logins.observe import LoginObserved

    return LoginsStep(None, wanted).plan({"worker": LoginObserved(user, same, helper, put)})


@pytest.mark.parametrize(
    ("user", "same", "change"),
    [
        ("reader", True, None),
        ("reader", False, ("update", "password", "another", "the inventory's")),
        ("admin", False, ("update", "user", "admin", "reader")),
        ("", False, ("create", "user", None, "reader")),
    ],
)
def test_another_login_is_one_change(user, same, change):
    changes = planned(user, same).changes

    found = [(one.verb, one.differences[0].field, one.differences[0].before,
              one.differences[0].after) for one in changes]  # fmt: skip
    assert found == ([change] if change else [])


def test_the_password_is_in_no_argv_and_in_no_plan():
    (change,) = planned("", same=False).changes
    script = change.actions[0].script

    assert "--password-stdin" in script.body
    assert PASSWORD not in f"{change} {script.command} {script.body}"


def test_a_file_that_keeps_the_password_is_told_of_and_a_helper_is_not():
    assert "~/.docker/config.json" in planned("reader", same=True).notes[0]
    assert planned("reader", same=True, helper="pass").notes == ()


@pytest.mark.parametrize(
    ("user", "put", "goes"),
    [
        ("reader", ("login registry.lab reader",), True),
        ("admin", ("login registry.lab reader",), False),
        ("reader", (), False),
        ("", ("login registry.lab reader",), False),
    ],
)
def test_only_the_login_that_was_put_in_comes_out(user, put, goes):
    nobody = LoginDesired("/nowhere", "registry.lab", "", Secret(""), ("worker",))

    changes = planned(user, same=False, wanted=nobody, put=put).changes

    assert [change.verb for change in changes] == (["remove"] if goes else [])
