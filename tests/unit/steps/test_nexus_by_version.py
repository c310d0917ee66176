"""Every version and edition of Nexus: what each becomes, and what each is not asked for."""

from __future__ import annotations

import pytest
from played_nexus import PlayedNexus, desired, repositories

from moorage.errors import Refused

VERSIONS = [
    ("3.26.0", ""), ("3.38.0", ""), ("3.70.1", ""), ("3.74.0", "PRO"), ("3.77.1", ""),
    ("3.84.0", "PRO"), ("3.84.0", ""), ("3.94.0", "PRO"),
]  # fmt: skip


@pytest.mark.parametrize(("version", "edition"), VERSIONS)
def test_every_version_with_the_api_becomes_a_registry(tmp_path, version, edition):
    played = PlayedNexus(tmp_path / "data", version, edition)
    try:
        wanted = desired(repositories=repositories(), base_url="https://nexus.example.com")
        played.seed(wanted)
        assert played.plan(wanted).empty
        assert played.writes() == []
    finally:
        played.nexus.stop()


def tasks_and_policies():
    from moorage.config.schema.upkeep import CleanupPolicy, CompactBlobStore

    return {
        "cleanup_policies": {"stale": CleanupPolicy(last_downloaded=9)},
        "tasks": {"compact": CompactBlobStore(type="compact-blob-store")},
    }


@pytest.mark.parametrize(
    ("version", "edition", "told"),
    [
        ("3.28.0", "", r"nexus\.cleanup_policies: Nexus 3\.28\.0 has no API"),
        ("3.70.1", "", r"nexus\.tasks\.compact: Nexus 3\.70\.1 \(OSS\) has no API to make"),
        ("3.84.0", "", r"nexus\.tasks\.compact: Nexus 3\.84\.0 \(COMMUNITY\) has no API to make"),
        ("3.84.0", "PRO", None),
        ("3.74.0", "PRO", None),
        ("3.94.0", "", None),
    ],
)
def test_tasks_and_policies_where_the_version_and_edition_have_them(
    tmp_path, version, edition, told
):
    played = PlayedNexus(tmp_path / "data", version, edition)
    wanted = desired(**tasks_and_policies())
    try:
        if told:
            with pytest.raises(Refused, match=told):
                played.plan(wanted)
            assert played.writes() == []
        else:
            played.seed(wanted)
            assert played.plan(wanted).changes == ()
            silent = any("does not tell" in note for note in played.plan(wanted).notes)
            assert silent == (version != "3.94.0")
    finally:
        played.nexus.stop()
