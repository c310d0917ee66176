"""First boot of Nexus: which password is tried when, the licence, anonymous access, the realm."""

from __future__ import annotations

import base64
import dataclasses

import pytest
from played_nexus import PASSWORD, apply, desired

from moorage.errors import Refused, RequestRefused, Unreachable
from moorage.steps.nexus.observe import observe, version_of
from moorage.values import Secret


def logins(nexus):
    """The passwords that admin was tried with, each attempt that was refused once."""
    seen = []
    for _, _, header in nexus.asked:
        if header:
            user, _, password = base64.b64decode(header.split()[1]).decode().partition(":")
            assert user == "admin"
            if password not in seen:
                seen.append(password)
    return seen


def test_a_fresh_nexus_becomes_a_registry(nexus, heard):
    wanted = desired()
    plan = apply(nexus.step(wanted), heard)

    assert [change.subject for change in plan.changes] == [
        "user admin", "licence", "anonymous access", "realms",
        "repository docker-private", "repository docker-hub", "repository docker-all",
    ]  # fmt: skip
    step = nexus.step(wanted)
    assert step.plan(step.observe(heard)).empty


def test_a_second_run_writes_nothing(nexus, heard):
    wanted = desired()
    apply(nexus.step(wanted), heard)
    nexus.writes()

    apply(nexus.step(wanted), heard)

    assert nexus.writes() == []


def test_the_configured_password_is_tried_first_and_then_the_first_boots(nexus, heard):
    initial = nexus.file.read_text()
    nexus.step(desired()).observe(heard)

    assert logins(nexus) == [PASSWORD, initial]
    refused = [path for _, path, header in nexus.asked if header and PASSWORD in
               base64.b64decode(header.split()[1]).decode()]  # fmt: skip
    assert len(refused) == 1


def test_the_first_boots_password_is_not_even_read_once_the_configured_one_works(nexus, heard):
    wanted = desired()
    apply(nexus.step(wanted), heard)
    nexus.asked.clear()
    nexus.reads = 0

    nexus.step(wanted).observe(heard)

    assert nexus.reads == 0
    assert logins(nexus) == [PASSWORD]


def test_nexus_removes_the_password_file_when_the_password_is_set(nexus, heard):
    apply(nexus.step(desired()), heard)

    assert not nexus.file.exists()


def test_a_password_changed_by_hand_is_refused_after_one_attempt(nexus, heard):
    apply(nexus.step(desired()), heard)
    nexus.asked.clear()

    with pytest.raises(Refused) as caught:
        nexus.step(desired(), "another").observe(heard)

    told = "\n".join(caught.value.lines())
    assert "nexus.admin_password" in told
    assert "no admin.password on the export" in told
    assert "another" not in told.replace("another build", "")
    assert len([1 for _, _, header in nexus.asked if header]) == 1
    assert caught.value.exit_code == 3


def test_a_password_file_that_is_out_of_date_is_tried_once(nexus, heard):
    apply(nexus.step(desired()), heard)
    nexus.file.write_text("out of date")
    nexus.asked.clear()

    with pytest.raises(Refused) as caught:
        nexus.step(desired(), "another").observe(heard)

    assert logins(nexus) == ["another", "out of date"]
    assert len([1 for _, _, header in nexus.asked if header]) == 2
    assert "the export's admin.password" in caught.value.message


def test_an_nfs_host_that_is_down_is_named_among_what_was_tried(nexus, heard):
    def down():
        raise Unreachable("no SSH connection", host="nas")

    with pytest.raises(Refused) as caught:
        observe(nexus.web(), (3, 94, 0), Secret("wrong"), down)

    assert "nas: no SSH connection" in caught.value.message


def test_an_nfs_host_that_is_down_is_no_matter_where_the_password_works(nexus, heard):
    apply(nexus.step(desired()), heard)

    def down():
        raise Unreachable("no SSH connection", host="nas")

    assert observe(nexus.web(), (3, 94, 0), Secret(PASSWORD), down).login == "configured"


