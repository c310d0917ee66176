"""Whom Moorage connects to, and who is let in: host keys, logins, closed ports."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

import pytest
from ssh_server import fingerprint_of, make_key

from moorage.errors import HostKeyRefused, Refused, Unreachable
from moorage.quoting import Script

TRUE = Script("do nothing", "true")


def test_a_known_host_is_talked_to(host):
    assert host.read(Script("say hello", "echo hello")) == "hello\n"


def test_an_unknown_key_is_refused_with_its_fingerprint(hosts, sshd, tmp_path):
    empty = tmp_path / "known_hosts"
    empty.touch()

    with pytest.raises(HostKeyRefused) as caught:
        hosts(known_hosts=(empty,)).read(TRUE)

    told = "\n".join(caught.value.lines())
    assert fingerprint_of(sshd.host_key) in told
    assert str(empty) in told
    assert "nas" in told
    assert "--trust-host-keys" in told
    assert caught.value.exit_code == 3


def _connections(port):
    """How many stand from here to a port of this machine."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(line[2].endswith(f":{port:04X}") and line[3] == "01" for line in lines)


def test_a_connection_that_is_refused_is_not_left_standing(hosts, sshd, tmp_path):
    """A server drops others while too many have yet to log in (sshd_config, MaxStartups)."""
    before = _connections(sshd.port)
    refused = hosts(known_hosts=(tmp_path / "absent",))
    with pytest.raises(HostKeyRefused):
        refused.read(TRUE)

    # the kernel takes a moment to end it
    deadline = time.monotonic() + 10
    while _connections(sshd.port) > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _connections(sshd.port) <= before


def test_no_known_hosts_file_at_all_refuses_too(hosts, tmp_path):
    with pytest.raises(HostKeyRefused):
        hosts(known_hosts=(tmp_path / "absent",)).read(TRUE)


def test_a_changed_key_is_refused_with_both_fingerprints_and_its_place(hosts, sshd, tmp_path):
    other = make_key(tmp_path / "other")
    kind, key = (tmp_path / "other.pub").read_text().split()[:2]
    known = tmp_path / "known_hosts"
    known.write_text(f"# first line\n[127.0.0.1]:{sshd.port} {kind} {key}\n")

    with pytest.raises(HostKeyRefused) as caught:
        hosts(known_hosts=(known,)).read(TRUE)

    told = "\n".join(caught.value.lines())
    assert fingerprint_of(other) in told
    assert fingerprint_of(sshd.host_key) in told
    assert f"{known}:2" in told
    assert "has changed" in told


def test_a_hashed_known_hosts_line_counts(hosts, sshd, tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text(sshd.known_hosts.read_text())
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(known)], check=True, capture_output=True)
    assert "127.0.0.1" not in known.read_text()

    assert hosts(known_hosts=(known,)).read(Script("say", "echo in")) == "in\n"


def test_lines_that_mean_nothing_and_lines_of_others_do_no_harm(hosts, sshd, tmp_path):
    known = tmp_path / "known_hosts"
    junk = "\n# a note\nhalf\n|1|no|hash ssh-ed25519 AAAA\n@revoked other ssh-ed25519 AAAA\n"
    real = sshd.known_hosts.read_text()
    known.write_text(f"{junk}{real.split()[0]} ssh-ed25519 not/base64\n\t{real}")

    assert hosts(known_hosts=(known,)).read(Script("say", "echo in")) == "in\n"


def test_the_first_key_of_a_kind_counts(hosts, sshd, tmp_path):
    other = make_key(tmp_path / "other")
    first = tmp_path / "first"
    first.write_text(
        f"{sshd.known_hosts.read_text().split()[0]} {other.with_suffix('.pub').read_text()}"
    )

    with pytest.raises(HostKeyRefused, match="has changed"):
        hosts(known_hosts=(first, sshd.known_hosts)).read(TRUE)


def test_a_key_that_the_host_does_not_know_is_refused(hosts, sshd, tmp_path):
    stranger = make_key(tmp_path / "stranger")

    with pytest.raises(Refused) as caught:
        hosts(key=str(stranger)).read(TRUE)

    assert caught.value.exit_code == 3
    assert "refused the login" in caught.value.message
    assert f"ssh -p {sshd.port}" in caught.value.hint


def test_a_key_file_that_is_not_there_is_refused_and_named(hosts, tmp_path):
    missing = tmp_path / "no-such-key"

    with pytest.raises(Refused) as caught:
        hosts(key=str(missing)).read(TRUE)

    assert str(missing) in caught.value.message


def test_a_locked_key_is_named_as_such(hosts, tmp_path):
    locked = make_key(tmp_path / "locked")
    argv = ["ssh-keygen", "-q", "-p", "-P", "", "-N", "a passphrase", "-f", str(locked)]
    subprocess.run(argv, check=True, capture_output=True)

    with pytest.raises(Refused) as caught:
        hosts(key=str(locked)).read(TRUE)

    assert "passphrase" in caught.value.message
    assert "ssh-add" in caught.value.hint


def test_no_key_at_all_is_a_refused_login_and_not_a_lost_host(hosts):
    with pytest.raises(Refused) as caught:
        hosts(key=None).read(TRUE)

    assert "refused the login" in caught.value.message


def test_a_closed_port_is_unreachable(hosts):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    with pytest.raises(Unreachable) as caught:
        hosts(port=port).read(TRUE)

    assert caught.value.exit_code == 4
    assert f"127.0.0.1:{port}" in caught.value.message
    assert caught.value.host == "nas"


def test_a_name_that_does_not_resolve_is_unreachable(hosts):
    with pytest.raises(Unreachable) as caught:
        hosts(address="no-such-host.invalid").read(TRUE)

    assert "no-such-host.invalid" in caught.value.message


def test_a_port_that_answers_but_speaks_no_ssh_is_unreachable_within_the_timeout(hosts):
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unreachable) as caught:
        hosts(port=silent.getsockname()[1], connect_timeout=1).read(TRUE)
    assert "nas" in caught.value.lines()[0]


def test_a_jump_host_is_gone_through_with_the_same_key(hosts, sshd):
    jump = f"{sshd.user}@127.0.0.1:{sshd.port}"

    assert hosts(jump=jump).read(Script("say", "echo through")) == "through\n"


def test_a_jump_host_with_an_unknown_key_is_refused_too(hosts, sshd, tmp_path):
    """The target is known by another name here, so only the jump host's key is unknown."""
    kind, key = (sshd.folder / "host_key.pub").read_text().split()[:2]
    known = tmp_path / "known_hosts"
    known.write_text(f"[localhost]:{sshd.port} {kind} {key}\n")
    jump = f"{sshd.user}@127.0.0.1:{sshd.port}"

    with pytest.raises(HostKeyRefused) as caught:
        hosts(address="localhost", jump=jump, known_hosts=(known,)).read(TRUE)

    assert "127.0.0.1" in caught.value.message
