"""A certificate of one's own on the lab's Traefik, handed over, renewed and taken away again."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

pytestmark = [pytest.mark.lab, pytest.mark.long]

OWN = """tls:
    ca: both.crt
    certificate: own.pem
    key: file:own.key
    service: traefik_traefik"""
TAKE_AWAY = """
label=label=moorage.certificate=registry
set --
for name in $(docker secret ls --filter "$label" --format '{{.Name}}'); do
  set -- "$@" --secret-rm "$name"
done
name=$(docker config ls --filter "$label" --format '{{.Name}}')
docker service update --detach=false -q "$@" --config-rm "$name" traefik_traefik
"""


@pytest.mark.long
@pytest.mark.scenario(35, "Secrets rotated")
def test_traefik_is_handed_a_certificate_and_then_the_renewed_one(lab, fab, variant, site_up):
    inventory = variant()
    inventory.write_text(re.sub(r"tls: \{ca: .*\}", OWN, inventory.read_text()))
    secrets, former = "docker secret ls -q | wc -l", None
    for _ in range(3):
        serial = own_certificate(inventory.parent, lab.paths.home / "ca.crt")
        shown = fab("plan", "--step", "certificate", inventory=inventory)
        assert "update service traefik_traefik" in shown.out, shown.text
        ran = fab("up", inventory=inventory)
        assert ran.code == 0, ran.text
        assert served_serial(lab) == serial
        assert "certificate: no changes" in fab("plan", inventory=inventory).out
        # the former secrets are gone once Traefik has the new ones
        now = int(lab.run("manager", secrets))
        assert now == (former or now)
        former = now
    there = lab.run("manager", "docker secret ls --filter label=moorage.certificate=registry -q")
    assert len(there.split()) == 2

    lab.run("manager", TAKE_AWAY)
    lab.wait_ready()


def own_certificate(folder: Path, known: Path) -> str:
    """A certificate that vouches for itself; gives its serial number."""
    names = "subjectAltName=DNS:nexus.lab,DNS:registry.lab"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=own", "-addext", names, "-out", "own.pem",
         "-keyout", "own.key"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    (folder / "own.key").chmod(0o600)
    (folder / "both.crt").write_text(known.read_text() + (folder / "own.pem").read_text())
    shown = subprocess.run(["openssl", "x509", "-noout", "-serial", "-in", folder / "own.pem"],
                           check=True, capture_output=True, text=True)  # fmt: skip
    return shown.stdout.strip()


def served_serial(lab) -> str:
    show = "openssl s_client -connect registry.lab:443 -servername registry.lab </dev/null 2>&1"
    return lab.exec(["sh", "-c", f"{show} | openssl x509 -noout -serial"]).strip()
