"""What is asked of a server: as little as can be, again where that is safe, and in time."""

from __future__ import annotations

import dataclasses
import threading
import time

import pytest
from played_nexus import apply, desired, free_port

from moorage.config.schema.registry import Group, Hosted, Proxy
from moorage.errors import RequestRefused, Unreachable, Untrusted
from moorage.steps.nexus.api import REST, Request
from moorage.steps.nexus.deadline import Deadline
from moorage.steps.nexus.rest import AT_ONCE, RestApi
from moorage.steps.nexus.words import in_the_inventorys_words
from moorage.values import Secret

HOSTED = f"{REST}/repositories/docker/hosted"


def hundred():
    many = {f"team-{number}": Hosted(type="hosted") for number in range(98)}
    return desired(repositories={
        "all": Group(type="group", members=list(many), port=free_port()), **many,
        "hub": Proxy(type="proxy", remote="https://1.1.1.1"),
    })  # fmt: skip


def test_a_hundred_unchanged_repositories_take_few_requests(nexus):
    wanted = hundred()
    nexus.seed(wanted)

    assert nexus.plan(wanted).empty
    repositories_ = [path for _, path, _ in nexus.asked if "epositor" in path or "blob" in path]
    assert sorted(repositories_) == [f"{REST}/blobstores", f"{REST}/repositorySettings"]
    assert len(nexus.asked) <= 8
    assert {method for method, _, _ in nexus.asked} == {"GET"}


def test_independent_repositories_are_one_wave_and_groups_the_next():
    from moorage.change import waves
    from moorage.steps.nexus.api import NexusObserved
    from moorage.steps.nexus.step import plan

    store = {"default": {"name": "default", "type": "File"}}
    seen = NexusObserved(version=(3, 94, 0), login="configured", realms=("DockerToken",),
                         anonymous={"enabled": False}, blob_stores=store)  # fmt: skip

    sizes = [len(wave) for wave in waves(plan(hundred(), seen, Secret("x")).changes)]

    assert sizes == [99, 1]


class Flaky:
    """A web that fails as it is told, and remembers what it was asked; like its siblings."""

    def __init__(self, *answers, there=()):
        self.answers, self.asked, self.there = list(answers), [], there

    def another(self):
        return self

    def log_in(self, user, password):
        pass

    def close(self):
        pass

    def call(self, method, path, **options):
        self.asked.append(method)
        if method == "GET" and self.there is not None:
            return Answer([{"name": name} for name in self.there])
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        if answer not in options["ok"]:
            raise RequestRefused("refused", request=f"{method} {path}", status=answer)
        return Answer(None)


class Answer:
    status_code = 200
    headers = {}

    def __init__(self, content):
        self.content = content

    def json(self):
        return self.content


RESET = Unreachable("connection reset")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr("moorage.steps.nexus.rest._FIRST_WAIT", 0.0)


def api(web, seconds=60.0):
    return RestApi(web, (3, 94, 0), Deadline(seconds, "nexus.seed_timeout"))


def create(listed=(f"{REST}/repositories", "name", "x")):
    return Request("create x", "POST", HOSTED, {}, "registry.repositories.x", listed)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("failure", [503, 502, 504, RESET])
def test_what_may_pass_is_tried_again_where_twice_is_once(method, failure):
    web = Flaky(failure, failure)

    api(web).send(Request("do it", method, HOSTED))

    assert web.asked == [method] * 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500])
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_refusal_is_never_tried_again(method, status):
    web = Flaky(status)

    with pytest.raises(RequestRefused):
        api(web).send(Request("do it", method, HOSTED, listed=("x", "name", "x")))
    assert web.asked == [method]


def test_a_certificate_that_is_not_trusted_is_not_tried_again():
    web = Flaky(Untrusted("no"))

    with pytest.raises(Untrusted):
        api(web).send(Request("do it", "PUT", HOSTED))
    assert web.asked == ["PUT"]


def test_something_is_made_again_only_when_it_is_not_there():
    web = Flaky(RESET)
    api(web).send(create())
    assert web.asked == ["POST", "GET", "POST"]

    web = Flaky(RESET, there=("x",))
    api(web).send(create())
    assert web.asked == ["POST", "GET"]


