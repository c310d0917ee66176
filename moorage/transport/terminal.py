"""A program on a host with this terminal as its own.

Fabric's way polls the keyboard and decodes character by character (invoke's ``Runner``), so a
pasted text takes seconds, and the window's size is never told again.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import sys
import termios
import tty
from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import paramiko

from moorage.errors import Refused, Unreachable

_PIECE = 32768


@runtime_checkable
class Opens(Protocol):
    """A host on which a program with a terminal can be begun."""

    name: str

    def channel(self) -> paramiko.Channel: ...
    def lost(self, cause: BaseException) -> Unreachable: ...


def there_is_one() -> bool:
    """Whether this program has a terminal to give away."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def interact(host: Opens, command: str) -> int:
    """Run one line of shell on a host with this terminal; give its exit code.

    Args:
        command: as quoting made it; empty for the account's login shell.

    Raises:
        Refused: there is no terminal here.
        Unreachable: the connection is gone.
    """
    if not there_is_one():
        raise Refused("there is no terminal to give to a shell", hint="run this on a terminal, or "
                      "add --command for one command")  # fmt: skip
    with contextlib.closing(host.channel()) as channel:
        size = shutil.get_terminal_size()
        try:
            channel.get_pty(os.environ.get("TERM", "xterm"), size.columns, size.lines)
            channel.exec_command(command) if command else channel.invoke_shell()
            with _raw(sys.stdin.fileno()), _resized(channel):
                _pump(channel, sys.stdin.fileno(), sys.stdout.fileno())
            code = channel.recv_exit_status()
        except (EOFError, paramiko.SSHException, ConnectionError) as cause:
            raise host.lost(cause) from cause
        if code < 0:
            raise host.lost(EOFError("it ended before the shell did"))
        return code


@contextlib.contextmanager
def _raw(fd: int) -> Iterator[None]:
    """Every key goes to the other end as it is, Ctrl-C too, until the body ends."""
    before = termios.tcgetattr(fd)
    # what was typed ahead is kept
    tty.setraw(fd, termios.TCSADRAIN)
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _resized(channel: paramiko.Channel) -> Iterator[None]:
    """Tell the other end when the window has another size."""

    def tell(_number: int, _frame: object) -> None:
        size = shutil.get_terminal_size()
        with contextlib.suppress(OSError, paramiko.SSHException):
            channel.resize_pty(size.columns, size.lines)

    before = signal.signal(signal.SIGWINCH, tell)
    try:
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)


def _pump(channel: paramiko.Channel, keys: int, screen: int) -> None:
    """Keys there, what is shown here, until the other end has ended."""
    waiting = [channel.fileno(), keys]
    while True:
        ready, _, _ = select.select(waiting, [], [])
        if keys in ready:
            pressed = os.read(keys, _PIECE)
            if pressed:
                channel.sendall(pressed)
            else:
                channel.shutdown_write()
                waiting.remove(keys)
        if channel.fileno() in ready:
            shown = channel.recv(_PIECE)
            if not shown:
                return
            _write(screen, shown)


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