def test_versions_before_random_passwords_have_a_fixed_first_one(heard):
    import responses

    base = "https://nexus.example.com"
    with responses.RequestsMock() as server:
        server.get(f"{base}/service/rest/v1/security/users", status=401)
        server.get(f"{base}/service/rest/v1/security/users", status=401)
        from moorage.steps.nexus.observe import _log_in
        from moorage.transport.http import Web

        with pytest.raises(Refused, match=r"before 3\.17"):
            _log_in(Web(base, retry=False), (3, 16, 2), Secret("x"), lambda: None)


def test_a_licence_without_consent_is_refused_and_nothing_was_changed(nexus, heard):
    step = nexus.step(desired(accept_eula=False))

    with pytest.raises(Refused) as caught:
        step.plan(step.observe(heard))

    assert "https://" in caught.value.hint
    assert "nexus.accept_eula: true" in caught.value.hint
    assert nexus.writes() == []


def test_the_licence_is_accepted_with_the_servers_own_words(nexus, heard):
    step = nexus.step(desired())
    seen = step.observe(heard)

    request = next(change for change in step.plan(seen).changes if change.subject == "licence")

    assert request.actions[0].body == {**seen.eula, "accepted": True}
    assert len(seen.eula["disclaimer"]) > 50


def test_a_version_without_a_licence_has_nothing_to_accept(nexus, heard):
    step = nexus.step(desired(accept_eula=False))
    seen = dataclasses.replace(step.observe(heard), eula=None)

    assert "licence" not in [change.subject for change in step.plan(seen).changes]


def test_the_token_realm_comes_after_the_others_and_none_is_lost(nexus, heard):
    step = nexus.step(desired())
    seen = dataclasses.replace(step.observe(heard), realms=("NexusAuthenticatingRealm", "Ldap"))

    change = next(change for change in step.plan(seen).changes if change.subject == "realms")

    assert change.actions[0].body == ["NexusAuthenticatingRealm", "Ldap", "DockerToken"]


def test_a_realm_that_is_active_already_stays_where_it_is(nexus, heard):
    step = nexus.step(desired())
    seen = dataclasses.replace(step.observe(heard), realms=("DockerToken", "Ldap"))

    assert "realms" not in [change.subject for change in step.plan(seen).changes]


@pytest.mark.parametrize("wanted", [True, False])
def test_anonymous_access_is_as_asked_and_its_other_fields_stay(nexus, heard, wanted):
    step = nexus.step(desired(anonymous=wanted))
    apply(step, heard)

    seen = nexus.call("GET", "/security/anonymous")

    assert seen["enabled"] is wanted
    assert seen["userId"] == "anonymous"


def test_the_wizards_question_is_answered_though_the_answer_is_the_default(nexus, heard):
    """Until it is saved once, the user interface asks everybody who logs in."""
    step = nexus.step(desired(anonymous=False))

    change = next(one for one in step.plan(step.observe(heard)).changes
                  if one.subject == "anonymous access")  # fmt: skip
    assert change.differences[0].before == "never answered"


def test_no_password_is_in_a_plan(nexus, heard):
    step = nexus.step(desired())
    initial = nexus.file.read_text()

    text = repr(step.plan(step.observe(heard)))

    assert PASSWORD not in text
    assert initial not in text


@pytest.mark.parametrize(
    ("text", "version"),
    [("3.94.0", (3, 94, 0)), ("3.16.2", (3, 16, 2)), (None, (3, 94, 0)), ("", (3, 94, 0))],
)
def test_a_servers_version_is_read(text, version):
    assert version_of(text) == version


def test_a_version_without_the_api_is_refused_before_any_login(nexus, heard):
    with pytest.raises(Refused, match=r"3\.16\.2 has no REST API"):
        observe(nexus.web(), (3, 16, 2), Secret(PASSWORD), nexus.first_password)

    assert nexus.asked == []


def test_a_refusal_of_nexus_names_what_was_to_be_done(nexus, heard):
    from moorage.steps.nexus.step import Request

    step = nexus.step(desired())
    apply(step, heard)

    with pytest.raises(RequestRefused) as caught:
        step.carry_out(
            Request("make a thing", "POST", "/service/rest/v1/repositories/docker/hosted", {}),
            heard,
        )

    assert "make a thing" in caught.value.hint
    assert "HTTP 400" in "\n".join(caught.value.lines())
