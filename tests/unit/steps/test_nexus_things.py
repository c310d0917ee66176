"""Blob stores, cleanup policies, tasks and the base URL: made, mended field by field, refused."""

from __future__ import annotations

import dataclasses

import pytest
from played_nexus import desired, repositories

from moorage.config.schema.blobstores import FileStore, Quota, S3Store
from moorage.config.schema.registry import Hosted
from moorage.config.schema.upkeep import (
    CleanupPolicy,
    CompactBlobStore,
    DockerGc,
    DockerUploads,
    Schedule,
)
from moorage.errors import Refused
from moorage.steps.nexus import NexusStep
from moorage.values import Secret

URL = "https://nexus.example.com"


def everything():
    private = Hosted(type="hosted", blob_store="images", cleanup=["stale"])
    return desired(
        base_url=URL,
        repositories=repositories(**{"docker-private": private}),
        blob_stores={
            "images": FileStore(type="file", path="images", quota=Quota(type="used", limit="10g")),
            "cold": S3Store(type="s3", bucket="b", region="eu-central-1", prefix="p",
                            access_key_id="ID", secret_access_key="env:KEY"),
        },
        cleanup_policies={"stale": CleanupPolicy(notes="old", last_downloaded=90)},
        tasks={
            "layers": DockerGc(type="docker-gc", repository="docker-private",
                               schedule=Schedule(daily="02:30")),
            "uploads": DockerUploads(type="docker-uploads", age="48h"),
            "compact": CompactBlobStore(type="compact-blob-store", blob_store="images"),
        },
    )  # fmt: skip


@pytest.fixture(scope="module")
def wanted():
    return everything()


def test_things_are_made_in_the_order_in_which_they_need_each_other(seeded):
    assert [change.subject for change in seeded.plan_at_first.changes] == [
        "user admin", "licence", "base URL", "realms", "anonymous access",
        "blob store images", "blob store cold", "cleanup policy stale",
        "repository docker-private", "repository docker-hub", "repository docker-all",
        "task layers", "task uploads", "task compact",
    ]  # fmt: skip


def test_a_second_run_sends_nothing(seeded, wanted):
    assert seeded.plan(wanted).empty
    assert seeded.writes() == []


def test_a_secret_key_arrives_and_is_in_no_plan(seeded):
    assert "revealed env:KEY" in repr(seeded.nexus.store.state)
    assert "revealed env:KEY" not in repr(seeded.plan_at_first)


DRIFTS = [
    ("/blobstores/file/images", "softQuota", {"type": "spaceRemainingQuota", "limit": 10 * 1024**3},
     "blob store images", "softQuota.type"),
    ("/blobstores/file/images", "softQuota", {"type": "spaceUsedQuota", "limit": 1},
     "blob store images", "softQuota.limit"),
    ("/blobstores/file/images", "softQuota", None, "blob store images", "softQuota.type"),
    ("/service/rest/internal/cleanup-policies/stale", "criteriaLastDownloaded", 91,
     "cleanup policy stale", "criteriaLastDownloaded"),
    ("/service/rest/internal/cleanup-policies/stale", "criteriaLastBlobUpdated", 5,
     "cleanup policy stale", "criteriaLastBlobUpdated"),
    ("/service/rest/internal/cleanup-policies/stale", "criteriaAssetRegex", ".*",
     "cleanup policy stale", "criteriaAssetRegex"),
    ("/service/rest/internal/cleanup-policies/stale", "notes", "other", "cleanup policy stale",
     "notes"),
]  # fmt: skip


def by_hand(nexus, path, change):
    seen = nexus.call("GET", path)
    change(seen)
    answers = ("softQuotaAttributes", "inUseCount", "repositories")
    nexus.call("PUT", path, {key: item for key, item in seen.items() if key not in answers})
    nexus.asked.clear()


@pytest.mark.parametrize(("path", "key", "value", "subject", "field"), DRIFTS)
def test_drift_is_seen_and_mended(seeded, wanted, path, key, value, subject, field):
    by_hand(seeded, path, lambda seen: seen.__setitem__(key, value))

    (change,) = seeded.seed(wanted).changes

    assert change.subject == subject
    assert field in [item.field for item in change.differences]
    assert seeded.plan(wanted).empty


S3_DRIFTS = [
    ("region", "us-east-1", "bucketConfiguration.bucket.region"),
    ("accessKeyId", "OTHER", "bucketConfiguration.bucketSecurity.accessKeyId"),
]


@pytest.mark.parametrize(("key", "value", "field"), S3_DRIFTS)
def test_drift_of_a_bucket_is_mended_and_its_secret_key_sent_along(
    seeded, wanted, key, value, field
):
    def change(seen):
        place = "bucket" if key == "region" else "bucketSecurity"
        seen["bucketConfiguration"][place][key] = value
        seen["bucketConfiguration"].pop("activeRegion", None)

    by_hand(seeded, "/blobstores/s3/cold", change)

    (found,) = seeded.seed(wanted).changes

    assert [item.field for item in found.differences] == [field]
    assert "revealed env:KEY" in repr(seeded.nexus.store.state)
    assert seeded.plan(wanted).empty


