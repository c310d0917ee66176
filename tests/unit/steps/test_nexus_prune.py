"""What is there and not asked for: told, removed with --prune, and nothing of value to others."""

from __future__ import annotations

import dataclasses

import pytest
from played_nexus import PlayedNexus, desired, made, repositories

from moorage.config.schema.blobstores import FileStore
from moorage.config.schema.people import Role, User
from moorage.config.schema.registry import Group, Hosted
from moorage.config.schema.upkeep import CleanupPolicy, CompactBlobStore
from moorage.steps.nexus.api import Holding
from moorage.steps.nexus.prune import removable, told

DOCKER = "/repositories/docker"


@pytest.fixture(scope="module")
def wanted():
    return desired(
        repositories=repositories(), pull_from="docker-all", push_to="docker-private",
        roles={"team": Role(pull=["docker-all"])},
        users={"ci": User(password="env:CI", roles=["team"])},
        blob_stores={"images": FileStore(type="file", path="images")},
        cleanup_policies={"stale": CleanupPolicy(last_downloaded=90)},
        tasks={"compact": CompactBlobStore(type="compact-blob-store")},
    )  # fmt: skip


@pytest.fixture(scope="module")
def seeded_once(tmp_path_factory, wanted):
    played = PlayedNexus(tmp_path_factory.mktemp("nexus-data"))
    played.seed(wanted)
    with_more = dataclasses.replace(
        wanted,
        roles={**wanted.roles, "old-role": Role(pull=["docker-all"])},
        users={**wanted.users, "old-user": User(password="env:X", roles=["old-role"])},
        blob_stores={**wanted.blob_stores, "old-store": FileStore(type="file", path="old"),
                     "used-store": FileStore(type="file", path="used")},
        cleanup_policies={**wanted.cleanup_policies, "old-policy": CleanupPolicy(last_published=1)},
        tasks={**wanted.tasks, "old-task": CompactBlobStore(type="compact-blob-store")},
    )  # fmt: skip
    played.seed(with_more)
    for name, repository in (
        ("old-own", Hosted(type="hosted", blob_store="old-store")),
        ("old-group", Group(type="group", members=["old-own"])),
    ):
        played.call("POST", f"{DOCKER}/{repository.type}", made(name, repository))
    yield played
    played.nexus.stop()


@pytest.fixture
def seeded(seeded_once):
    with seeded_once.kept():
        yield seeded_once


def pruned(wanted):
    return dataclasses.replace(wanted, prune=True)


def test_without_the_flag_it_is_told_and_left_alone(seeded, wanted):
    plan = seeded.plan(wanted)

    assert plan.changes == ()
    for words in ("repositories maven-central", "old-group, old-own", "users old-user",
                  "roles old-role", "blob stores old-store, used-store",
                  "cleanup policies old-policy", "tasks old-task"):  # fmt: skip
        assert words in "\n".join(plan.notes), words


def test_it_is_removed_in_the_reverse_order_of_its_making(seeded, wanted):
    plan = seeded.seed(pruned(wanted))

    subjects = [change.subject for change in plan.changes]
    assert {change.verb for change in plan.changes} == {"remove"}
    kinds = [subject.rsplit(" ", 1)[0] for subject in subjects]
    order = ["task", "user", "role", "repository", "cleanup policy", "blob store"]
    assert kinds == sorted(kinds, key=order.index)
    assert subjects.index("repository old-group") < subjects.index("repository old-own")
    assert {"task old-task", "user old-user", "role old-role", "cleanup policy old-policy",
            "blob store old-store", "blob store used-store",
            "repository maven-public"} <= set(subjects)  # fmt: skip
    assert seeded.plan(pruned(wanted)).changes == ()


def test_what_nexus_came_with_stays(seeded, wanted):
    seeded.seed(pruned(wanted))

    assert {"admin", "anonymous", "ci"} == {item["userId"] for item in
                                           seeded.call("GET", "/security/users")}  # fmt: skip
    assert {"nx-admin", "nx-anonymous"} <= {item["id"] for item in
                                           seeded.call("GET", "/security/roles")}  # fmt: skip
    assert {"default", "images"} == {item["name"] for item in seeded.call("GET", "/blobstores")}


@pytest.mark.parametrize(
    ("kind", "subject"),
    [("users", "user old-user"), ("roles", "role old-role"), ("tasks", "task old-task"),
     ("blob_stores", "blob store old-store"), ("cleanup_policies", "cleanup policy old-policy")],
)  # fmt: skip
def test_a_kind_of_thing_that_the_inventory_has_not_is_not_looked_at(seeded, wanted, kind, subject):
    fewer = dataclasses.replace(pruned(wanted), **{kind: {}})

    assert not any(change.subject.startswith(subject) for change in seeded.plan(fewer).changes)


def test_a_blob_store_in_use_stays(seeded, wanted):
    with_user = {**wanted.repositories,
                 "new": Hosted(type="hosted", blob_store="used-store")}  # fmt: skip

    plan = seeded.plan(dataclasses.replace(pruned(wanted), repositories=with_user))

    assert "blob store used-store" not in [change.subject for change in plan.changes]
    assert "blob store used-store is in use: left alone" in plan.notes


def test_what_holds_components_of_another_format_is_left_alone_and_said(seeded, wanted):
    step = seeded.step(pruned(wanted))
    seen = step.observe(lambda _: None)
    held = {**seen.holdings, "maven-central": Holding(3), "maven-releases": Holding(0, other=True),
            "old-own": Holding(100, more=True)}  # fmt: skip

    plan = step.plan(dataclasses.replace(seen, holdings=held))

    removed = {change.subject: change.differences[0].before for change in plan.changes}
    assert "repository maven-central" not in removed
    assert "repository maven-public" not in removed
    assert removed["repository old-own"] == "holds more than 100 components"
    notes = "\n".join(plan.notes)
    assert "maven-central (maven2 proxy) holds 3 components: left alone" in notes
    assert "maven-releases (maven2 hosted) holds files, or does not tell: left alone" in notes


def test_nothing_is_counted_without_the_flag(seeded, wanted):
    seeded.plan(wanted)

    assert not any(path.endswith(("/components", "/assets")) for _, path, _ in seeded.asked)


def repository(format_, kind, *members):
    return {"format": format_, "type": kind, "group": {"memberNames": list(members)}}


def test_groups_go_before_their_members_and_only_with_all_of_them():
    there = {
        "a": repository("raw", "hosted"), "b": repository("raw", "hosted"),
        "all": repository("raw", "group", "a", "b"), "some": repository("raw", "group", "a"),
        "top": repository("raw", "group", "some"),
    }  # fmt: skip
    holdings = {name: Holding() for name in there} | {"b": Holding(1)}

    assert removable(there, there, holdings) == ["top", "some", "a"]


@pytest.mark.parametrize(
    ("kind", "holding", "words"),
    [("hosted", Holding(), "is empty"), ("hosted", Holding(1), "holds 1 component"),
     ("proxy", Holding(2), "holds 2 components"),
     ("group", Holding(), "is a group of a, b")],
)  # fmt: skip
def test_what_a_repository_holds_is_said(kind, holding, words):
    assert told(repository("docker", kind, "a", "b"), holding) == words
