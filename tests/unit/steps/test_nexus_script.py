"""The way by scripts: real Groovy over the stand-in's objects, and what goes on around a run."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest
from played_nexus import PASSWORD, PlayedNexus, apply, desired

from moorage.config.schema.blobstores import FileStore
from moorage.config.schema.people import User
from moorage.config.schema.proxy_options import Username
from moorage.config.schema.registry import Proxy
from moorage.errors import Refused, RequestRefused
from moorage.steps.nexus.api import REST, Request, Scope, version_of
from moorage.steps.nexus.deadline import Deadline
from moorage.steps.nexus.script import ScriptApi
from moorage.steps.nexus.step import way_to
from moorage.transport.http import Web
from moorage.values import Secret

SCRIPTS = f"{REST}/script"
REQUEST = Request("x", "PUT", f"{REST}/security/realms/active", ["a"])


class Server:
    """A server of scripts that answers as it is told."""

    def __init__(self, httpserver):
        self.http, self.asked = httpserver, []
        self.there, self.answers = set(), {}
        httpserver.expect_request("").respond_with_handler(self.answer)

    def answer(self, request):
        from werkzeug import Response

        name = request.path.removeprefix(SCRIPTS).strip("/")
        self.asked.append((request.method, name, request.authorization.password))
        if (request.method, name) in self.answers:
            status, body = self.answers[request.method, name]
            return Response(json.dumps(body), status)
        if request.method == "DELETE":
            gone = name not in self.there
            self.there.discard(name)
            return Response(status=404 if gone else 204)
        if request.method == "POST" and not name:
            made = request.json["name"]
            assert made not in self.there, "made twice"
            self.there.add(made)
            return Response(status=204)
        assert name.removesuffix("/run") in self.there
        self.given = request.get_data()
        return Response(json.dumps({"name": name, "result": "done"}), 200)


@pytest.fixture
def server(httpserver):
    return Server(httpserver)


@pytest.fixture
def api(server):
    made = ScriptApi(
        Web(server.http.url_for("").rstrip("/"), retry=False), (3, 25, 1), Deadline(60, "x")
    )
    made.log_in(Secret("old"))
    return made


def test_the_way_is_chosen_by_the_version():
    ways = {
        version: type(way_to(Web("http://127.0.0.1:1"), version_of(version), Deadline(1, "x")))
        for version in ("3.16.0", "3.25.1", "3.26.0")
    }
    assert [way.__name__ for way in ways.values()] == ["ScriptApi", "ScriptApi", "RestApi"]
    with pytest.raises(Refused, match=r"3\.15\.2 is older"):
        way_to(Web("http://127.0.0.1:1"), (3, 15, 2), Deadline(1, "x"))


def test_a_script_is_there_only_while_it_runs(api, server):
    server.there.add("moorage-write")
    api.send(REQUEST)
    assert [(method, name) for method, name, _ in server.asked] == [
        ("DELETE", "moorage-write"), ("POST", ""), ("POST", "moorage-write/run"),
        ("DELETE", "moorage-write"),
    ]  # fmt: skip
    assert server.there == set()


def test_a_script_is_removed_after_it_failed_and_its_words_are_told(api, server):
    result = ("javax.script.ScriptException: java.lang.IllegalArgumentException: "
              "memberNames: Member repository does not exist: x")  # fmt: skip
    failed = {"name": "moorage-write", "result": result}
    server.answers["POST", "moorage-write/run"] = (400, failed)
    with pytest.raises(RequestRefused) as caught:
        api.send(REQUEST)
    assert caught.value.body == "memberNames: Member repository does not exist: x"
    assert server.there == set()


def test_a_script_is_removed_after_ctrl_c(api, server, monkeypatch):
    once = api.once

    def stopped(method, path, **options):
        if path.endswith("/run"):
            raise KeyboardInterrupt
        return once(method, path, **options)

    monkeypatch.setattr(api, "once", stopped)
    with pytest.raises(KeyboardInterrupt):
        api.send(REQUEST)
    assert server.there == set()


def test_those_who_run_a_script_at_once_share_it(api, server):
    threads = [threading.Thread(target=api.send, args=(REQUEST,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(name.endswith("/run") for _, name, _ in server.asked) == 6
    assert server.there == set()


def test_after_admins_password_was_set_the_script_is_removed_with_the_new_one(api, server):
    api.change_password("admin", Secret("pässword"))
    assert [password for _, _, password in server.asked] == ["old", "old", "old", "pässword"]
    assert server.given.isascii()
    assert json.loads(server.given)["body"] == "pässword"


def test_where_scripts_are_off_the_property_is_named(api, server):
    off = {"name": "moorage-write", "result": "Creating and updating scripts is disabled"}
    server.answers["POST", ""] = (410, off)
    with pytest.raises(Refused) as caught:
        api.send(REQUEST)
    for word in ("nexus.scripts.allowCreation=true", "etc/nexus.properties", "restart", "3.26.0"):
        assert word in caught.value.hint


@pytest.mark.groovy
@pytest.mark.parametrize("version", ["3.16.2", "3.25.1"])
def test_an_old_server_is_brought_there_and_nothing_is_left_to_do(tmp_path, heard, version):
    jar = Path("/usr/share/java/groovy-all.jar")
    nexus = PlayedNexus(tmp_path, version, script_creation=True,
                        java_program=shutil.which("java"), groovy=jar)  # fmt: skip
    login = Username(type="username", user="u", password="env:X")
    wanted = desired(
        base_url="https://nexus.example.com",
        blob_stores={"images": FileStore(type="file", path="images",
                                         quota={"type": "used", "limit": "10g"})},
        users={"ci": User(password="env:CI", roles=["docker-push"])},
        pull_from="docker-all", push_to="docker-private",
    )  # fmt: skip
    wanted.repositories["far"] = Proxy(type="proxy", remote="https://1.1.1.1", index="registry",
                                       login=login, blob_store="images")  # fmt: skip
    plan = apply(nexus.step(wanted), heard)
    assert {"base URL", "blob store images", "user ci", "realms"} <= {
        change.subject for change in plan.changes
    }
    step = nexus.step(wanted)
    seen = step.observe(heard)
    assert step.plan(seen).changes == ()
    assert seen.right_passwords == {"ci"}
    group = seen.repositories["docker-all"]["group"]
    assert group["memberNames"] == ["docker-private", "docker-hub"]
    api = ScriptApi(nexus.web(), version_of(version), Deadline(60, "x"))
    api.log_in(Secret(PASSWORD))
    assert api.get(SCRIPTS) == []
    for name in ("docker-all", "far"):
        api.send(Request("x", "DELETE", f"{REST}/repositories/{name}"))
    assert {"docker-all", "far"} & set(api.read(Scope(), "configured").repositories) == set()
    nexus.nexus.stop()
