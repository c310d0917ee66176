"""Images made without Docker: layers, archives and a registry's own files."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.images.archive import ImageConfig, repo_tags, write_archive
from lab.images.hub import RegistryData
from lab.images.layer import tree, write_layer
from lab.nexus_image import image_name, with_base


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "program"
    file.write_bytes(b"\x7fELF")
    file.chmod(0o700)
    return file


@pytest.fixture
def layer(tmp_path: Path, program: Path) -> Path:
    return write_layer(tmp_path / "layer.tar", {"/opt/app/run": program, "/note.txt": b"hello"})


def test_a_layer_has_files_and_their_directories_owned_by_root(layer):
    with tarfile.open(layer) as tar:
        members = {member.name: member for member in tar.getmembers()}
    assert set(members) == {"opt", "opt/app", "opt/app/run", "note.txt"}
    assert members["opt/app"].isdir()
    assert members["opt/app/run"].mode == 0o755
    assert members["note.txt"].mode == 0o644
    assert {(m.uid, m.gid, m.mtime) for m in members.values()} == {(0, 0, 0)}


def test_a_layer_is_the_same_whenever_it_is_made(tmp_path, program, layer):
    program.touch()
    files = {"/note.txt": b"hello", "/opt/app/run": program}
    again = write_layer(tmp_path / "again.tar", files)
    assert again.read_bytes() == layer.read_bytes()


def test_a_tree_keeps_its_shape_without_compiled_python(tmp_path):
    (tmp_path / "pkg/__pycache__").mkdir(parents=True)
    (tmp_path / "pkg/__pycache__/a.pyc").touch()
    (tmp_path / "pkg/a.py").touch()
    assert list(tree(tmp_path, "/opt")) == ["/opt/pkg/a.py"]


def test_an_archive_holds_what_docker_load_looks_for(tmp_path, layer):
    out = tmp_path / "image.tar"
    config = ImageConfig(cmd=["run"], user="200", ports=[8081], volumes=["/data"])
    image_id = write_archive(out, "lab/test:1", [layer], config)
    with tarfile.open(out) as tar:
        read = {name: tar.extractfile(name).read() for name in tar.getnames()}
    (manifest,) = json.loads(read["manifest.json"])
    document = json.loads(read[manifest["Config"]])
    assert hashlib.sha256(read[manifest["Config"]]).hexdigest() == image_id
    digests = [hashlib.sha256(read[name]).hexdigest() for name in manifest["Layers"]]
    assert document["rootfs"]["diff_ids"] == [f"sha256:{digest}" for digest in digests]
    assert document["config"]["User"] == "200"
    assert document["config"]["ExposedPorts"] == {"8081/tcp": {}}
    assert repo_tags(out) == ["lab/test:1"]


def test_registry_data_links_tag_to_manifest_to_blobs(tmp_path, layer):
    config = ImageConfig(cmd=["cat", "/note.txt"])
    digest = RegistryData(tmp_path).add("library/hello", "latest", layer, config)
    base = tmp_path / "docker/registry/v2"
    repository = base / "repositories/library/hello"

    def blob(name: str) -> bytes:
        mark = name.removeprefix("sha256:")
        return (base / "blobs/sha256" / mark[:2] / mark / "data").read_bytes()

    assert (repository / "_manifests/tags/latest/current/link").read_text() == digest
    manifest = json.loads(blob(digest))
    for part in (manifest["config"], *manifest["layers"]):
        mark = part["digest"].removeprefix("sha256:")
        assert (repository / "_layers/sha256" / mark / "link").read_text() == part["digest"]
        assert len(blob(part["digest"])) == part["size"]
    unpacked = gzip.decompress(blob(manifest["layers"][0]["digest"]))
    assert unpacked == layer.read_bytes()
    document = json.loads(blob(manifest["config"]["digest"]))
    assert document["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(unpacked).hexdigest()}"]


def test_an_archive_of_one_named_image_is_taken(tmp_path, layer):
    out = tmp_path / "image.tar"
    write_archive(out, "example/nexus3:3.94.0", [layer], ImageConfig())
    assert image_name(out) == "example/nexus3:3.94.0"


@pytest.mark.parametrize("content", [b"no tar", None])
def test_any_other_file_is_refused(tmp_path, content):
    file = tmp_path / "image.tar"
    if content is None:
        with tarfile.open(file, "w") as tar:
            tar.addfile(tarfile.TarInfo("something"), io.BytesIO())
    else:
        file.write_bytes(content)
    with pytest.raises(LabError, match="no image archive"):
        image_name(file)


SITE = "nexus:\n  version: 3.94.0\n  image:\n    base: sonatype/nexus3:3.94.0-standin\n"


def test_the_inventory_gets_the_base_and_the_version_of_its_tag():
    text = with_base(SITE, "mirror.example/nexus3:3.90.1-ubi")
    assert "    base: mirror.example/nexus3:3.90.1-ubi\n" in text
    assert "  version: 3.90.1\n" in text


def test_paths_to_the_lab_are_meant_from_inside_it():
    site = SITE + "  password: file:../../.lab/secrets/admin_password\n"
    assert "file:secrets/admin_password" in with_base(site, "a/b:1")


def test_a_tag_that_is_no_version_leaves_the_version():
    assert "  version: 3.94.0\n" in with_base(SITE, "example/nexus3:mine")


def test_an_inventory_without_a_base_is_refused():
    with pytest.raises(LabError, match=r"nexus\.image\.base"):
        with_base("nexus: {}\n", "a:1")
