"""Roles with the rights that are needed and no more; users, whose passwords nobody can read."""

from __future__ import annotations

import base64
import dataclasses

import pytest
from played_nexus import desired, repositories, revealed

from moorage.config.schema.people import Role, User
from moorage.errors import Refused
from moorage.steps.nexus import people
from moorage.steps.nexus.api import REST

USERS, ROLES = "/security/users", "/security/roles"


@pytest.fixture(scope="module")
def wanted():
    return desired(
        repositories=repositories(), pull_from="docker-all", push_to="docker-private",
        roles={"team": Role(description="the team", pull=["docker-hub"], roles=["docker-pull"])},
        users={"ci": User(password="env:CI", roles=["docker-push"]),
               "jane": User(password="env:JANE", roles=["team"], first_name="Jane",
                            last_name="Doe", email="jane@example.com"),
               "gone": User(password="env:GONE", roles=["team"], status="disabled")},
    )  # fmt: skip


def one(nexus, path, key, name):
    return next(item for item in nexus.call("GET", path) if item[key] == name)


def by_hand(nexus, path, key, name, **changes):
    seen = one(nexus, path, key, name) | changes
    answers = ("readOnly", "source") if path == ROLES else ()
    nexus.call("PUT", f"{path}/{name}", {k: v for k, v in seen.items() if k not in answers})
    nexus.asked.clear()


def logins(nexus, user):
    """Requests that a user was logged in for."""
    names = [(path, base64.b64decode(header.split()[1]).decode().partition(":")[0])
             for _, path, header in nexus.asked if header]  # fmt: skip
    return [path for path, name in names if name == user]


def test_ready_made_roles_are_made_where_somebody_has_them_and_before_who_does(seeded):
    assert [change.subject for change in seeded.plan_at_first.changes][-6:] == [
        "role docker-pull", "role docker-push", "role team", "user ci", "user jane", "user gone",
    ]  # fmt: skip


def test_a_second_run_sends_nothing(seeded, wanted):
    assert seeded.plan(wanted).empty
    assert seeded.writes() == []


def test_to_pull_takes_rights_on_the_group_alone_and_to_push_on_both(seeded):
    assert one(seeded, ROLES, "id", "docker-pull")["privileges"] == [
        "nx-repository-view-docker-docker-all-browse",
        "nx-repository-view-docker-docker-all-read",
    ]
    assert one(seeded, ROLES, "id", "docker-push")["privileges"] == [
        "nx-repository-view-docker-docker-all-browse",
        "nx-repository-view-docker-docker-all-read",
        "nx-repository-view-docker-docker-private-add",
        "nx-repository-view-docker-docker-private-browse",
        "nx-repository-view-docker-docker-private-edit",
        "nx-repository-view-docker-docker-private-read",
    ]


def test_nobody_who_needs_no_ready_made_role_gets_one(seeded, wanted):
    assert people.roles(dataclasses.replace(wanted, users={}, roles={})) == {}


def test_who_deletes_may_read_too():
    assert people.role_body("x", Role(delete=["own"]))["privileges"] == [
        "nx-repository-view-docker-own-browse",
        "nx-repository-view-docker-own-delete",
        "nx-repository-view-docker-own-read",
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"privileges": ["nx-all"]}, "privileges"), ({"roles": []}, "roles"),
     ({"description": "other"}, "description")],
)  # fmt: skip
def test_drift_of_a_role_is_mended(seeded, wanted, changes, field):
    by_hand(seeded, ROLES, "id", "team", **changes)

    (change,) = seeded.seed(wanted).changes

    assert (change.subject, change.differences[0].field) == ("role team", field)
    assert seeded.plan(wanted).empty


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"roles": ["nx-admin"]}, "roles"), ({"firstName": "J"}, "firstName"),
     ({"lastName": "D"}, "lastName"), ({"emailAddress": "j@x.org"}, "emailAddress")],
)  # fmt: skip
def test_drift_of_a_user_is_mended(seeded, wanted, changes, field):
    by_hand(seeded, USERS, "userId", "jane", **changes)

    (change,) = seeded.seed(wanted).changes

    assert [item.field for item in change.differences] == [field]
    assert seeded.plan(wanted).empty


def test_what_the_inventory_does_not_say_of_a_user_stays(seeded, wanted):
    by_hand(seeded, USERS, "userId", "ci", firstName="Robot", emailAddress="robot@example.com")

    assert seeded.plan(wanted).empty


def test_a_password_is_tried_once_and_set_where_it_is_not_taken(seeded, wanted):
    seeded.call("PUT", f"{USERS}/ci", one(seeded, USERS, "userId", "ci"))
    users = {**wanted.users, "ci": User(password="env:NEW", roles=["docker-push"])}
    changed = dataclasses.replace(wanted, users=users)
    seeded.asked.clear()

    plan = seeded.plan(changed)

    assert [item.field for item in plan.changes[0].differences] == ["password"]
    assert len(logins(seeded, "ci")) == 1
    seeded.seed(changed)
    assert seeded.plan(changed).empty
    assert "revealed env:NEW" not in repr(plan)


def test_who_may_not_log_in_is_not_tried(seeded, wanted):
    seeded.plan(wanted)

    assert logins(seeded, "gone") == []
    assert len(logins(seeded, "jane")) == 1


def test_who_may_log_in_again_gets_the_password_too(seeded, wanted):
    back = {**wanted.users, "gone": User(password="env:BACK", roles=["team"])}
    changed = dataclasses.replace(wanted, users=back)

    (change,) = seeded.seed(changed).changes

    assert [item.field for item in change.differences] == ["status", "password"]
    assert seeded.plan(changed).empty


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"users": {"x": User(password="env:X", roles=["docker-psuh"])}},
         r"nexus\.users\.x\.roles: there is no role docker-psuh.*did you mean docker-push"),
        ({"roles": {"x": Role(roles=["nope"])}}, r"nexus\.roles\.x\.roles: there is no role nope"),
        ({"roles": {"nx-anonymous": Role(pull=["docker-all"])}},
         r"nexus\.roles\.nx-anonymous: this role is Nexus' own"),
    ],
)  # fmt: skip
def test_roles_that_are_not_there_or_not_ours_are_refused(seeded, wanted, changes, told):
    if "roles" in changes:
        changes = {"users": {}, **changes}

    with pytest.raises(Refused, match=told):
        seeded.plan(dataclasses.replace(wanted, **changes))
    assert seeded.writes() == []


def test_a_role_that_is_only_on_the_server_will_do(seeded, wanted):
    user = {"root2": User(password="env:X", roles=["nx-admin"])}

    (change,) = seeded.plan(dataclasses.replace(wanted, roles={}, users=user)).changes

    assert change.subject == "user root2"


def test_users_that_nobody_declares_are_not_even_read(seeded, wanted):
    seeded.asked.clear()
    seeded.plan(dataclasses.replace(wanted, users={}, roles={}))

    asked = {path for _, path, _ in seeded.asked}
    assert f"{REST}/security/roles" not in asked
    assert len([path for _, path, _ in seeded.asked if path == f"{REST}/security/users"]) == 1


def test_no_password_is_in_a_plan(seeded_once):
    assert revealed("env:CI").reveal() not in repr(seeded_once.plan_at_first)
