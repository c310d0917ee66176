"""Flags of ``fab logs`` and ``fab shell``: what they ask, what is refused, what is never shown."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from moorage.cli_logs import _clean, _name, _secrets, _wish
from moorage.config.schema.hosts import Ssh
from moorage.errors import Refused, SecretUnavailable
from moorage.status.logs import Wish
from moorage.values import Secret


def wish(**flags):
    return _wish(**{"follow": False, "since": None, "grep": None, "lines": None, **flags})


def test_a_hundred_lines_are_enough_unless_a_time_is_asked_for():
    assert wish() == Wish(follow=False, seconds=None, text="", lines=100)
    assert wish(since="10m") == Wish(follow=False, seconds=600, text="", lines=None)
    assert wish(since="1h30m", lines="5", grep="x", follow=True) == Wish(
        follow=True, seconds=5400, text="x", lines=5
    )


@pytest.mark.parametrize("flags", [{"since": "yesterday"}, {"lines": "-1"}, {"lines": "many"}])
def test_what_is_no_time_and_no_number_is_refused(flags):
    with pytest.raises(Refused):
        wish(**flags)


@pytest.mark.parametrize(
    ("given", "name"),
    [("nexus", "nexus"), ("request.log", "request"), ("audit", "audit"),
     ("tasks/repository.cleanup-1.log", "tasks/repository.cleanup-1")],
)  # fmt: skip
def test_names_of_logs(given, name):
    assert _name(given) == name


@pytest.mark.parametrize(
    "given", ["", "/etc/shadow", "../db/nexus.mv.db", "a b", "a/../../b", "-n"]
)
def test_a_name_that_leads_elsewhere_is_refused(given):
    with pytest.raises(Refused):
        _name(given)


def test_secrets_and_logins_are_not_shown():
    known = [Secret("correct horse")]
    assert _clean("login with correct horse failed", known) == "login with *** failed"
    assert _clean("Authorization: Basic YWRtaW46eA== x", []) == "Authorization: Basic *** x"
    assert _clean('"GET /v2/?token=abc&a=b HTTP/1.1"', []) == '"GET /v2/?token=***&a=b HTTP/1.1"'
    assert _clean('{"Authorization":"Basic YWR"}', []) == '{"Authorization":"Basic ***"}'
    assert _clean("the token is renewed", []) == "the token is renewed"


def test_what_would_steer_the_operators_terminal_is_made_visible():
    assert _clean("\x1b]0;owned\x07\tx\r", []) == "\u241b]0;owned\u2407\tx"
    assert _clean("\x9b2J é", []) == "\\x9b2J é"


def test_all_secrets_that_can_be_had_without_a_question_are_hidden(site):
    nexus = site.nexus.model_copy(
        update={"admin_password": "env:ADMIN", "former_admin_password": "prompt:the old one"}
    )
    ssh = Ssh(sudo_password="file:sudo")
    asked = []

    def secret(reference):
        asked.append(reference)
        if reference == "env:ADMIN":
            raise SecretUnavailable("not set")
        return Secret("x")

    told = SimpleNamespace(site=site.model_copy(update={"nexus": nexus, "ssh": ssh}), secret=secret)
    assert len(list(_secrets(told))) == 1
    assert sorted(asked) == ["env:ADMIN", "file:sudo"]
