"""Host keys are learned after a yes only, from real SSH servers on loopback."""

import contextlib
import socket
import threading

import paramiko
import pytest

from moorage.checks.doctor import examine, trust_host_keys
from moorage.errors import HostKeyRefused, Refused
from moorage.quoting import Script
from moorage.transport.fleet import Fleet
from moorage.transport.hostkeys import fingerprint

_KNOCK = Script("knock", ":")


class _Nobody(paramiko.ServerInterface):
    def get_allowed_auths(self, username):
        return "publickey"


class SshServer:
    """Shows its host key and lets nobody in."""

    def __init__(self, key):
        self.key = key
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
                transport = paramiko.Transport(connection)
                transport.add_server_key(self.key)
                transport.start_server(server=_Nobody(), event=threading.Event())
            except (OSError, paramiko.SSHException):
                return

    def close(self):
        self._listener.close()


@pytest.fixture(scope="module")
def keys():
    return [paramiko.ECDSAKey.generate() for _ in range(2)]


@pytest.fixture
def world(site, keys, tmp_path):
    """A site whose three hosts are one SSH server, and a file for its key."""
    known = tmp_path / "ssh" / "known_hosts"
    (tmp_path / "config").write_text("")
    with contextlib.closing(SshServer(keys[0])) as server:
        host = {"address": "127.0.0.1", "port": server.port}
        wanted = site(
            hosts={"nfs": {"nas": host}, "managers": {"swarm1": host}, "nodes": {"swarm2": host}},
            ssh={
                "known_hosts": [str(known), str(tmp_path / "second")],
                "config": str(tmp_path / "config"), "user": "ops", "connect_timeout": "5s",
            },
        )  # fmt: skip
        with Fleet(wanted, connect_kwargs={"allow_agent": False, "look_for_keys": False}) as fleet:
            yield wanted, fleet, known, server


def test_a_yes_keeps_the_key_and_asks_once(world, keys):
    site, fleet, known, server = world
    questions = []
    lines = trust_host_keys(site, fleet, lambda question: not questions.append(question))
    assert len(questions) == 1
    assert f"[127.0.0.1]:{server.port}" in questions[0]
    assert fingerprint(keys[0]) in questions[0]
    assert keys[0].get_name() in questions[0]
    kept = f"[127.0.0.1]:{server.port} {keys[0].get_name()} {keys[0].get_base64()}\n"
    assert known.read_text() == kept
    assert [line.partition(":")[0] for line in lines] == ["nas", "swarm1", "swarm2"]
    # the login is refused, and that is no matter of host keys any more
    with pytest.raises(Refused, match="refused the login"):
        fleet.host("nas").read(_KNOCK)
    assert not [line for line in trust_host_keys(site, fleet, _never) if "is known" not in line]


def _never(question):
    raise AssertionError(question)


def test_a_no_keeps_nothing(world):
    site, fleet, known, _ = world
    lines = trust_host_keys(site, fleet, lambda _: False)
    assert not known.exists()
    assert all("not trusted" in line for line in lines)
    with pytest.raises(HostKeyRefused):
        fleet.host("nas").read(_KNOCK)


def test_a_changed_key_is_never_touched(world, keys):
    site, fleet, known, server = world
    known.parent.mkdir()
    known.write_text(f"[127.0.0.1]:{server.port} {keys[1].get_name()} {keys[1].get_base64()}\n")
    before = known.read_bytes()
    lines = trust_host_keys(site, fleet, _never)
    assert known.read_bytes() == before
    assert all("has changed" in line for line in lines)
    assert all(fingerprint(keys[1]) in line and fingerprint(keys[0]) in line for line in lines)


def test_a_line_without_its_end_is_not_run_together(world):
    site, fleet, known, _ = world
    known.parent.mkdir()
    known.write_text("# my hosts")
    trust_host_keys(site, fleet, lambda _: True)
    assert known.read_text().startswith("# my hosts\n[127.0.0.1]:")


def test_a_host_that_is_away_is_told_and_nothing_asked(world):
    site, fleet, known, server = world
    server.close()
    lines = trust_host_keys(site, fleet, _never)
    assert len(lines) == 3
    assert all("not reached" in line for line in lines)
    assert not known.exists()


def test_no_file_to_keep_keys_in_is_refused(world, site):
    wanted, _, _, _ = world
    empty = wanted.model_copy(update={"ssh": wanted.ssh.model_copy(update={"known_hosts": []})})
    with Fleet(empty.read_from(wanted.path)) as fleet, pytest.raises(Refused, match="no file"):
        trust_host_keys(empty, fleet, lambda _: True)


def test_an_unknown_key_is_the_finding_of_that_host(world):
    site, fleet, _, _ = world
    findings = examine(site, fleet, ["nas"], lambda _: None)
    assert [(one.level, one.host, one.subject) for one in findings] == [
        ("failure", "nas", "host key")
    ]
    assert "--trust-host-keys" in findings[0].hint
