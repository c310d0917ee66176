"""First boot of Nexus: which password is tried when, the licence, anonymous access, the realm."""

from __future__ import annotations

import base64
import dataclasses

import pytest
from played_nexus import PASSWORD, apply, desired

from moorage.errors import Refused, RequestRefused, Unreachable
from moorage.steps.nexus.api import Request, version_of
from moorage.steps.nexus.deadline import Deadline
from moorage.steps.nexus.login import Passwords, log_in
from moorage.steps.nexus.step import way_to
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
        "user admin", "licence", "realms", "anonymous access",
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


def logged_in(nexus, password, initial, former=None, version=(3, 94, 0)):
    api = way_to(nexus.web(), version, Deadline(60, "nexus.seed_timeout"))
    return log_in(api, version, Passwords(Secret(password), initial, former))


def test_an_nfs_host_that_is_down_is_named_among_what_was_tried(nexus, heard):
    def down():
        raise Unreachable("no SSH connection", host="nas")

    with pytest.raises(Refused) as caught:
        logged_in(nexus, "wrong", down)

    assert "nas: no SSH connection" in caught.value.message


def test_an_nfs_host_that_is_down_is_no_matter_where_the_password_works(nexus, heard):
    apply(nexus.step(desired()), heard)

    def down():
        raise Unreachable("no SSH connection", host="nas")

    assert logged_in(nexus, PASSWORD, down) == "configured"


class Refusing:
    """A way to a server that takes one password."""

    def __init__(self, password=None):
        self.password = password
        self.tried = []

    def takes(self, user, password):
        self.tried.append(password.reveal())
        return password.reveal() == self.password

    def log_in(self, password):
        self.tried.append(f"as {password.reveal()}")


def test_versions_before_random_passwords_have_a_fixed_first_one():
    api = Refusing("admin123")

    assert log_in(api, (3, 16, 2), Passwords(Secret("x"), lambda: None)) == "initial"
    assert api.tried == ["x", "admin123", "as admin123"]


def test_a_former_password_is_tried_last_and_only_when_the_inventory_has_one():
    passwords = Passwords(Secret("new"), lambda: Secret("first"), lambda: Secret("old"))
    api = Refusing("old")

    assert log_in(api, (3, 94, 0), passwords) == "former"
    assert api.tried == ["new", "first", "old", "as old"]
    with pytest.raises(Refused) as caught:
        log_in(Refusing(), (3, 94, 0), passwords)
    assert "nexus.former_admin_password" in caught.value.message


def test_a_new_password_for_admin_is_set_by_the_former_one(nexus, heard):
    wanted = desired()
    apply(nexus.step(wanted), heard)
    step = nexus.step(wanted, "another", former=PASSWORD)

    plan = apply(step, heard)

    assert [change.subject for change in plan.changes] == ["user admin"]
    assert step.plan(step.observe(heard)).empty
    assert logged_in(nexus, "another", lambda: None) == "configured"


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
        logged_in(nexus, PASSWORD, nexus.first_password, version=(3, 16, 2))

    assert nexus.asked == []


def test_a_refusal_of_nexus_names_what_was_to_be_done(nexus, heard):
    step = nexus.step(desired())
    apply(step, heard)

    with pytest.raises(RequestRefused) as caught:
        step.carry_out(
            Request("make a thing", "POST", "/service/rest/v1/repositories/docker/hosted", {}),
            heard,
        )

    assert "make a thing" in caught.value.hint
    assert "HTTP 400" in "\n".join(caught.value.lines())
