"""What the image is built upon, and what it is called."""

import hashlib

import pytest

from moorage import documents
from moorage.config.render import Templates
from moorage.errors import TemplateError


@pytest.mark.parametrize(
    "base,expected",
    [
        ("sonatype/nexus3", "sonatype/nexus3:3.94.0"),
        ("nexus3", "nexus3:3.94.0"),
        ("sonatype/nexus3:3.94.0-java17", "sonatype/nexus3:3.94.0-java17"),
        ("mirror:5000/sonatype/nexus3", "mirror:5000/sonatype/nexus3:3.94.0"),
        ("mirror:5000/nexus3:own", "mirror:5000/nexus3:own"),
        ("nexus3@sha256:" + "0" * 64, "nexus3@sha256:" + "0" * 64),
        ("mirror:5000/nexus3@sha256:" + "0" * 64, "mirror:5000/nexus3@sha256:" + "0" * 64),
    ],
)
def test_base_image(site, base, expected):
    found = site(nexus={"image": {"base": base}})
    assert documents.base_image(found) == expected


def test_the_tag_follows_the_content(site, templates):
    first = documents.dockerfile(site(), templates)
    other = documents.dockerfile(site(nexus={"image": {"base": "other/nexus3"}}), templates)
    digest = hashlib.sha256(first.encode()).hexdigest()
    assert documents.dockerfile_digest(first) == digest
    name = documents.image_reference(site(), first)
    assert name == f"moorage/nexus:3.94.0-{digest[:12]}"
    assert documents.image_reference(site(), other) != name


def test_a_tag_of_ones_own(site, templates):
    own = site(nexus={"image": {"name": "registry.example.com:5000/nexus", "tag": "v1"}})
    text = documents.dockerfile(own, templates)
    assert documents.image_reference(own, text) == "registry.example.com:5000/nexus:v1"


def test_ports_are_those_of_all_repositories(site, templates):
    repositories = {
        "b": {"type": "hosted", "port": 9002},
        "a": {"type": "hosted", "port": 7001},
        "none": {"type": "hosted"},
        "all": {"type": "group", "port": 8500, "members": ["a", "b"]},
    }
    found = site(registry={"repositories": repositories, "push_to": "a"},
                 nexus={"tasks": {}, "roles": {}, "users": {}}, nodes={"login": None})  # fmt: skip
    assert "EXPOSE 7001 8081 8500 9002\n" in documents.dockerfile(found, templates)


def test_a_dockerfile_without_from_is_refused(site, tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "Dockerfile.j2").write_text("# {{ base }}\n")
    with pytest.raises(TemplateError, match=r"Dockerfile\.j2: there is no FROM"):
        documents.dockerfile(site(), Templates(tmp_path))
