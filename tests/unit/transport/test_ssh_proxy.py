"""ssh-config's ProxyCommand: its end is the connection's end, told at once and with its words."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from test_ssh_lost import WAIT, lost

from moorage.errors import Refused, Unreachable
from moorage.quoting import Script

# a program between its input and output and a TCP connection
CARRY = """
import os, socket, sys, threading
there = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
def back():
    while piece := there.recv(65536):
        os.write(1, piece)
    os._exit(0)
threading.Thread(target=back, daemon=True).start()
open(sys.argv[2], "w").write(str(os.getpid()))
while piece := os.read(0, 65536):
    there.sendall(piece)
"""


@pytest.fixture
def through(hosts, tmp_path):
    """A host by a ProxyCommand."""

    def make(command):
        config = tmp_path / "ssh_config"
        config.write_text(f"Host 127.0.0.1\n  ProxyCommand {command}\n")
        return hosts(ssh_config=config)

    return make


@pytest.fixture
def carried(through, tmp_path):
    """One by a program that carries all bytes, and the file with its process number."""
    (tmp_path / "carry.py").write_text(CARRY)
    pid = tmp_path / "pid"
    return through(f"{sys.executable} {tmp_path}/carry.py %p {pid}"), pid


@pytest.fixture
def proxied(target, carried):
    """The same, to the server's own port."""
    host, pid = carried
    config = host._target.ssh_config
    config.write_text(config.read_text().replace("%p", str(target.port)))
    return host, pid


def test_commands_go_through_it(proxied):
    host, _ = proxied
    assert host.read(Script("say", "echo said")) == "said\n"
    big = host.read(Script("much", "head -c 3000000 /dev/zero | tr '\\0' x"))
    assert len(big) == 3_000_000


def test_it_is_ended_with_the_connection(proxied):
    host, pid = proxied
    host.open()
    program = int(pid.read_text())

    host.close()

    deadline = time.monotonic() + 10
    while _runs(program):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_its_end_is_the_connections_and_takes_no_time_of_the_processor(proxied):
    host, pid = proxied
    host.open()
    before = time.process_time()
    threading.Timer(0.5, os.kill, (int(pid.read_text()), signal.SIGKILL)).start()
    failure = lost(lambda: host.change(WAIT))

    assert "the SSH connection was lost" in failure.message
    assert time.process_time() - before < 5


def test_one_that_ends_at_once_is_told_with_its_last_words(through):
    host = through("sh -c 'echo no route to the bastion >&2; exit 7'")

    with pytest.raises(Unreachable) as caught:
        host.open()

    assert caught.value.message.endswith("its ProxyCommand ended with 7: no route to the bastion")
    assert "ssh-config" in caught.value.hint


def test_a_program_that_is_not_there_is_named(through):
    with pytest.raises(Unreachable, match="no-such-program"):
        through("no-such-program %h %p").open()


def test_words_that_cannot_be_parted_are_told(through):
    with pytest.raises(Refused, match="No closing quotation"):
        through("sh -c 'exit").open()


def test_where_nothing_answers_behind_it_that_is_what_is_told(hosts, tmp_path):
    config = tmp_path / "ssh_config"
    config.write_text("Host 127.0.0.1\n  ProxyCommand sleep 30\n")

    with pytest.raises(Unreachable) as caught:
        hosts(ssh_config=config, connect_timeout=1).open()

    assert "no SSH server answers there" in caught.value.message
    assert "ended with" not in caught.value.message


def test_ctrl_c_is_not_its_business(proxied):
    """There may be something to put right through it."""
    host, pid = proxied
    host.open()

    os.kill(int(pid.read_text()), signal.SIGINT)
    os.kill(int(pid.read_text()), signal.SIGHUP)

    assert host.read(Script("say", "echo said")) == "said\n"


def test_a_jump_host_may_have_one_too(hosts, tmp_path):
    config = tmp_path / "ssh_config"
    config.write_text("Host bastion\n  ProxyCommand sh -c 'echo no way >&2; exit 9'\n")

    with pytest.raises(Unreachable, match="its ProxyCommand ended with 9: no way"):
        hosts(ssh_config=config, jump="bastion").open()
