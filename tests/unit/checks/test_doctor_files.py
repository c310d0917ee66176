"""What the doctor says of the CA and of the certificate that are files here."""

from __future__ import annotations

import time

import pytest

from moorage.certificates import work
from moorage.checks.doctor_files import certificate_files
from moorage.config.inventory import load_site
from moorage.config.schema.private_ca import PrivateCa
from moorage.values import Secret

DAY = 86400


@pytest.fixture
def site(root, tmp_path):
    found = load_site("lab", root=root, environ={})
    ca = found.ingress.tls.model_copy(update={"ca": "ca.crt"})
    return found.model_copy(update={
        "private_ca": PrivateCa(passphrase="env:CA_PASSPHRASE"),
        "ingress": found.ingress.model_copy(update={"tls": ca}),
    }).read_from(tmp_path / "site.yml")  # fmt: skip


def said(site, days=0):
    found = certificate_files(site, time.time() + days * DAY)
    return {finding.subject: (finding.level, finding.message, finding.hint) for finding in found}


@pytest.fixture
def made(site):
    work.create(site, Secret("correct horse"))
    return site


def test_a_new_ca_and_its_certificate_are_well(made):
    found = said(made)

    assert [level for level, _, _ in found.values()] == ["ok", "ok"]
    assert "registry.lab private CA: 3649 days left" in found["CA"][1]


@pytest.mark.parametrize(
    ("days", "level"), [(3650 - 22, "ok"), (3650 - 20, "warning"), (3650 - 6, "failure")]
)
def test_a_ca_that_ends_is_told_in_time(made, days, level):
    assert said(made, days)["CA"][0] == level


def test_a_certificate_that_is_due_is_told(made):
    level, message, hint = said(made, 340)["own certificate"]

    assert level == "warning"
    assert "days left" in message
    assert "fab certificate-renew" in hint


def test_what_is_no_ca_is_told(made, tmp_path):
    (tmp_path / "ca.crt").write_bytes((tmp_path / "registry.crt").read_bytes())
    assert said(made)["CA"][:2] == ("warning", f"{tmp_path}/ca.crt: registry.lab is no CA")

    (tmp_path / "ca.crt").write_text("x")
    assert said(made)["CA"][0] == "failure"


def test_a_key_that_others_may_read_is_a_failure(made, tmp_path):
    (tmp_path / "registry.key").chmod(0o644)

    assert said(made)["own certificate"][0] == "failure"


def test_without_files_of_ones_own_there_is_nothing_to_say(site):
    assert said(site.model_copy(update={"private_ca": None})) == {}
