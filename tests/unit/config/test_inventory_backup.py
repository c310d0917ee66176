"""What an inventory may say of backups."""

from __future__ import annotations

import pytest

from moorage.config.schema.backup import place
from moorage.errors import InventoryError

LEAST = """
schema: 1
hosts: {nfs: {nas: {address: 10.0.0.10}}, managers: {swarm1: {address: 10.0.0.11}}}
nexus: {version: 3.94.0, domain: nexus.example.com}
registry: {domain: registry.example.com, repositories: {
  p: {type: hosted, port: 8083}, g: {type: group, port: 8082, members: [p]}}}
storage: {export: /srv/nexus}
ingress: {version: "3.7"}
backup:
"""


@pytest.fixture
def backup(site_of):
    return lambda text: site_of(f"{LEAST}  {text}\n").backup


def test_a_number_alone_means_the_newest(backup):
    assert backup("{to: /srv/backup, keep: 3}").keep.last == 3
    assert backup("{to: /srv/backup}").keep.last == 7
    keep = backup("{to: /srv/backup, keep: {daily: 7, weekly: 4}}").keep
    assert (keep.last, keep.daily, keep.weekly, keep.monthly) == (0, 7, 4, 0)


@pytest.mark.parametrize(
    ("text", "kind", "login", "path"),
    [
        ("/srv/backup/", "directory", "", "/srv/backup"),
        ("vault:/srv/backup", "ssh", "vault", "/srv/backup"),
        ("ops@vault.example.com:/srv/b", "ssh", "ops@vault.example.com", "/srv/b"),
        ("ops@[fd00::1]:/srv/b", "ssh", "ops@[fd00::1]", "/srv/b"),
        ("restic:/srv/restic", "restic", "", "/srv/restic"),
        ("restic:sftp:ops@vault:/srv/restic", "restic", "", "sftp:ops@vault:/srv/restic"),
        ("restic:s3:https://s3.example.com/b", "restic", "", "s3:https://s3.example.com/b"),
    ],
)
def test_where_backups_go(text, kind, login, path):
    found = place(text)

    assert (found.kind, found.login, found.path) == (kind, login, path)


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("{to: backup}", "backup.to", "neither a directory"),
        ("{to: /srv/../etc}", "backup.to", "neither a directory"),
        ('{to: "/srv/a b"}', "backup.to", "neither a directory"),
        ('{to: "-oProxyCommand=x:/srv"}', "backup.to", "neither a directory"),
        ('{to: "restic:"}', "backup.to", "names no repository"),
        ("{to: /srv/nexus/backup}", "backup.to", "not to lie in each other"),
        ("{to: /srv}", "backup.to", "not to lie in each other"),
        ("{to: restic:/srv/nexus, password: env:P}", "backup.to", "not to lie in each other"),
        ("{to: restic:/srv/restic}", "backup.password", "what the repository's password is"),
        ("{to: /srv/backup, keep: 0}", "backup.keep", "at least one"),
        ("{to: /srv/backup, keep: {daily: -1}}", "backup.keep.daily", "0"),
        ("{to: /srv/backup, floor: much}", "backup.floor", "not a size"),
        ("{to: /srv/backup, password: secret}", "backup.password", "not accepted here"),
        ("{keep: 3}", "backup.to", ""),
        ("{to: /srv/backup, kept: 3}", "backup.kept", "did you mean keep"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(backup, text, field, words):
    with pytest.raises(InventoryError) as caught:
        backup(text)

    (problem,) = caught.value.problems
    assert problem.field == field
    assert words in problem.message
    assert problem.line >= 9
