"""For any inventory and any server: what is applied is there, once and for all, and nothing else is
touched.
"""

from __future__ import annotations

import copy

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from nexus_model import NexusModel
from nexus_strategies import NEWEST, inventories

from moorage.errors import Refused
from moorage.steps.nexus.api import ChangePassword, Holding
from moorage.steps.nexus.step import plan
from moorage.values import Secret

PASSWORD = Secret("configured")
FEW = settings(
    max_examples=15, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large,
                           HealthCheck.filter_too_much],
)  # fmt: skip
BY_HAND = {
    "raw-files": {"name": "raw-files", "format": "raw", "type": "hosted", "online": True,
                  "storage": {"blobStoreName": "default"}},
    "by-hand": {"name": "by-hand", "format": "docker", "type": "hosted", "online": True,
                "storage": {"blobStoreName": "default", "strictContentTypeValidation": True,
                            "writePolicy": "ALLOW"},
                "docker": {"v1Enabled": False, "forceBasicAuth": True, "httpPort": 9000}},
}  # fmt: skip


def planned(model, wanted):
    return plan(wanted, model.read(wanted.scope(), "configured"), PASSWORD)


def apply(model, wanted):
    """Carry a plan out, in order; the plan."""
    made = planned(model, wanted)
    for change in made.changes:
        for action in change.actions:
            if isinstance(action, ChangePassword):
                model.change_password(action.user, action.password)
            else:
                model.send(action)
    return made


def server(before, version=NEWEST):
    """A server that another inventory made and people worked on."""
    model = NexusModel(version)
    try:
        apply(model, before)
    except Refused:
        reject()
    model.repositories |= copy.deepcopy(BY_HAND)
    model.held["raw-files"] = Holding(3)
    model.policies["npm-old"] = {"name": "npm-old", "format": "npm", "criteriaLastDownloaded": 1}
    model.sent.clear()
    return model


def applied(model, wanted):
    try:
        return apply(model, wanted)
    except Refused:
        assert model.sent == []
        reject()


@FEW
@given(inventories(), inventories())
def test_what_was_applied_is_there_and_a_second_time_changes_nothing(before, wanted):
    model = server(before)
    applied(model, wanted)
    after = copy.deepcopy(model.__dict__)
    model.sent.clear()

    assert planned(model, wanted).changes == ()
    apply(model, wanted)
    assert model.sent == []
    assert {**model.__dict__, "ids": None} == {**after, "sent": [], "ids": None}


@FEW
@given(inventories((3, 84, 0)), inventories((3, 84, 0)))
def test_so_it_is_on_a_server_that_tells_little_of_its_tasks(before, wanted):
    model = server(before, (3, 84, 0))
    applied(model, wanted)

    assert planned(model, wanted).changes == ()


@FEW
@given(inventories(), inventories())
def test_what_is_not_managed_is_not_touched(before, wanted):
    model = server(before)
    kinds = ("repositories", "blob_stores", "policies", "users", "roles")
    old = {kind: copy.deepcopy(getattr(model, kind)) for kind in kinds}

    applied(model, wanted)

    managed = {"repositories": wanted.repositories, "blob_stores": wanted.blob_stores,
               "policies": wanted.cleanup_policies, "users": wanted.users,
               "roles": {**wanted.roles, "docker-pull": 1, "docker-push": 1}}  # fmt: skip
    for kind, names in managed.items():
        now = getattr(model, kind)
        for name, item in old[kind].items():
            if name not in names:
                assert now[name] == item, (kind, name)
    assert not any(request.method == "DELETE" for request in model.sent)


@FEW
@given(inventories(), inventories())
def test_no_password_of_a_remote_is_lost(before, wanted):
    model = server(before)
    logins = {name: _login(item) for name, item in model.repositories.items()}

    applied(model, wanted)

    for name, item in model.repositories.items():
        repository = wanted.repositories.get(name)
        login = getattr(repository, "login", None)
        if login is None and name in logins:
            assert _login(item) == logins[name]
        elif login is not None and login.type in ("username", "ntlm"):
            # a secret that cannot be read stays as it was until something else is sent
            assert _login(item)["password"] in ("env:ONE", "env:TWO")


def _login(item):
    return item.get("httpClient", {}).get("authentication")


@FEW
@given(inventories(), inventories(prune=True), st.booleans())
def test_what_is_pruned_is_gone_and_nothing_of_value_to_others_is(before, wanted, empty):
    model = server(before)
    model.held["raw-files"] = Holding(0 if empty else 3)

    applied(model, wanted)

    assert set(model.repositories) - set(wanted.repositories) == (set() if empty else {"raw-files"})
    assert {"admin"} <= set(model.users)
    assert {"nx-admin", "nx-anonymous"} <= set(model.roles)
    assert "default" in model.blob_stores
    assert "npm-old" in model.policies
    assert planned(model, wanted).changes == ()


@FEW
@given(inventories(), inventories())
def test_only_what_differs_is_sent(before, wanted):
    model = server(before)
    applied(model, wanted)
    for request in model.sent:
        assert request.method in ("POST", "PUT")
    model.sent.clear()
    if not wanted.repositories:
        return
    name, repository = next(iter(wanted.repositories.items()))
    if any(True for _ in _kept(model, name, repository)):
        return
    model.repositories[name]["online"] = not repository.online

    (change,) = apply(model, wanted).changes

    assert change.subject == f"repository {name}"
    assert [(item.field, item.before, item.after) for item in change.differences] == [
        ("online", not repository.online, repository.online)
    ]
    assert len(model.sent) == 1


def _kept(model, name, repository):
    """A login that the inventory does not know keeps a proxy from being changed."""
    item = model.repositories[name]
    if _login(item) and getattr(repository, "login", None) is None:
        yield "login"
    if (item.get("dockerProxy") or {}).get("ecrAuth") and getattr(repository, "ecr", 1) is None:
        yield "ecr"


def test_a_property_test_would_see_a_change_that_does_not_take():
    model = NexusModel()
    model._anonymous = lambda body: None
    wanted = _least()
    apply(model, wanted)

    assert planned(model, wanted).changes != ()


def _least():
    from moorage.steps.nexus import NexusDesired

    return NexusDesired(accept_eula=True, secret=Secret)


@pytest.mark.parametrize("edition", ["COMMUNITY", "OSS"])
def test_what_only_pro_has_is_refused_before_anything_is_sent(edition):
    from moorage.config.schema.registry import Hosted

    model = NexusModel(edition=edition)
    wanted = Hosted(type="hosted", subdomain="own")
    from dataclasses import replace

    with pytest.raises(Refused, match=r"registry\.repositories\.own\.subdomain is for Nexus Pro"):
        apply(model, replace(_least(), repositories={"own": wanted}))
    assert model.sent == []
