"""Robots with least rights, a store of their own, upkeep: declared, seeded, and met by Docker."""

from __future__ import annotations

import shlex

import pytest

from lab.errors import LabError

pytestmark = pytest.mark.lab

PASSWORDS = {"CI_PASSWORD": "ci's own password", "READER_PASSWORD": "the reader's password"}

DECLARED = """accept_eula: true
  blob_stores:
    team: {type: file, path: team, quota: {type: remaining, limit: 1g}}
  cleanup_policies:
    stale: {last_downloaded: 90}
  tasks:
    compact: {type: compact-blob-store, blob_store: team, schedule: {daily: "04:00"}}
  users:
    ci: {password: "env:CI_PASSWORD", roles: [docker-push]}
    reader: {password: "env:READER_PASSWORD", roles: [docker-pull]}"""

REPOSITORY = """docker-private: {type: hosted, port: 8083}
    docker-team: {type: hosted, blob_store: team, cleanup: [stale]}"""


@pytest.fixture
def declared(variant):
    return variant(
        ("accept_eula: true", DECLARED),
        ("docker-private: {type: hosted, port: 8083}", REPOSITORY),
    )


def _as(lab, user: str, password: str, script: str) -> str:
    login = f"printf %s {shlex.quote(password)} | docker login -u {user} --password-stdin"
    return lab.run("worker", f"set -e; trap 'docker logout registry.lab' EXIT;"
                             f"{login} registry.lab 2>&1; {script}")  # fmt: skip


def test_all_of_it_is_made_in_one_run_and_found_in_the_next(fab, declared, site_up):
    made = fab("nexus-seed", inventory=declared, **PASSWORDS)
    again = fab("nexus-seed", inventory=declared, **PASSWORDS)

    assert made.code == 0, made.text
    for thing in (
        "blob store team", "cleanup policy stale", "repository docker-team", "task compact",
        "role docker-push", "role docker-pull", "user ci", "user reader",
    ):  # fmt: skip
        assert f"create {thing}" in made.out
    assert again.code == 0, again.text
    assert "nexus: no changes" in again.out
    assert not any(password in made.text + again.text for password in PASSWORDS.values())


def test_who_may_push_pushes_and_pulls(lab, fab, declared, site_up):
    assert fab("nexus-seed", inventory=declared, **PASSWORDS).code == 0

    said = _as(
        lab, "ci", PASSWORDS["CI_PASSWORD"],
        "docker tag lab/tiny:1 registry.lab/people/tiny:1; docker push registry.lab/people/tiny:1;"
        "docker pull registry.lab/people/tiny:1; docker pull registry.lab/hello-world",
    )  # fmt: skip

    assert "digest: sha256:" in said
    assert "registry.lab/hello-world:latest" in said


def test_who_may_pull_alone_cannot_push(lab, fab, declared, site_up):
    assert fab("nexus-seed", inventory=declared, **PASSWORDS).code == 0
    password = PASSWORDS["READER_PASSWORD"]

    assert "hello-world" in _as(lab, "reader", password, "docker pull registry.lab/hello-world")
    with pytest.raises(LabError, match=r"denied|unauthorized"):
        _as(lab, "reader", password,
            "docker tag lab/tiny:1 registry.lab/people/mine:1;"
            "docker push registry.lab/people/mine:1 2>&1")  # fmt: skip


def test_a_password_changed_by_hand_is_set_again(fab, declared, site_up):
    assert fab("nexus-seed", inventory=declared, **PASSWORDS).code == 0
    other = {**PASSWORDS, "CI_PASSWORD": "a newer password of ci"}

    planned = fab("plan", "--step", "nexus", "--check", inventory=declared, **other)
    mended = fab("nexus-seed", inventory=declared, **other)
    back = fab("nexus-seed", inventory=declared, **PASSWORDS)

    assert planned.code == 2, planned.text
    assert "user ci" in planned.out
    assert "user reader" not in planned.out
    assert (mended.code, back.code) == (0, 0), mended.text + back.text


def test_what_the_inventory_has_no_more_goes_by_prune_alone(fab, declared, variant, site_up):
    assert fab("nexus-seed", inventory=declared, **PASSWORDS).code == 0
    less = variant()

    left = fab("nexus-seed", inventory=less)
    gone = fab("nexus-seed", "--prune", inventory=less)
    again = fab("nexus-seed", "--prune", inventory=less)

    assert left.code == 0, left.text
    assert "docker-team" in left.out
    assert gone.code == 0, gone.text
    assert "remove repository docker-team" in gone.out
    assert "nexus: no changes" in again.out
