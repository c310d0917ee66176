"""The private CA: what it signs is taken by TLS itself, its files are safe, and renewal is due."""

from __future__ import annotations

import datetime as dt
import os
import ssl
import stat
import threading

import pytest

from moorage.certificates import files, work
from moorage.certificates.authority import issue, make_authority, signed_by, unlocked
from moorage.config.inventory import load_site
from moorage.config.schema.private_ca import PrivateCa
from moorage.errors import Refused
from moorage.values import Secret

PASSPHRASE = Secret("correct horse")
NAMES = ["registry.lab", "nexus.lab"]
NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def site(root, tmp_path):
    found = load_site("lab", root=root, environ={})
    ca = found.ingress.tls.model_copy(update={"ca": "ca.crt"})
    return found.model_copy(update={
        "private_ca": PrivateCa(passphrase="env:CA_PASSPHRASE"),
        "ingress": found.ingress.model_copy(update={"tls": ca}),
    }).read_from(tmp_path / "site.yml")  # fmt: skip


def handshake(certificate, key, ca, name):
    """Shake hands over a pair of sockets as a client that checks does."""
    import socket

    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    client = ssl.create_default_context(cafile=str(ca))
    here, there = socket.socketpair()

    def serve():
        try:
            server.wrap_socket(there, server_side=True).close()
        except (OSError, ssl.SSLError):
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(here, server_hostname=name) as wrapped:
            return wrapped.getpeercert()["subjectAltName"]
    finally:
        here.close()
        thread.join()


@pytest.mark.parametrize("name", NAMES)
def test_a_client_that_trusts_the_ca_takes_the_certificate(site, tmp_path, name):
    lines = work.create(site, PASSPHRASE)

    shown = handshake(
        tmp_path / "registry.crt", tmp_path / "registry.key", tmp_path / "ca.crt", name
    )

    assert [value for _, value in shown] == NAMES
    assert len(lines) == 4
    assert "correct horse" not in "".join(lines)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(tmp_path / "registry.crt", tmp_path / "registry.key", tmp_path / "ca.crt", "a.b")


def test_all_files_are_their_owners_alone_and_the_ca_key_is_encrypted(site, tmp_path):
    before = os.umask(0)
    work.create(site, PASSPHRASE)
    os.umask(before)

    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert found == dict.fromkeys(("ca.crt", "ca.key", "registry.crt", "registry.key"), 0o600)
    assert b"ENCRYPTED PRIVATE KEY" in (tmp_path / "ca.key").read_bytes()


def test_nothing_is_replaced_without_a_word(site, tmp_path):
    work.create(site, PASSPHRASE)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    for again in (work.create, work.certify):
        with pytest.raises(Refused, match="is there already") as caught:
            again(site, PASSPHRASE)
        assert "--force" in caught.value.hint
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before

    work.certify(site, PASSPHRASE, force=True)
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {
        "registry.crt", "registry.key"
    }  # fmt: skip


def test_another_passphrase_opens_nothing(site):
    work.create(site, PASSPHRASE)

    with pytest.raises(Refused, match="does not open"):
        work.certify(site, Secret("wrong"), force=True)


def test_a_key_that_others_may_read_is_refused(site, tmp_path):
    work.create(site, PASSPHRASE)
    (tmp_path / "ca.key").chmod(0o640)

    with pytest.raises(Refused, match=r"open to others \(mode 0640\)"):
        work.certify(site, PASSPHRASE, force=True)


def test_without_a_ca_there_is_a_way_to_one(site):
    with pytest.raises(Refused) as caught:
        work.certify(site, PASSPHRASE)

    assert "inv ca-create" in caught.value.hint


def test_a_key_of_another_ca_is_refused():
    one, other = (make_authority("CA", PASSPHRASE, days=100, now=NOW) for _ in range(2))

    with pytest.raises(Refused, match="not that of its certificate"):
        unlocked(type(one)(one.certificate, other.key), PASSPHRASE)


def test_nothing_outlives_its_ca():
    authority = make_authority("CA", PASSPHRASE, days=100, now=NOW)

    with pytest.raises(Refused, match="the CA ends"):
        issue(authority, PASSPHRASE, NAMES, days=101, now=NOW)
    pair = issue(authority, PASSPHRASE, NAMES, days=100, now=NOW)
    assert signed_by(pair.certificate, authority.certificate)
    other = make_authority("CA", PASSPHRASE, days=100, now=NOW)
    assert not signed_by(pair.certificate, other.certificate)


def due(site, days=0):
    return work.why_renew(site, NOW + dt.timedelta(days=days))


def test_renewal_is_due_when_few_days_are_left(site):
    work.create(site, PASSPHRASE)

    assert due(site) == ""
    assert due(site, 365 - work.RENEW_DAYS - 2) == ""
    assert "days left" in due(site, 365 - work.RENEW_DAYS + 1)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda folder: (folder / "registry.crt").unlink(), "there is none yet"),
        (lambda folder: (folder / "registry.crt").write_text("x"), "is no certificate"),
        (lambda folder: (folder / "registry.key").write_text("x"), "its key is another's"),
        (lambda folder: (folder / "ca.crt").write_bytes(
            make_authority("CA", PASSPHRASE, days=9, now=NOW).certificate), "the CA is another"),
    ],
)  # fmt: skip
def test_renewal_is_due_when_something_does_not_fit(site, tmp_path, damage, why):
    work.create(site, PASSPHRASE)
    damage(tmp_path)

    assert why in due(site)


def test_renewal_is_due_when_a_name_came(site):
    work.create(site, PASSPHRASE)
    more = site.private_ca.model_copy(update={"names": ["hub.lab"]})

    assert due(site.model_copy(update={"private_ca": more})) == "it is not for hub.lab"


def test_a_write_that_fails_leaves_all_as_it_was(tmp_path):
    (tmp_path / "a").write_text("before")
    (tmp_path / "b").mkdir()

    with pytest.raises(OSError):
        files.write({tmp_path / "b": b"x", tmp_path / "a": b"after"})

    assert (tmp_path / "a").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
