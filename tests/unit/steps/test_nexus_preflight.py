"""What is refused by looking at the inventory and the server alone; pure."""

from __future__ import annotations

import pytest
from played_nexus import desired, made, revealed

from moorage.config.schema.blobstores import FileStore, Quota, S3Store
from moorage.config.schema.registry import Group, Hosted
from moorage.errors import Refused
from moorage.steps.nexus import blob_stores
from moorage.steps.nexus.api import NexusObserved
from moorage.steps.nexus.fields import compared
from moorage.steps.nexus.repositories import wanted_body
from moorage.steps.nexus.step import plan
from moorage.values import Secret

NEWEST = (3, 94, 0)
DEFAULT = {"default": {"name": "default", "type": "File"}}


def seen(*repositories, **changes):
    there = {item["name"]: item for item in repositories}
    values = {"version": NEWEST, "login": "configured", "realms": ("DockerToken",),
              "anonymous": {"enabled": False}, "blob_stores": DEFAULT,
              "repositories": there}  # fmt: skip
    return NexusObserved(**{**values, **changes})


def there(name, repository, kind):
    return {**made(name, repository), "format": "docker", "type": kind}


def planned(observed, **changes):
    return plan(desired(**changes), observed, Secret("x"))


def test_a_circle_through_a_group_that_only_the_server_has_is_refused():
    by_hand = there("by-hand", Group(type="group", members=["all"]), "group")
    group = Group(type="group", members=["by-hand"])

    with pytest.raises(Refused, match=r"groups would hold themselves: .*by-hand"):
        planned(seen(by_hand), repositories={"all": group})


def test_a_group_that_only_the_server_has_will_do_as_a_member():
    by_hand = there("by-hand", Group(type="group", members=["old"]), "group")
    old = there("old", Hosted(type="hosted"), "hosted")
    group = Group(type="group", members=["by-hand"])

    (change,) = planned(seen(by_hand, old), repositories={"all": group}).changes

    assert change.subject == "repository all"


@pytest.mark.parametrize("format_", [None, "raw"])
def test_a_member_that_is_no_docker_repository_anywhere_is_refused(format_):
    raw = {"name": "files", "format": format_, "type": "hosted"}
    group = Group(type="group", members=["files"])

    with pytest.raises(Refused, match=r"all\.members\[0\]: there is no docker repository files"):
        planned(seen(*([raw] if format_ else [])), repositories={"all": group})


def test_a_port_of_tls_that_another_repository_has_is_refused():
    other = there("other", Hosted(type="hosted", https_port=8443), "hosted")

    with pytest.raises(Refused, match=r"port 8443, wanted for own, is used by .* other"):
        planned(seen(other), repositories={"own": Hosted(type="hosted", port=8443)})


def test_a_port_of_tls_that_is_not_wanted_any_more_is_given_up():
    before = made("own", Hosted(type="hosted", https_port=8443))

    (difference,) = compared(wanted_body("own", Hosted(type="hosted"), revealed), before)

    assert (difference.field, difference.before, difference.after) == (
        "docker.httpsPort", 8443, None,
    )  # fmt: skip


def test_the_version_that_runs_counts_and_not_only_the_inventorys():
    path = {"own": Hosted(type="hosted", path_routing=True)}

    with pytest.raises(Refused, match=r"own\.path_routing needs Nexus 3\.84\.0, and 3\.80\.0 runs"):
        planned(seen(version=(3, 80, 0)), repositories=path)


@pytest.mark.parametrize(("edition", "refused"), [("OSS", True), ("COMMUNITY", True),
                                                  ("PRO", False), ("", False)])  # fmt: skip
def test_what_is_for_pro_alone(edition, refused):
    own = {"own": Hosted(type="hosted", subdomain="own")}
    if refused:
        with pytest.raises(Refused, match=f"is for Nexus Pro alone, and this is {edition}"):
            planned(seen(edition=edition), repositories=own)
    else:
        assert planned(seen(edition=edition), repositories=own).changes


def test_a_base_url_of_ones_own_is_refused_where_none_can_be_set_and_noted_else():
    old = seen(version=(3, 40, 0))
    url = {"repositories": {}, "base_url": "https://x"}

    with pytest.raises(Refused, match="has no API for its base URL"):
        planned(old, base_url_explicit=True, **url)
    assert "has no API for its base URL" in planned(old, **url).notes[0]


GB = 1024**3


def test_the_limit_of_a_quota_is_bytes_for_a_directory_and_mb_for_s3():
    quota = Quota(type="used", limit="10g")
    directory = FileStore(type="file", path="p", quota=quota)
    bucket = S3Store(type="s3", bucket="b", quota=quota)

    limits = [blob_stores.wanted_body("x", store, NEWEST, revealed)["softQuota"]["limit"]
              for store in (directory, bucket)]  # fmt: skip

    assert limits == [10 * GB, 10 * GB // 1_000_000]


@pytest.mark.parametrize(("unit", "same"), [(1_000_000, True), (1, True), (1024, False)])
def test_what_s3_gives_back_is_the_same_in_bytes(unit, same):
    store = S3Store(type="s3", bucket="b", quota=Quota(type="used", limit="10g"))
    body = blob_stores.wanted_body("cold", store, NEWEST, revealed)
    limit = body["softQuota"]["limit"] * unit
    quota = {"type": "spaceUsedQuota", "limit": limit}
    stores = {**DEFAULT, "cold": {**body, "type": "S3", "softQuota": quota}}

    changes = planned(seen(blob_stores=stores), repositories={},
                      blob_stores={"cold": store}).changes  # fmt: skip

    assert (changes == ()) is same


def test_another_change_sends_the_limit_that_s3_gave_in_bytes_back_in_mb():
    store = S3Store(type="s3", bucket="b", region="eu")
    body = blob_stores.wanted_body("cold", store.model_copy(update={"region": "us"}), NEWEST,
                                   revealed)  # fmt: skip
    quota = {"type": "spaceUsedQuota", "limit": 5_000_000_000}
    stores = {**DEFAULT, "cold": {**body, "type": "S3", "softQuota": quota}}

    (change,) = planned(seen(blob_stores=stores), repositories={},
                        blob_stores={"cold": store}).changes  # fmt: skip

    assert change.actions[0].body["softQuota"] == {"type": "spaceUsedQuota", "limit": 5000}
