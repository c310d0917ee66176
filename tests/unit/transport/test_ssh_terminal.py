"""A shell on a host with this terminal as its own: keys, sizes, its end, what is left of it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from moorage.errors import Refused
from moorage.transport import terminal

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """\
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from moorage.transport.ssh import SshHost
from moorage.transport.target import Target
from moorage.transport.terminal import interact
host = SshHost(Target("nas", "127.0.0.1", user={user!r}, port={port}, key={key!r},
    ssh_config=Path({config!r}), known_hosts=(Path({known!r}),),
    connect_kwargs={{"allow_agent": False, "look_for_keys": False}}))
with host:
    print("code", interact(host, {command!r}))
"""


class Typing:
    """A program on a terminal of its own, typed to and read as a person would."""

    def __init__(self, program):
        self.fd, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
        self.before = termios.tcgetattr(other)
        self.other = other
        self.text = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], stdin=other, stdout=other, stderr=other,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "", "LINES": ""}, start_new_session=True,
        )  # fmt: skip

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def until(self, words, seconds=20):
        while words not in self.text:
            ready, _, _ = select.select([self.fd], [], [], seconds)
            assert ready, f"{words!r} did not come: {self.text!r}"
            self.text += os.read(self.fd, 65536).decode(errors="replace")
        rest = self.text.partition(words)[2]
        self.text = rest

    def ended(self):
        code = self.process.wait(20)
        after = termios.tcgetattr(self.other)
        os.close(self.fd)
        os.close(self.other)
        return code, after == self.before


@pytest.fixture
def typing(sshd, target):
    def begin(command=""):
        return Typing(PROGRAM.format(
            root=str(ROOT), user=sshd.user, port=sshd.port, key=str(sshd.user_key),
            config=str(target.ssh_config), known=str(sshd.known_hosts), command=command,
        ))  # fmt: skip

    return begin


def test_a_shell_is_typed_to_and_ends_with_its_own_code(typing):
    at = typing("exec sh")
    at.type("stty size; echo $((40 + 2))\n")
    at.until("33 77")
    at.until("42")
    at.type("exit 7\n")
    at.until("code 7")
    assert at.ended() == (0, True)


def test_ctrl_c_is_the_shells_business_and_not_ours(typing):
    at = typing("trap 'echo interrupted' INT; echo ready; sleep 60; echo still here; cat")
    at.until("ready")
    at.type("\x03")
    at.until("interrupted")
    at.until("still here")
    at.type("\x04")
    at.until("code ")
    assert at.ended() == (0, True)


def test_a_long_text_that_is_pasted_comes_whole(typing):
    at = typing("stty -echo -icanon; echo re''ady; head -c 20000 | cksum")
    at.until("ready")
    at.type("x" * 20000)
    expected = subprocess.run(["cksum"], input=b"x" * 20000, capture_output=True, check=True)
    at.until(expected.stdout.decode().split()[0])
    at.until("code 0")
    assert at.ended() == (0, True)


def test_the_windows_new_size_is_told(typing):
    at = typing("exec sh")
    at.type("echo re''ady\n")
    at.until("ready")
    fcntl.ioctl(at.other, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 88, 0, 0))
    at.process.send_signal(28)
    at.type("stty size\n")
    at.until("44 88")
    at.type("exit\n")
    at.until("code 0")
    assert at.ended() == (0, True)


def test_without_a_terminal_it_is_refused_before_anything_is_asked(host, monkeypatch):
    monkeypatch.setattr(terminal, "there_is_one", lambda: False)
    with pytest.raises(Refused, match="no terminal"):
        terminal.interact(host, "sh")