def test_what_cannot_be_looked_for_is_not_made_twice():
    web = Flaky(RESET)

    with pytest.raises(Unreachable):
        api(web).send(create(listed=None))
    assert web.asked == ["POST"]


def test_what_is_gone_at_the_second_attempt_is_gone():
    web = Flaky(RESET, 404)
    api(web).send(Request("remove it", "DELETE", HOSTED))
    assert web.asked == ["DELETE", "DELETE"]

    with pytest.raises(RequestRefused):
        api(Flaky(404)).send(Request("remove it", "DELETE", HOSTED))


def test_it_is_not_tried_for_ever():
    web = Flaky(*[RESET] * 99)

    with pytest.raises(Unreachable, match="connection reset"):
        api(web).send(Request("do it", "PUT", HOSTED))
    assert len(web.asked) == 5


def test_readings_are_tried_again_too():
    web = Flaky(503, RESET, there=None)

    assert api(web).get(f"{REST}/roles") is None
    assert web.asked == ["GET"] * 3


def test_after_the_deadline_nothing_is_sent():
    web = Flaky()

    with pytest.raises(Unreachable) as caught:
        api(web, seconds=-1.0).send(Request("do it", "PUT", HOSTED))
    assert web.asked == []
    assert "nexus.seed_timeout" in caught.value.hint


def test_readings_run_side_by_side_within_a_bound():
    busy, most, lock = [], [0], threading.Lock()

    def reading():
        with lock:
            busy.append(1)
            most[0] = max(most[0], len(busy))
        time.sleep(0.01)
        with lock:
            busy.pop()

    api(Flaky()).together({str(number): reading for number in range(40)})

    assert 1 < most[0] <= AT_ONCE


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("HelperBean.memberNames: Member repository does not exist: X",
         "f.members: Member repository does not exist: X"),
        ("BlobStoreName: Blob store not found", "f.blob_store: Blob store not found"),
        ("PARAMETER storage.writePolicy: must be one of", "f.write_policy: must be one of"),
        ("PARAMETER timeout: must be greater than 0", "f.http.timeout: must be greater than 0"),
        ("PARAMETER dockerProxy.foreignLayerUrlWhitelist[0]: bad", "f.foreign_layer_urls: bad"),
        ("name: Name is already used", "f: Name is already used"),
        ("roles: Unable to locate roleId: X", "f.roles: Unable to locate roleId: X"),
        ("Failed to validate facets; 1 failure", "Failed to validate facets; 1 failure"),
        ("PARAMETER something.else: odd", "PARAMETER something.else: odd"),
    ],
)  # fmt: skip
def test_the_servers_messages_are_put_into_the_inventorys_words(message, told):
    assert in_the_inventorys_words("f", [message]) == [told]


def test_a_server_that_refuses_is_quoted_by_the_inventorys_keys(nexus):
    """A plan refuses it first: this is what a server says that changed meanwhile."""
    wanted = desired()
    nexus.seed(wanted)
    step = nexus.step(wanted)
    seen = step.observe(lambda _: None)
    changed = {**wanted.repositories, "all": Group(type="group", members=["docker-hub"])}
    step = nexus.step(dataclasses.replace(wanted, repositories=changed))
    step.observe(lambda _: None)
    (change,) = step.plan(seen).changes
    nexus.call("DELETE", "/repositories/docker-hub")

    with pytest.raises(RequestRefused) as caught:
        step.carry_out(change.actions[0], lambda _: None)

    assert "registry.repositories.all.members: Member repository does not exist: docker-hub" in (
        caught.value.body
    )


def test_a_connection_that_breaks_in_the_middle_leaves_one_repository(nexus, monkeypatch):
    """The stand-in makes it and says nothing: it is looked for, and not made twice."""
    from moorage.transport.http import Web

    wanted = desired()
    nexus.seed(desired(repositories={}))
    real, lost = Web.call, []

    def losing(self, method, path, **options):
        answer = real(self, method, path, **options)
        if method == "POST" and not lost:
            lost.append(path)
            raise RESET
        return answer

    monkeypatch.setattr(Web, "call", losing)
    apply(nexus.step(wanted), lambda _: None)

    assert lost
    posts = [path for method, path in nexus.writes() if method == "POST"]
    assert len(posts) == 3
    assert nexus.plan(wanted).empty