@pytest.mark.parametrize(
    ("name", "store", "told"),
    [
        ("images", FileStore(type="file", path="elsewhere"), "nexus.blob_stores.images.path is"),
        ("images", S3Store(type="s3", bucket="b"), "exists with type File, not s3"),
        ("cold", S3Store(type="s3", bucket="other"), "nexus.blob_stores.cold.bucket is b"),
    ],
)
def test_what_would_leave_blobs_behind_is_refused(seeded, wanted, name, store, told):
    changed = dataclasses.replace(wanted, blob_stores={**wanted.blob_stores, name: store})

    with pytest.raises(Refused, match=told):
        seeded.plan(changed)
    assert seeded.writes() == []


TASK_DRIFTS = [
    ("layers", "enabled", False, "enabled"),
    ("layers", "notificationCondition", "SUCCESS_FAILURE", "notificationCondition"),
    ("layers", "frequency", {"schedule": "manual"}, "schedule"),
    ("layers", "frequency", {"schedule": "cron", "cronExpression": "0 0 9 * * ?"},
     "cronExpression"),
    ("layers", "properties", {"repositoryName": "docker-hub"}, "properties.repositoryName"),
    ("uploads", "properties", {"age": "1"}, "properties.age"),
    ("uploads", "frequency", {"schedule": "cron", "cronExpression": "0 0 9 * * ?"}, "schedule"),
    ("compact", "properties", {"blobstoreName": "default"}, "properties.blobstoreName"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "key", "value", "field"), TASK_DRIFTS)
def test_drift_of_a_task_is_seen_and_mended(seeded, wanted, name, key, value, field):
    with seeded.nexus.store.change() as draft:
        task = next(item for item in draft["tasks"].values() if item["name"] == name)
        task[key] = value

    (change,) = seeded.seed(wanted).changes

    assert change.subject == f"task {name}"
    assert field in [item.field for item in change.differences]
    assert seeded.plan(wanted).empty


def test_a_mail_address_that_somebody_gave_a_task_stays(seeded, wanted):
    with seeded.nexus.store.change() as draft:
        task = next(item for item in draft["tasks"].values() if item["name"] == "layers")
        task |= {"alertEmail": "ops@example.com", "enabled": False}

    seeded.seed(wanted)

    assert task_of(seeded, "layers")["alertEmail"] == "ops@example.com"


def task_of(nexus, name):
    return next(item for item in nexus.call("GET", "/tasks")["items"] if item["name"] == name)


def test_a_task_of_the_name_that_does_something_else_is_refused(seeded, wanted):
    other = CompactBlobStore(type="compact-blob-store")
    changed = dataclasses.replace(wanted, tasks={"layers": other})

    with pytest.raises(Refused, match=r"nexus\.tasks\.layers: Nexus has a task of that name"):
        seeded.plan(changed)


@pytest.mark.parametrize(
    ("schedule", "expression"),
    [
        (Schedule(), None),
        (Schedule(hourly=15), "0 15 * * * ?"),
        (Schedule(daily="03:05"), "0 5 3 * * ?"),
        (Schedule(weekly={"day": "sunday", "at": "04:00"}), "0 0 4 ? * SUN"),
        (Schedule(monthly={"day": 31, "at": "23:59"}), "0 59 23 31 * ?"),
        (Schedule(monthly={"day": "last", "at": "00:00"}), "0 0 0 L * ?"),
        (Schedule(cron="0 0 3 * * ?"), "0 0 3 * * ?"),
    ],
)
def test_schedules_as_cron_expressions(schedule, expression):
    assert schedule.expression == expression


def test_the_base_url_is_set_changed_and_switched_on_again(seeded, wanted):
    other = dataclasses.replace(wanted, base_url="https://other.example.com")

    (change,) = seeded.seed(other).changes

    assert [(item.before, item.after) for item in change.differences] == [(URL, other.base_url)]
    (found,) = [item for item in seeded.call("GET", "/capabilities") if item["type"] == "baseurl"]
    assert found["properties"] == {"url": other.base_url}
    seeded.call("PUT", f"/capabilities/{found['id']}", {**found, "enabled": False})
    assert [item.field for change in seeded.seed(other).changes for item in change.differences] == [
        "enabled"
    ]
    assert seeded.plan(other).empty


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"blob_store": "imagse"}, r"no blob store imagse in Nexus.*\(did you mean images\?\)"),
        ({"cleanup": ["stael"]}, r"no cleanup policy stael in Nexus.*\(did you mean stale\?\)"),
    ],
)
def test_what_is_neither_declared_nor_there_is_refused(seeded, wanted, changes, told):
    made = {**wanted.repositories, "new": Hosted(type="hosted", **changes)}

    with pytest.raises(Refused, match=told):
        seeded.plan(dataclasses.replace(wanted, repositories=made))
    assert seeded.writes() == []


def test_a_blob_store_that_is_only_on_the_server_will_do(seeded, wanted):
    fewer = dataclasses.replace(wanted, blob_stores={})

    assert seeded.plan(fewer).empty


def test_what_it_asks_for_is_told_before_it_may_look():
    step = NexusStep(None, everything(), ready=None, password=Secret("x"), initial_password=None)

    told = step.foreseen()

    for words in ("docker-private (hosted)", "blob stores images, cold", "cleanup policies stale",
                  "tasks layers, uploads, compact"):  # fmt: skip
        assert words in told
    assert "users" not in told
