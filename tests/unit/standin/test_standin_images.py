"""Images in a hosted repository, by real docker-registry processes."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from registry_client import MANIFEST, Registry, digest, image
from standin_client import Client, make_nexus

from lab.nexus_standin.boot import boot

pytestmark = pytest.mark.lab


def test_push_to_hosted_and_pull_by_the_group(lab):
    pushed = image("first")
    assert lab.hosted.push("app/web", "1", pushed).status == 201
    for registry in (lab.group, lab.hosted):
        pulled = registry.manifest("app/web", "1")
        assert (pulled.status, pulled.content) == (200, pushed.manifest)
        assert pulled.headers["Docker-Content-Digest"] == pushed.digest
        assert registry.manifest("app/web", pushed.digest, "HEAD").status == 200
        assert registry.blob("app/web", pushed.layers[0]).content == pushed.layers[0]


def test_hosted_knows_a_blob_by_its_digest_under_any_name(lab):
    pushed = image("shared")
    lab.hosted.push("app/one", "1", pushed)
    assert lab.hosted.blob("app/two", pushed.layers[0], "HEAD").status == 200
    assert lab.hosted.push_manifest("app/two", "1", pushed.manifest).status == 201
    assert lab.hosted.manifest("app/two", "1").content == pushed.manifest
    assert lab.hosted.blob("app/two", pushed.config).content == pushed.config


def test_an_index_of_manifests_pushed_under_another_name(lab):
    pushed = image("part")
    lab.hosted.push("app/one", "1", pushed)
    kind = "application/vnd.docker.distribution.manifest.list.v2+json"
    part = {
        "mediaType": MANIFEST,
        "digest": pushed.digest,
        "size": len(pushed.manifest),
        "platform": {"architecture": "amd64", "os": "linux"},
    }
    index = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": [part]}).encode()
    answer = lab.hosted.send("PUT", "app/two/manifests/all", index, Content_Type=kind)
    assert answer.status == 201, answer.text


def test_locations_lead_back_through_the_same_door(lab):
    headers = {"X-Forwarded-Proto": "https", "Host": "registry.example.org"}
    doors = {
        (lab.hosted.client, "/v2/a/blobs/uploads/"): "/v2/a/blobs/uploads/",
        (lab.rest, "/repository/docker-private/v2/a/blobs/uploads/"): (
            "/repository/docker-private/v2/a/blobs/uploads/"
        ),
        (lab.rest, "/v2/docker-private/a/blobs/uploads/"): "/v2/docker-private/a/blobs/uploads/",
    }
    for (client, path), start in doors.items():
        location = client.send("POST", path, headers=headers).headers["Location"]
        assert location.startswith(f"https://registry.example.org{start}")


@pytest.mark.parametrize("prefix", ["/repository/docker-private", ""])
def test_push_through_the_application_port(lab, prefix):
    registry = Registry(lab.rest, prefix)
    name = "app/web" if prefix else "docker-private/app/web"
    pushed = image("by the application port")
    assert registry.push(name, "1", pushed).status == 201
    assert lab.group.manifest("app/web", "1").content == pushed.manifest


def test_an_upload_can_be_asked_after_and_cancelled(lab):
    started = lab.hosted.send("POST", "a/blobs/uploads/")
    path = started.headers["Location"].partition("/v2/")[2]
    assert lab.hosted.send("GET", path).status == 204
    assert lab.hosted.send("DELETE", path).status == 204
    assert lab.hosted.send("GET", path).status == 404


def test_a_wrong_digest_is_refused(lab):
    started = lab.hosted.send("POST", "a/blobs/uploads/")
    path = started.headers["Location"].partition("/v2/")[2]
    wrong = f"{path}&digest={digest(b'something else')}"
    answer = lab.hosted.send("PUT", wrong, b"content", Content_Type="application/octet-stream")
    assert answer.status == 400
    assert answer.json()["errors"][0]["code"] == "DIGEST_INVALID"


def test_ranges_of_a_blob(lab):
    lab.hosted.push_blob("a", b"0123456789")
    part = lab.group.blob("a", b"0123456789", Range="bytes=3-5")
    assert (part.status, part.content) == (206, b"345")
    assert part.headers["Content-Range"] == "bytes 3-5/10"
    rest = lab.group.blob("a", b"0123456789", Range="bytes=8-")
    assert (rest.status, rest.content) == (206, b"89")
    assert lab.hosted.blob("a", b"0123456789", Range="bytes=10-").status == 416


def test_deleting_by_tag_and_by_digest(lab):
    pushed = image("gone")
    lab.hosted.push("app", "1", pushed)
    lab.hosted.push_manifest("app", "2", pushed.manifest)
    assert lab.hosted.send("DELETE", "app/manifests/1").status == 202
    assert lab.hosted.manifest("app", "1").status == 404
    assert lab.hosted.manifest("app", "2").status == 200
    assert lab.hosted.send("DELETE", f"app/manifests/{pushed.digest}").status == 202
    assert lab.hosted.manifest("app", "2").status == 404
    assert lab.hosted.send("DELETE", "app/manifests/2").status == 404


def test_content_lies_in_the_blob_store_and_survives_a_restart(lab, tmp_path, registry_program):
    pushed = image("kept")
    lab.hosted.push("app", "1", pushed)
    lab.nexus.stop()
    lab.nexus = make_nexus(tmp_path / "data", registry_program)
    lab.rest = Client(lab.nexus.open())
    boot(lab.nexus.store, lab.nexus.settings)
    lab.nexus.begin()
    assert lab.group.manifest("app", "1").content == pushed.manifest
    assert (tmp_path / "data/blobs/default/docker/docker-private/docker").is_dir()


def test_a_registry_process_that_died_is_started_again(lab):
    pushed = image("again")
    lab.hosted.push("app", "1", pushed)
    process = lab.nexus.plane.repository("docker-private")._process._process
    process.kill()
    process.wait()
    assert lab.hosted.manifest("app", "1").content == pushed.manifest


def test_deleting_a_repository_removes_its_content(lab, tmp_path):
    lab.hosted.push("app", "1", image("gone"))
    directory = tmp_path / "data/blobs/default/docker/docker-private"
    assert directory.is_dir()
    assert lab.rest.call("DELETE", "/v1/repositories/docker-private").status == 204
    assert not directory.exists()
    lab.rest_ok("POST", "hosted", lab.hosted_body)
    assert lab.hosted.manifest("app", "1").status == 404


def test_components_are_the_tags(lab):
    pushed = image("web")
    lab.hosted.push("app/web", "t00", pushed)
    for number in range(1, 12):
        lab.hosted.push_manifest("app/web", f"t{number:02}", pushed.manifest)
    path = "/v1/components?repository=docker-private"
    first = lab.rest.call("GET", path).json()
    rest = lab.rest.call("GET", f"{path}&continuationToken={first['continuationToken']}").json()
    found = [(item["name"], item["version"]) for item in first["items"] + rest["items"]]
    assert found == [("app/web", f"t{number:02}") for number in range(12)]
    assert rest["continuationToken"] is None
    [asset] = first["items"][0]["assets"]
    assert asset["checksum"] == {"sha256": pushed.digest.removeprefix("sha256:")}
    assert asset["contentType"] == MANIFEST
    query = "docker.imageName=app/web&docker.imageTag=t03"
    searched = lab.rest.call("GET", f"/v1/search?{query}").json()["items"]
    assert [item["version"] for item in searched] == ["t03"]
    store = lab.rest.call("GET", "/v1/blobstores").json()[0]
    assert store["blobCount"] == 3
    assert store["totalSizeInBytes"] > 0


def test_a_large_layer_is_not_held_in_memory(lab):
    mebibyte = bytes(1024 * 1024)
    content = mebibyte * 64
    started = lab.hosted.send("POST", "big/blobs/uploads/")
    path = started.headers["Location"].partition("/v2/")[2]
    kind = {"Content_Type": "application/octet-stream"}
    tracemalloc.start()
    sent = lab.hosted.send("PATCH", path, (mebibyte for _ in range(64)), **kind)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * len(mebibyte)
    assert sent.headers["Range"] == f"0-{len(content) - 1}"
    path = sent.headers["Location"].partition("/v2/")[2]
    done = lab.hosted.send("PUT", f"{path}&digest={digest(content)}", b"", **kind)
    assert done.status == 201
    assert lab.group.blob("big", content).content == content
