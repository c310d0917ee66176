"""storage.writePolicy of a hosted repository."""

from __future__ import annotations

import copy
import threading

import pytest
from registry_client import Image, image
from standin_lab import Lab

pytestmark = pytest.mark.lab


def policy(lab: Lab, **storage) -> None:
    body = copy.deepcopy(lab.hosted_body)
    body["storage"] |= storage
    lab.rest_ok("PUT", "hosted", body)


def test_allow_once_takes_a_tag_once(lab):
    policy(lab, writePolicy="ALLOW_ONCE")
    first, second = image("first"), image("second")
    assert lab.hosted.push("app", "1", first).status == 201
    assert lab.hosted.push_manifest("app", "1", first.manifest).status == 201
    refused = lab.hosted.push("app", "1", second)
    assert refused.status == 400
    assert "does not allow updating assets" in refused.text
    assert lab.hosted.manifest("app", "1").content == first.manifest
    assert lab.hosted.push_manifest("app", "2", second.manifest).status == 201
    assert lab.hosted.push_manifest("app", "latest", first.manifest).status == 201
    assert lab.hosted.push_manifest("app", "latest", second.manifest).status == 400
    policy(lab, writePolicy="ALLOW_ONCE", latestPolicy=True)
    assert lab.hosted.push_manifest("app", "latest", second.manifest).status == 201
    policy(lab, writePolicy="ALLOW")
    assert lab.hosted.push_manifest("app", "1", second.manifest).status == 201


def test_allow_once_holds_against_pushes_at_the_same_time(lab):
    policy(lab, writePolicy="ALLOW_ONCE")
    images = [image(f"racer {number}") for number in range(8)]
    for one in images:
        for content in (one.config, *one.layers):
            lab.hosted.push_blob("app", content)
    statuses: list[int] = []

    def push(one: Image) -> None:
        statuses.append(lab.hosted.push_manifest("app", "1", one.manifest).status)

    threads = [threading.Thread(target=push, args=(one,)) for one in images]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [400] * 7


def test_deny_takes_nothing(lab):
    lab.hosted.push("app", "1", image("first"))
    policy(lab, writePolicy="DENY")
    answer = lab.hosted.send("POST", "app/blobs/uploads/")
    assert (answer.status, "read only" in answer.text) == (400, True)
    assert lab.hosted.push_manifest("app", "2", image("first").manifest).status == 400
    assert lab.hosted.manifest("app", "1").status == 200
