"""What both ways send, taken by a real core: repositories of a format that it has, and the rest.

Scripts are made for versions below 3.26; their objects are there up to 3.75, so the same scripts
run here.
"""

from __future__ import annotations

import pytest
from test_1_step import PASSWORD

from moorage.errors import RequestRefused
from moorage.steps.nexus.api import INTERNAL, REST, Request, Scope, version_of
from moorage.steps.nexus.rest import RestApi
from moorage.steps.nexus.script import ScriptApi
from moorage.values import Secret

pytestmark = pytest.mark.core

ALL = Scope(users={}, roles=True, base_url=True, cleanup_policies=True, tasks=frozenset({"x"}))
MADE_AS, KEPT = "password-of-the-remote", "password-of-a-robot"


def hosted(name, store, **changes):
    storage = {"blobStoreName": store, "strictContentTypeValidation": True, "writePolicy": "ALLOW"}
    return {"name": name, "online": True, "storage": storage, **changes}


def proxy(name, store, **login):
    whole = {"type": "username", "username": "u", **login}
    body = hosted(
        name, store,
        proxy={"remoteUrl": "http://127.0.0.1:9", "contentMaxAge": 1440, "metadataMaxAge": 60},
        negativeCache={"enabled": True, "timeToLive": 5},
        httpClient={"blocked": False, "autoBlock": True, "authentication": whole},
    )  # fmt: skip
    del body["storage"]["writePolicy"]
    return body


class Way:
    """One way to the core, and the names that it makes things under."""

    def __init__(self, name, api):
        self.name, self.api = name, api

    def do(self, method, path, body=None):
        self.api.send(Request(f"{method} {path}", method, path, body))

    def seen(self):
        return self.api.read(ALL, "configured")


@pytest.fixture(params=["rest", "script"])
def way(request, core, deadline):
    kind, version = {"rest": (RestApi, core.version), "script": (ScriptApi, "3.25.0")}[
        request.param
    ]
    api = kind(core.web(), version_of(version), deadline)
    api.log_in(Secret(PASSWORD))
    yield Way(request.param, api)
    assert api.get(f"{REST}/script") == []


def test_repositories_are_made_changed_and_removed(way):
    store, path = f"{way.name}-store", f"{REST}/repositories/raw"
    one, far, both = (f"{way.name}-{word}" for word in ("hosted", "proxy", "group"))
    quota = {"softQuota": {"type": "spaceUsedQuota", "limit": 5_000_000}}
    way.do("POST", f"{REST}/blobstores/file", {"name": store, "path": store, **quota})
    way.do("POST", f"{path}/hosted", hosted(one, store))
    way.do("POST", f"{path}/proxy", proxy(far, store, password=Secret(MADE_AS)))
    way.do("POST", f"{path}/group", hosted(both, store, group={"memberNames": [far, one]}))
    seen = way.seen()
    assert seen.blob_stores[store]["softQuota"] == quota["softQuota"]
    assert seen.repositories[both]["group"]["memberNames"] == [far, one]
    assert seen.repositories[far]["proxy"]["metadataMaxAge"] == 60
    assert seen.repositories[far]["httpClient"]["authentication"]["username"] == "u"
    assert MADE_AS not in str(seen)
    way.do("PUT", f"{path}/hosted/{one}", hosted(one, store, online=False))
    way.do("PUT", f"{path}/group/{both}", hosted(both, store, group={"memberNames": [one, far]}))
    seen = way.seen()
    assert seen.repositories[one]["online"] is False
    assert seen.repositories[both]["group"]["memberNames"] == [one, far]
    with pytest.raises(RequestRefused):
        way.do("DELETE", f"{REST}/blobstores/{store}")
    for name in (both, far, one):
        way.do("DELETE", f"{REST}/repositories/{name}")
    way.do("DELETE", f"{REST}/blobstores/{store}")
    seen = way.seen()
    assert not {one, far, both} & set(seen.repositories)
    assert store not in seen.blob_stores


@pytest.mark.parametrize(
    ("kind", "change", "word"),
    [
        ("group", {"group": {"memberNames": ["nobody"]}}, "nobody"),
        ("hosted", {"storage": {"blobStoreName": "nowhere", "strictContentTypeValidation": True,
                                "writePolicy": "ALLOW"}}, "Blob store not found"),
    ],
)  # fmt: skip
def test_what_a_core_refuses_is_told_by_its_name(way, kind, change, word):
    with pytest.raises(RequestRefused) as caught:
        way.do("POST", f"{REST}/repositories/raw/{kind}", {**hosted("bad", "default"), **change})
    assert caught.value.status == 400
    assert word in caught.value.body


