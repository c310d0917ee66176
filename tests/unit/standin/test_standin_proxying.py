"""Proxy and group: what comes from upstream, in which order, and when it is away."""

from __future__ import annotations

import copy

import pytest
from registry_client import Registry, digest, image
from standin_client import group
from standin_lab import cached

pytestmark = pytest.mark.lab

BASE = b"base layer " * 1000


def test_pull_from_upstream_by_a_short_name(lab):
    hello = image("hello")
    lab.hub.push("library/hello-world", "latest", hello)
    for name in ("hello-world", "library/hello-world"):
        assert lab.group.manifest(name, "latest").content == hello.manifest
        assert lab.group.blob(name, hello.layers[0]).content == hello.layers[0]
    assert lab.group.manifest("hello-world", hello.digest).content == hello.manifest


def test_an_index_of_the_kind_registry_takes_names_as_they_are(lab):
    body = copy.deepcopy(lab.proxy_body)
    body["dockerProxy"]["indexType"] = "REGISTRY"
    lab.rest_ok("PUT", "proxy", body)
    tool = image("tool")
    lab.hub.push("tool", "1", tool)
    assert lab.proxy.manifest("tool", "1").content == tool.manifest


def test_the_split_by_method_breaks_a_push(lab):
    """A layer that the proxy has cached is there for every name, but not in hosted."""
    lab.hub.push("library/base", "1", image("base", BASE))
    assert lab.group.blob("app/web", BASE, "HEAD").status == 404
    lab.group.manifest("base", "1")
    lab.group.blob("base", BASE)
    cached(lab, BASE)
    assert lab.group.blob("app/web", BASE, "HEAD").status == 200
    assert lab.hosted.blob("app/web", BASE, "HEAD").status == 404
    built = image("built", BASE, b"my own layer")
    lab.hosted.push_blob("app/web", built.config)
    lab.hosted.push_blob("app/web", built.layers[1])
    refused = lab.hosted.push_manifest("app/web", "1", built.manifest)
    assert refused.status == 400
    [error] = refused.json()["errors"]
    assert (error["code"], error["detail"]) == ("MANIFEST_BLOB_UNKNOWN", digest(BASE))
    assert "blob unknown" in error["message"]
    assert lab.hosted.push("app/web", "1", built).status == 201


def test_catalogue_and_tags_of_a_group_are_merged(lab):
    lab.hub.push("library/tool", "up", image("up"))
    lab.hosted.push("library/tool", "mine", image("mine"))
    lab.hosted.push("app/web", "1", image("web"))
    lab.group.manifest("tool", "up")
    assert lab.group.send("GET", "_catalog").json() == {"repositories": ["app/web", "library/tool"]}
    tags = lab.group.send("GET", "library/tool/tags/list").json()
    assert tags == {"name": "library/tool", "tags": ["mine", "up"]}
    assert lab.hosted.send("GET", "library/tool/tags/list").json()["tags"] == ["mine"]
    assert lab.group.send("GET", "nothing/tags/list").status == 404


def test_lists_come_in_pages(lab):
    lab.hosted.push("app/web", "1", image("web"))
    for tag in ("2", "3"):
        lab.hosted.push_manifest("app/web", tag, image("web").manifest)
    first = lab.group.send("GET", "app/web/tags/list?n=2")
    assert first.json()["tags"] == ["1", "2"]
    link = first.headers["Link"]
    assert link == '</v2/app/web/tags/list?n=2&last=2>; rel="next"'
    second = lab.group.send("GET", link[len("</v2/") : link.index(">")])
    assert second.json()["tags"] == ["3"]
    assert second.headers["Link"] is None
    assert lab.group.send("GET", "_catalog?n=none").status == 400


def test_the_first_member_that_has_it_wins(lab):
    theirs, mine = image("theirs"), image("mine")
    lab.hub.push("library/tool", "1", theirs)
    assert lab.group.manifest("library/tool", "1").content == theirs.manifest
    lab.hosted.push("library/tool", "1", mine)
    assert lab.group.manifest("library/tool", "1").content == mine.manifest
    body = copy.deepcopy(lab.group_body)
    body["group"]["memberNames"].reverse()
    lab.rest_ok("PUT", "group", body)
    assert lab.group.manifest("library/tool", "1").content == theirs.manifest


def test_groups_in_groups_are_walked(lab):
    lab.hosted.push("app/web", "1", image("web"))
    lab.rest_ok("POST", "group", group("docker-all", "docker-private", name="outer"))
    outer = Registry(lab.rest, "/repository/outer")
    assert outer.manifest("app/web", "1").content == image("web").manifest
    assert outer.manifest("app/none", "1").status == 404


def test_what_upstream_lacks_is_404_and_remembered(lab):
    answer = lab.proxy.manifest("late", "1")
    assert answer.status == 404
    assert answer.json()["errors"][0]["code"] == "MANIFEST_UNKNOWN"
    late = image("late")
    lab.hub.push("library/late", "1", late)
    assert lab.proxy.manifest("late", "1").status == 404
    assert lab.rest.call("POST", "/v1/repositories/docker-all/invalidate-cache").status == 204
    assert lab.proxy.manifest("late", "1").content == late.manifest


def test_nothing_is_remembered_without_a_negative_cache(lab):
    body = copy.deepcopy(lab.proxy_body)
    body["negativeCache"]["enabled"] = False
    lab.rest_ok("PUT", "proxy", body)
    assert lab.proxy.manifest("late", "1").status == 404
    lab.hub.push("library/late", "1", image("late"))
    assert lab.proxy.manifest("late", "1").status == 200


def test_a_tag_is_asked_again_after_its_age(lab):
    old, new = image("old"), image("new")
    lab.hub.push("library/tool", "1", old)
    assert lab.proxy.manifest("tool", "1").content == old.manifest
    lab.hub.push("library/tool", "1", new)
    assert lab.proxy.manifest("tool", "1").content == new.manifest
    body = copy.deepcopy(lab.proxy_body)
    body["proxy"]["metadataMaxAge"] = 1440
    lab.rest_ok("PUT", "proxy", body)
    lab.hub.push("library/tool", "1", old)
    assert lab.proxy.manifest("tool", "1").content == new.manifest


def test_an_upstream_that_is_away(lab):
    hello = image("hello")
    lab.hub.push("library/hello-world", "latest", hello)
    lab.group.manifest("hello-world", "latest")
    lab.group.blob("hello-world", hello.layers[0])
    cached(lab, hello.layers[0])
    lab.upstream.stop()
    lab.rest_ok("PUT", "proxy", lab.proxy_body | {"online": False})
    lab.rest_ok("PUT", "proxy", lab.proxy_body)
    assert lab.proxy.manifest("other", "1").status == 502
    assert lab.group.manifest("other", "1").status == 404
    assert lab.group.manifest("hello-world", "latest").content == hello.manifest
    assert lab.group.manifest("hello-world", hello.digest).content == hello.manifest
    assert lab.group.blob("hello-world", hello.layers[0]).content == hello.layers[0]
    assert lab.group.send("GET", "library/hello-world/tags/list").json()["tags"] == ["latest"]


def test_a_blocked_proxy_does_not_ask(lab):
    lab.hub.push("library/tool", "1", image("tool"))
    body = copy.deepcopy(lab.proxy_body)
    body["httpClient"]["blocked"] = True
    lab.rest_ok("PUT", "proxy", body)
    assert lab.proxy.manifest("tool", "1").status == 502


def test_a_proxy_takes_no_push(lab):
    assert lab.proxy.send("POST", "a/blobs/uploads/").status == 405
