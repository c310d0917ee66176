"""Repositories: made in order, mended field by field, what is not managed left alone."""

from __future__ import annotations

import pytest
from played_nexus import PlayedNexus, apply, desired, free_port, made, repositories

from moorage.config.schema.registry import Hosted, Proxy
from moorage.errors import Refused, RequestRefused

DOCKER = "/repositories/docker"


@pytest.fixture(scope="module")
def wanted():
    return desired()


@pytest.fixture(scope="module")
def seeded_once(tmp_path_factory, wanted):
    played = PlayedNexus(tmp_path_factory.mktemp("nexus-data"))
    apply(played.step(wanted), lambda _: None)
    yield played
    played.nexus.stop()


@pytest.fixture
def seeded(seeded_once):
    """A Nexus that is as the inventory asks; what it is asked from now on is recorded."""
    with seeded_once.kept():
        yield seeded_once


def drift(nexus, kind, name, change):
    """Change a repository by hand."""
    seen = nexus.call("GET", f"{DOCKER}/{kind}/{name}")
    whole = {key: value for key, value in seen.items() if key not in ("format", "type", "url")}
    change(whole)
    nexus.call("PUT", f"{DOCKER}/{kind}/{name}", whole)
    nexus.writes()


def plan_of(nexus, wanted, heard):
    step = nexus.step(wanted)
    return step.plan(step.observe(heard))


DRIFTS = [
    ("hosted", "docker-private", "storage", "writePolicy", "DENY"),
    ("hosted", "docker-private", "storage", "strictContentTypeValidation", False),
    ("hosted", "docker-private", "docker", "forceBasicAuth", True),
    ("hosted", "docker-private", "docker", "v1Enabled", True),
    ("hosted", "docker-private", None, "online", False),
    ("proxy", "docker-hub", "proxy", "remoteUrl", "https://8.8.8.8"),
    ("proxy", "docker-hub", "proxy", "contentMaxAge", 1),
    ("proxy", "docker-hub", "proxy", "metadataMaxAge", 1),
    ("proxy", "docker-hub", "negativeCache", "enabled", False),
    ("proxy", "docker-hub", "negativeCache", "timeToLive", 1),
    ("proxy", "docker-hub", "httpClient", "autoBlock", False),
    ("proxy", "docker-hub", "httpClient", "blocked", True),
    ("proxy", "docker-hub", "dockerProxy", "indexType", "REGISTRY"),
    ("group", "docker-all", "group", "memberNames", ["docker-hub"]),
    ("group", "docker-all", "group", "memberNames", ["docker-hub", "docker-private"]),
]


@pytest.mark.parametrize(("kind", "name", "section", "field", "value"), DRIFTS)
def test_drift_of_every_single_field_is_seen_and_mended(
    seeded, wanted, heard, kind, name, section, field, value
):
    def change(whole):
        (whole[section] if section else whole)[field] = value

    drift(seeded, kind, name, change)

    (found,) = apply(seeded.step(wanted), heard).changes

    assert found.subject == f"repository {name}"
    assert [item.field for item in found.differences] == [
        f"{section}.{field}" if section else field
    ]
    assert found.differences[0].before == value
    assert seeded.writes() == [("PUT", f"/service/rest/v1{DOCKER}/{kind}/{name}")]
    assert plan_of(seeded, wanted, heard).empty


def test_a_port_that_was_changed_by_hand_is_seen(seeded, wanted, heard):
    other = free_port()
    drift(seeded, "hosted", "docker-private",
          lambda whole: whole["docker"].__setitem__("httpPort", other))  # fmt: skip

    (change,) = plan_of(seeded, wanted, heard).changes

    assert [item.field for item in change.differences] == ["docker.httpPort"]


def test_a_port_that_is_no_longer_wanted_is_taken_away(seeded, wanted, heard):
    without = desired(repositories={**wanted.repositories, "docker-private": Hosted(type="hosted")})

    (change,) = apply(seeded.step(without), heard).changes

    assert [item.after for item in change.differences] == [None]
    assert seeded.call("GET", f"{DOCKER}/hosted/docker-private")["docker"].get("httpPort") is None
    assert plan_of(seeded, without, heard).empty


def test_fields_that_moorage_does_not_manage_survive_a_change(seeded, wanted, heard):
    def change(whole):
        whole["storage"]["writePolicy"] = "DENY"
        whole["component"] = {"proprietaryComponents": True}
        whole["docker"]["pathEnabled"] = True

    drift(seeded, "hosted", "docker-private", change)

    apply(seeded.step(wanted), heard)

    seen = seeded.call("GET", f"{DOCKER}/hosted/docker-private")
    assert seen["component"] == {"proprietaryComponents": True}
    assert seen["docker"]["pathEnabled"] is True
    assert seen["storage"]["writePolicy"] == "ALLOW"


def test_unmanaged_repositories_are_named_and_left_alone(seeded, wanted, heard):
    seeded.call("POST", f"{DOCKER}/hosted", made("by-hand", Hosted(type="hosted")))
    before = seeded.call("GET", "/repositorySettings")

    plan = apply(seeded.step(wanted), heard)

    assert plan.empty
    assert "by-hand" in plan.notes[0]
    assert "maven-central" in plan.notes[0]
    assert seeded.call("GET", "/repositorySettings") == before