def test_roles_and_users_are_made_changed_and_removed(way):
    role, user = f"{way.name}-role", f"{way.name}-user"
    rights = ["nx-repository-view-raw-*-read"]
    settings = {
        "id": role,
        "name": role,
        "description": "a role",
        "privileges": rights,
        "roles": [],
    }
    robot = {"userId": user, "firstName": "A", "lastName": "Robot", "emailAddress": "a@example.com",
             "status": "active", "roles": [role]}  # fmt: skip
    way.do("POST", f"{REST}/security/roles", settings)
    way.do("POST", f"{REST}/security/users", {**robot, "password": Secret(KEPT)})
    assert way.api.takes(user, Secret(KEPT))
    assert not way.api.takes(user, Secret("another"))
    way.do("PUT", f"{REST}/security/users/{user}",
           {**robot, "firstName": "Another", "source": "default"})  # fmt: skip
    way.do("PUT", f"{REST}/security/roles/{role}", {**settings, "description": "changed"})
    way.api.change_password(user, Secret("another"))
    assert way.api.takes(user, Secret("another"))
    seen = way.seen()
    assert seen.users[user]["firstName"] == "Another"
    assert seen.users[user]["roles"] == [role]
    assert (seen.roles[role]["description"], seen.roles[role]["privileges"]) == ("changed", rights)
    way.do("DELETE", f"{REST}/security/users/{user}")
    way.do("DELETE", f"{REST}/security/roles/{role}")
    seen = way.seen()
    assert user not in seen.users
    assert role not in seen.roles


def test_realms_and_anonymous_access_are_set(way):
    seen = way.seen()
    way.do("PUT", f"{REST}/security/realms/active", list(seen.realms))
    way.do("PUT", f"{REST}/security/anonymous", {**seen.anonymous, "enabled": True})
    assert way.seen().anonymous["enabled"] is True
    way.do("PUT", f"{REST}/security/anonymous", {**seen.anonymous, "enabled": False})
    after = way.seen()
    assert after.realms == seen.realms
    assert after.anonymous["enabled"] is False


@pytest.mark.parametrize("way", ["script"], indirect=True)
def test_a_script_sets_the_base_url_and_refuses_an_unknown_role(way):
    for url in ("https://one.example.com", "https://two.example.com"):
        body = {"type": "baseurl", "enabled": True, "notes": "", "properties": {"url": url}}
        way.do("POST", f"{INTERNAL}/capabilities", body)
        (base,) = (item for item in way.seen().capabilities if item["type"] == "baseurl")
        assert base["properties"]["url"] == url
    robot = {"userId": "x", "firstName": "A", "lastName": "Robot", "emailAddress": "a@example.com",
             "status": "active", "roles": ["nobody"], "password": Secret("x")}  # fmt: skip
    with pytest.raises(RequestRefused) as caught:
        way.do("POST", f"{REST}/security/users", robot)
    assert caught.value.body == "roles: Unable to locate roleId: nobody"


def test_cleanup_policies_and_tasks_are_read(core, deadline):
    api = RestApi(core.web(), version_of(core.version), deadline)
    api.log_in(Secret(PASSWORD))
    path = f"{INTERNAL}/cleanup-policies"
    policy = {"name": "stale", "format": "raw", "criteriaLastDownloaded": 30}
    api.send(Request("make", "POST", path, policy))
    api.send(Request("change", "PUT", f"{path}/stale", {**policy, "criteriaLastDownloaded": 60}))
    seen = api.read(ALL, "configured")
    assert seen.cleanup_policies["stale"]["criteriaLastDownloaded"] == 60
    assert {"name", "type", "id"} <= set(seen.tasks[0])
    assert seen.task_types is None
    api.send(Request("remove", "DELETE", f"{path}/stale"))
    assert "stale" not in api.read(ALL, "configured").cleanup_policies


def test_no_secret_gets_into_a_log(core):
    logs = [path for path in (core.data / "log").rglob("*.log") if path.is_file()]
    text = "\n".join(path.read_text(errors="replace") for path in logs)
    assert "moorage-write" in text
    assert [word for word in (PASSWORD, MADE_AS, KEPT) if word in text] == []
