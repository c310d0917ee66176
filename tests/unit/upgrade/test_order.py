"""The site that an upgrade leads to, its image's name, and the inventory that says so then."""

from __future__ import annotations

import json
from dataclasses import asdict
from types import SimpleNamespace

import pytest

from moorage.config.inventory import load_site
from moorage.config.inventory_edit import replaced
from moorage.errors import NotConverged, Refused, VerificationFailed
from moorage.order_upgrade import Upgrades, edited, in_a_failure, site_at, site_before
from moorage.steps.upgrade import Note
from moorage.steps.upgrade.step import Compare


@pytest.fixture
def site(root):
    return load_site("lab", root=root, environ={})


@pytest.mark.parametrize(
    ("base", "wanted"),
    [
        ("sonatype/nexus3", "sonatype/nexus3"),
        ("host:5000/nexus3", "host:5000/nexus3"),
        ("host:5000/nexus3:3.94.0", "host:5000/nexus3:3.94.1"),
        ("sonatype/nexus3:3.94.0-standin", "sonatype/nexus3:3.94.1-standin"),
    ],
)
def test_the_base_images_tag_follows(site, base, wanted):
    image = site.nexus.image.model_copy(update={"base": base})
    site = site.model_copy(update={"nexus": site.nexus.model_copy(update={"image": image})})

    made = site_at(site, "3.94.1")

    assert made.nexus.version == "3.94.1"
    assert made.nexus.image.base == wanted
    assert site_at(site, "3.94.1", "other/nexus:x").nexus.image.base == "other/nexus:x"


@pytest.mark.parametrize("base", ["nexus:latest", "nexus@sha256:abc", "nexus:3.94.0@sha256:abc"])
def test_a_tag_that_does_not_tell_is_asked_for(site, base):
    image = site.nexus.image.model_copy(update={"base": base})
    site = site.model_copy(update={"nexus": site.nexus.model_copy(update={"image": image})})

    with pytest.raises(Refused, match="cannot be told") as caught:
        site_at(site, "3.94.1")
    assert "--base" in caught.value.hint


def test_what_the_version_lacks_is_told(site):
    repositories = dict(site.registry.repositories)
    name = "docker-private"
    repositories[name] = repositories[name].model_copy(update={"path_routing": True})
    registry = site.registry.model_copy(update={"repositories": repositories})
    site = site.model_copy(update={"registry": registry})

    with pytest.raises(Refused, match=r"path_routing: Nexus has this since 3\.84"):
        site_at(site, "3.80.0")
    # what ran before is not argued with
    assert site_before(site, "3.80.0").nexus.version == "3.80.0"


TEXT = """\
# versions: 3.94.0 here is no value
nexus: {version: 3.94.0, domain: nexus.example.com}   # 3.94.0
other:
  version: 3.94.0
"""


def test_a_value_is_changed_where_it_stands_and_nothing_else():
    made = replaced(TEXT, {("nexus", "version"): ("3.94.0", "3.95.0")})

    assert made == TEXT.replace("{version: 3.94.0", "{version: 3.95.0")


def test_quotes_and_several_values_are_kept():
    text = 'nexus:\n  image: {base: "x:3.94.0-a"}\n  version: "3.94.0"  # ours\n'

    made = replaced(text, {("nexus", "version"): ("3.94.0", "3.95.0"),
                           ("nexus", "image", "base"): ("x:3.94.0-a", "x:3.95.0-a")})  # fmt: skip

    assert made == text.replace("3.94.0", "3.95.0")


@pytest.mark.parametrize("text", ["nexus: {}\n", "nexus: {version: 3.90.0}\n",
                                  "v: &v 3.94.0\nnexus: {version: *v}\n"])  # fmt: skip
def test_what_does_not_stand_there_plainly_is_left(text):
    assert replaced(text, {("nexus", "version"): ("3.94.0", "3.95.0")}) is None


def test_the_inventory_says_the_new_version(root, tmp_path):
    path = tmp_path / "lab" / "site.yml"
    path.parent.mkdir()
    text = (root / "inventories/lab/site.yml").read_text()
    path.write_text(text)
    path.chmod(0o640)
    site = load_site(str(path), root=root, environ={})

    assert edited(site, site_at(site, "3.94.2")) == path

    again = load_site(str(path), root=root, environ={})
    assert again.nexus.version == "3.94.2"
    assert again.nexus.image.base == "sonatype/nexus3:3.94.2-standin"
    assert path.stat().st_mode & 0o777 == 0o640
    assert len(path.read_text().splitlines()) == len(text.splitlines())
    assert edited(again, again) == path


