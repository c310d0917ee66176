"""The tasks of the private CA, as an operator runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
PASSPHRASE = "correct horse"
SITE = """\
schema: 1
hosts: {nfs: {nas: {address: 10.0.0.10}}, managers: {swarm1: {address: 10.0.0.11}}}
nexus: {version: 3.94.0, domain: nexus.test}
registry: {domain: registry.test}
storage: {export: /srv/nexus}
ingress: {version: "3.7", tls: {ca: ca.crt}}
private_ca: {passphrase: env:CA_PASSPHRASE}
"""


@pytest.fixture
def run(tmp_path):
    path = tmp_path / "site.yml"
    path.write_text(SITE)

    def ran(program, *words, **env):
        environment = {**os.environ, "CA_PASSPHRASE": PASSPHRASE, **env}
        done = subprocess.run(
            [str(BIN / program), "--search-root", str(ROOT), *words, "--inventory", str(path)],
            env=environment, capture_output=True, text=True, check=False, cwd=tmp_path,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert PASSPHRASE not in done.stdout + done.stderr
        assert "PRIVATE KEY" not in done.stdout + done.stderr
        return done

    return ran


def test_a_ca_is_made_once_and_a_certificate_renewed_when_asked(run, tmp_path):
    made = run("inv", "ca-create")
    assert made.returncode == 0, made.stderr
    assert "registry.crt: the certificate for registry.test, nexus.test, 365 days" in made.stdout

    again = run("inv", "ca-create")
    assert again.returncode == 3
    assert "--force" in again.stderr

    before = (tmp_path / "registry.crt").read_bytes()
    idle = run("fab", "certificate-renew")
    planned = run("fab", "certificate-renew", "--force", "--dry-run")
    unasked = run("fab", "certificate-renew", "--force")
    assert "no changes" in idle.stdout
    assert "~ update certificate for registry.test, nexus.test" in planned.stdout
    assert unasked.returncode == 3
    assert "--yes" in unasked.stderr
    assert (tmp_path / "registry.crt").read_bytes() == before

    renewed = run("fab", "certificate-renew", "--force", "--yes")
    assert renewed.returncode == 0, renewed.stderr
    assert (tmp_path / "registry.crt").read_bytes() != before


def test_a_passphrase_that_is_not_there_is_told_before_anything(run, tmp_path):
    ran = run("inv", "ca-create", CA_PASSPHRASE="")

    assert ran.returncode == 3
    assert "env:CA_PASSPHRASE leads nowhere" in ran.stderr
    assert not (tmp_path / "ca.key").exists()


def test_another_passphrase_signs_nothing(run):
    assert run("inv", "ca-create").returncode == 0

    ran = run("inv", "certificate-issue", "--force", CA_PASSPHRASE="wrong")

    assert ran.returncode == 3
    assert "does not open" in ran.stderr