def test_a_port_of_another_repository_is_refused_before_anything_is_made(nexus, heard):
    apply(nexus.step(desired(repositories={})), heard)
    port = free_port()
    legacy = made("legacy-docker", Hosted(type="hosted", port=port))
    nexus.call("POST", f"{DOCKER}/hosted", legacy)
    nexus.writes()
    wanted = desired(repositories=repositories(**{"docker-private": Hosted(type="hosted",
                                                                         port=port)}))  # fmt: skip

    with pytest.raises(Refused) as caught:
        plan_of(nexus, wanted, heard)

    assert f"port {port}" in caught.value.message
    assert "legacy-docker" in caught.value.message
    assert nexus.writes() == []


@pytest.mark.parametrize(
    ("name", "other"),
    [("docker-private", Proxy(type="proxy", remote="https://1.1.1.1")), ("docker-hub",
                                                                        Hosted(type="hosted"))],
)  # fmt: skip
def test_a_repository_of_another_kind_is_refused(seeded, wanted, heard, name, other):
    changed = desired(repositories={**wanted.repositories, name: other})

    with pytest.raises(Refused) as caught:
        plan_of(seeded, changed, heard)

    assert f"repository {name} exists as docker" in caught.value.message
    assert seeded.writes() == []


def test_a_repository_of_another_format_is_refused(seeded, wanted, heard):
    changed = desired(repositories={**wanted.repositories, "maven-releases": Hosted(type="hosted")})

    with pytest.raises(Refused, match="exists as maven2 hosted"):
        plan_of(seeded, changed, heard)


def test_another_blob_store_is_refused_since_nexus_cannot_move_blobs(seeded, wanted, heard):
    moved = Hosted(type="hosted", port=wanted.repositories["docker-private"].port, blob_store="big")

    with pytest.raises(Refused, match="keeps its blobs in default, not in big"):
        plan_of(seeded, desired(repositories={**wanted.repositories, "docker-private": moved}),
                heard)  # fmt: skip


def with_login(whole):
    whole["httpClient"]["authentication"] = {
        "type": "username", "username": "bot", "password": "hub-password",
    }  # fmt: skip
    whole["proxy"]["contentMaxAge"] = 7


def test_a_proxy_with_a_login_is_not_changed_since_that_would_erase_its_password(
    seeded, wanted, heard
):
    drift(seeded, "proxy", "docker-hub", with_login)

    with pytest.raises(Refused) as caught:
        plan_of(seeded, wanted, heard)

    assert "a password that Nexus does not give out" in caught.value.message
    assert seeded.writes() == []


def test_a_proxy_with_a_login_that_is_as_asked_is_fine(seeded, wanted, heard):
    def change(whole):
        with_login(whole)
        whole["proxy"]["contentMaxAge"] = 1440

    drift(seeded, "proxy", "docker-hub", change)

    assert plan_of(seeded, wanted, heard).empty


@pytest.mark.parametrize(
    ("allowed", "ips", "domains"),
    [(("10.77.0.11",), ["10.77.0.11"], []), (("hub.internal",), [], ["hub.internal"]),
     (("10.77.0.11", "hub.internal"), ["10.77.0.11"], ["hub.internal"])],
)  # fmt: skip
def test_private_remotes_are_let_through_before_the_proxy_is_made(
    nexus, heard, allowed, ips, domains
):
    remote = Proxy(type="proxy", remote=f"http://{allowed[0]}:5000")
    wanted = desired(allowed_remotes=allowed,
                     repositories=repositories(**{"docker-hub": remote}))  # fmt: skip

    apply(nexus.step(wanted), heard)

    seen = nexus.call("GET", "/security/ssrf-protection")
    assert (seen["enabled"], seen["allowedIPs"], seen["allowedDomains"]) == (True, ips, domains)
    assert plan_of(nexus, wanted, heard).empty


def test_addresses_that_others_allowed_stay(seeded, wanted, heard):
    seeded.call("PUT", "/security/ssrf-protection",
                {"enabled": True, "allowedIPs": ["10.9.9.9"], "allowedDomains": []})  # fmt: skip

    apply(seeded.step(desired(allowed_remotes=("10.77.0.11",),
                              repositories=wanted.repositories)), heard)  # fmt: skip

    assert seeded.call("GET", "/security/ssrf-protection")["allowedIPs"] == [
        "10.9.9.9", "10.77.0.11",
    ]  # fmt: skip


def test_a_protection_that_is_off_is_left_off(seeded, wanted, heard):
    seeded.call("PUT", "/security/ssrf-protection",
                {"enabled": False, "allowedIPs": [], "allowedDomains": []})  # fmt: skip

    assert plan_of(seeded, desired(allowed_remotes=("10.77.0.11",),
                                   repositories=wanted.repositories), heard).empty  # fmt: skip


def test_a_private_remote_that_is_not_allowed_fails_with_the_key_to_set(nexus, heard):
    remote = Proxy(type="proxy", remote="http://10.77.0.11:5000")

    with pytest.raises(RequestRefused) as caught:
        apply(nexus.step(desired(repositories=repositories(**{"docker-hub": remote}))), heard)

    assert "nexus.allowed_remotes" in caught.value.hint


def test_a_run_that_failed_half_way_is_carried_on_by_the_next(nexus, heard):
    bad = Proxy(type="proxy", remote="http://10.77.0.11:5000")
    all_of_them = repositories(**{"docker-hub": bad})
    with pytest.raises(RequestRefused):
        apply(nexus.step(desired(repositories=all_of_them)), heard)
    good = desired(repositories=all_of_them, allowed_remotes=("10.77.0.11",))

    plan = apply(nexus.step(good), heard)

    assert [change.subject for change in plan.changes] == [
        "SSRF protection", "repository docker-hub", "repository docker-all",
    ]  # fmt: skip
    assert plan_of(nexus, good, heard).empty
