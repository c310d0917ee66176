"""Scenario 22: a certificate whose time is over on the lab's Traefik."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from test_16_certificate import OWN, TAKE_AWAY
from witness import TASKS

pytestmark = [pytest.mark.lab, pytest.mark.long]

_SECONDS = 300
"""How long the certificate lasts: the time to hand it over."""


def _short_lived(folder, known):
    """A certificate that vouches for itself and soon ends; gives the moment."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "short")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName(one) for one in ("nexus.lab", "registry.lab")]
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(seconds=_SECONDS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "own.pem").write_bytes(pem)
    (folder / "own.key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    (folder / "own.key").chmod(0o600)
    (folder / "both.crt").write_bytes(known.read_bytes() + pem)
    return time.time() + _SECONDS


@pytest.mark.scenario(22, "Certificate expired / default cert")
def test_an_expired_certificate_is_a_failure_to_the_doctor_and_a_warning_to_up(
    lab, fab, variant, site_up
):
    inventory = variant()
    plain = inventory.read_text()
    end = _short_lived(inventory.parent, lab.paths.home / "ca.crt")
    try:
        inventory.write_text(re.sub(r"tls: \{ca: .*\}", OWN, plain))
        handed = fab("up", inventory=inventory)
        assert handed.code == 0, handed.text
        inventory.write_text(re.sub(r"tls: \{ca: .*\}", "tls: {ca: both.crt}", plain))
        soon = fab("doctor", inventory=inventory)
        time.sleep(max(0.0, end + 5 - time.time()))
        before = lab.run("manager", TASKS)

        over = fab("doctor", inventory=inventory)
        ran = fab("up", inventory=inventory)
        shown = _asked_by_openssl(lab)
    finally:
        lab.run("manager", TAKE_AWAY)
        lab.wait_ready()

    assert soon.code == 1, soon.text
    assert "0 days left (CN=short, issuer=short" in soon.out
    assert "Certificate will expire" in shown
    assert over.code == 1, over.text
    assert "registry.lab: expired 0 h ago (CN=short, issuer=short" in over.out
    assert ran.code == 0, ran.text
    assert "warning: the certificate of nexus.lab has expired" in ran.out
    assert "push of " in ran.out
    assert lab.run("manager", TASKS) == before


def _asked_by_openssl(lab):
    show = "openssl s_client -connect 10.77.0.11:443 -servername registry.lab </dev/null 2>&1"
    return lab.exec(["sh", "-c", f"{show} | openssl x509 -noout -checkend 0; true"])