def test_an_image_that_is_not_ours_is_not_built_under_its_name(site):
    image = site.nexus.image.model_copy(update={"distribution": "given", "tag": "3.94.0"})
    given = site.model_copy(update={"nexus": site.nexus.model_copy(update={"image": image})})

    with pytest.raises(Refused, match="is given") as caught:
        site_at(given, "3.94.1", "sonatype/nexus3")
    assert "distribution: load" in caught.value.hint


def test_a_tag_of_ones_own_would_be_the_name_of_both_images(site):
    image = site.nexus.image.model_copy(update={"tag": "prod"})
    tagged = site.model_copy(update={"nexus": site.nexus.model_copy(update={"image": image})})

    with pytest.raises(Refused, match=r"nexus\.image\.tag is prod") as caught:
        site_at(tagged, "3.94.1")
    assert "tag: null" in caught.value.hint
    assert site_at(tagged, site.nexus.version).nexus.image.tag == "prod"


@pytest.mark.parametrize(
    ("service", "found"),
    [
        ({}, ("pause", None)),
        ({"healthcheck": {"test": ["NONE"]}}, ("pause", None)),
        ({"healthcheck": {"disable": True, "start_period": "15m"}}, ("pause", None)),
        ({"healthcheck": {"test": "curl x"}}, ("pause", 0.0)),
        ({"healthcheck": {"test": "x", "start_period": "1h1m1.5s"}}, ("pause", 3661.5)),
        ({"deploy": {"update_config": {"failure_action": "rollback"}}}, ("rollback", None)),
        ({"deploy": None, "healthcheck": None}, ("pause", None)),
    ],
)
def test_what_swarm_does_is_read_from_what_is_deployed(service, found):
    assert in_a_failure(service) == found


def test_the_gate_is_passed_only_once_it_is_proven_from_outside(upgrades):
    def fails():
        raise NotConverged("no image can be pushed")

    upgrades._assembly.fleet = None
    upgrades.backups.wanted = SimpleNamespace(manager="boss", home="/home")
    gate = upgrades._gate("3.90.0", data=False, prove=fails)

    with pytest.raises(NotConverged, match="no image can be pushed"):
        gate.carry_out(Compare("3.90.0"), print)


@pytest.mark.parametrize(
    ("failing", "counts"), [("push of an image", False), ("pull of it", True), ("", True)]
)
def test_a_proof_that_failed_before_is_not_what_an_upgrade_is_left_for(upgrades, failing, counts):
    said = []
    note = json.dumps({**asdict(upgrades._note), "failing": failing})
    upgrades._assembly.fleet = SimpleNamespace(
        host=lambda _: SimpleNamespace(read=lambda _script: note)
    )
    upgrades.backups.wanted = SimpleNamespace(manager="boss", home="/home")

    def fails():
        failure = VerificationFailed("push of an image: layer 4711 is not there")
        failure.subject = "push of an image"
        raise failure

    gate = upgrades._gate("3.90.0", data=False, prove=fails)
    if counts:
        with pytest.raises(VerificationFailed):
            gate.carry_out(Compare("3.90.0"), said.append)
    else:
        gate.carry_out(Compare("3.90.0"), said.append)
        assert "it failed before the upgrade too" in said[0]


@pytest.fixture
def upgrades():
    """An upgrade whose backup was never made, at a Nexus 3.90.0 that can be written to."""

    def ask(*_words, **_more):
        return SimpleNamespace(status_code=200, headers={"Server": "Nexus/3.90.0-01 (OSS)"})

    def generation(name):
        raise Refused(f"there is no backup {name}")

    made = object.__new__(Upgrades)
    made._assembly = SimpleNamespace(nexus_web=lambda: SimpleNamespace(ask=ask))
    made._note = Note("3.90.0", "3.92.0", "moorage/nexus:1", "2026-01-01T000000Z")
    made.backups = SimpleNamespace(generation=generation)
    return made


def test_before_the_data_are_touched_there_may_be_no_backup_to_compare_with(upgrades):
    upgrades._compare("3.90.0", print, data=False)

    with pytest.raises(Refused, match="no backup"):
        upgrades._compare("3.90.0", print, data=True)
    with pytest.raises(NotConverged, match=r"3\.92\.0 was to answer"):
        upgrades._compare("3.92.0", print, data=False)
