"""What Nexus keeps outside of the export is in no backup, and the plan says so."""

from __future__ import annotations

import dataclasses

import pytest

from moorage.config.inventory import load_site
from moorage.order_backup import backup_desired


@pytest.fixture
def elsewhere(root, tmp_path):
    def of(lines):
        text = (root / "inventories/lab/site.yml").read_text()
        path = tmp_path / "lab" / "site.yml"
        path.parent.mkdir()
        path.write_text(f"{text}\nbackup: {{to: /srv/backup}}\n".replace(
            "nexus:\n", f"nexus:\n  {lines}\n", 1))  # fmt: skip
        return backup_desired(load_site(str(path), root=root, environ={})).elsewhere

    return of


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("blob_stores: {s: {type: s3, bucket: b}, here: {type: file, path: here}}",
         ("the blob store s",)),
        ("blob_stores: {out: {type: file, path: /mnt/x}, in: {type: file, path: /nexus-data/x}}",
         ("the blob store out",)),
        ("environment: {NEXUS_DATASTORE_NEXUS_JDBCURL: 'jdbc:postgresql://db/nexus'}",
         ("the database",)),
        ("anonymous: true", ()),
    ],
)  # fmt: skip
def test_a_store_or_a_database_elsewhere_is_told(elsewhere, lines, found):
    assert elsewhere(lines) == found


def test_the_plan_of_a_backup_says_so(backup, swarm, out):
    swarm.wanted = dataclasses.replace(swarm.wanted, elsewhere=("the database",))

    backup("2026-01-01T000000Z")

    assert "the database is not in" in out.getvalue()
