"""One command on an SSH channel: stdin, stdout and stderr at full speed, within a deadline.

Fabric's own way feeds stdin at some hundred characters a second (invoke issue 774).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import paramiko

from moorage.errors import CommandFailed, Refused, SudoRefused
from moorage.quoting import Script, plain_bytes
from moorage.transport.base import Result
from moorage.values import Secret

SUDO_PROMPT = "moorage sudo password:"
_PIECE = 32768
_READY = b"ready\n"
_READY_SECONDS = 30.0
_POLL_SECONDS = 0.005
_LOOK_SECONDS = 1.0
"""How often a command that says nothing is looked at."""


@dataclass
class Dialogue:
    """What is said to a command on its stdin.

    Args:
        text: the whole of stdin.
        prompt: text on stderr after which ``answer`` is sent first, once.
        answer: the secret that the prompt asks for.
        go_ahead: text on stdout that must come before ``text`` is sent; not part of the output.
    """

    text: bytes
    prompt: str = ""
    answer: Secret | None = None
    go_ahead: str = ""


class _Bell(threading.Event):
    """Rings when anything has come, on stdout or stderr.

    Both of paramiko's pipes clear their event when they have been read empty: with one event for
    both, that would lose what came on the other meanwhile. So only the listener silences it.
    """

    def clear(self) -> None:
        pass

    def silence(self) -> None:
        super().clear()


class CutShortError(TimeoutError):
    """A command had not ended at its deadline.

    Args:
        stdout: what it had printed by then.
    """

    def __init__(self, stdout: str) -> None:
        super().__init__("no end before the deadline")
        self.stdout = stdout


class _Conversation:
    def __init__(self, channel: paramiko.Channel, dialogue: Dialogue) -> None:
        self.bell = _Bell()
        channel.in_buffer.set_event(self.bell)
        channel.in_stderr_buffer.set_event(self.bell)
        self.channel = channel
        self.dialogue = dialogue
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.sent = 0
        self.prompts = 0
        self.closed_stdin = False

    def step(self) -> bool:
        """Move whatever can be moved; whether anything was."""
        moved = self.collect()
        return self._speak() or moved

    def wait(self, seconds: float) -> None:
        """Until something has come, or the command has ended, or so long."""
        if self.channel.eof_received:
            self.channel.status_event.wait(min(seconds, _LOOK_SECONDS))
        elif self.closed_stdin or self.dialogue.go_ahead:
            self.bell.wait(min(seconds, _LOOK_SECONDS))
        else:
            # only the window for stdin is waited for, which rings no bell
            time.sleep(_POLL_SECONDS)

    def collect(self) -> bool:
        """Take what has come; whether anything had."""
        before = len(self.stdout) + len(self.stderr)
        self.bell.silence()
        while self.channel.recv_ready():
            self.stdout += self.channel.recv(_PIECE)
        while self.channel.recv_stderr_ready():
            self.stderr += self.channel.recv_stderr(_PIECE)
        return len(self.stdout) + len(self.stderr) > before

    def _speak(self) -> bool:
        if self.dialogue.go_ahead and not self.go_ahead():
            return False
        if self.sent < len(self.dialogue.text):
            if not self.channel.send_ready():
                return False
            self.sent += self.channel.send(self.dialogue.text[self.sent : self.sent + _PIECE])
            return True
        if not self.closed_stdin:
            self.channel.shutdown_write()
            self.closed_stdin = True
            return True
        return False

    def go_ahead(self) -> bool:
        """Answer the prompt where it was shown; whether the go-ahead has come.

        Raises:
            Refused: the answer was not taken; it is not given twice.
        """
        word = self.dialogue.go_ahead.encode()
        if self.stdout.startswith(word):
            del self.stdout[: len(word)]
            self.dialogue.go_ahead = ""
            return True
        asked = self.stderr.count(self.dialogue.prompt.encode())
        if asked > self.prompts:
            self.prompts = asked
            if asked > 1 or self.dialogue.answer is None:
                raise SudoRefused(
                    "sudo did not take the password",
                    hint="one attempt was made; check the password of this account",
                )
            self.channel.sendall(plain_bytes(self.dialogue.answer) + b"\n")
        return False


def run_on_channel(
    channel: paramiko.Channel, command: str, dialogue: Dialogue, deadline: float
) -> Result:
    """Run one command to its end.

    Args:
        command: one line of shell, as quoting made it.
        dialogue: what goes to its stdin.
        deadline: on the clock of ``time.monotonic()``, in seconds.

    Raises:
        CutShortError: no end before the deadline.
        EOFError: the connection is gone.
    """
    channel.exec_command(command)
    channel.settimeout(max(deadline - time.monotonic(), 1))
    talk = _Conversation(channel, dialogue)
    while not (channel.status_event.is_set() and channel.eof_received):
        left = deadline - time.monotonic()
        if left <= 0:
            raise CutShortError(talk.stdout.decode(errors="replace"))
        if not talk.step():
            if channel.closed:
                break
            talk.wait(left)
    talk.collect()
    if not channel.status_event.is_set() or channel.exit_status == -1:
        raise EOFError("it ended before the command did")
    stderr = talk.stderr.decode(errors="replace").replace(dialogue.prompt or "\0", "")
    return Result(channel.exit_status, talk.stdout.decode(errors="replace"), stderr)


def answer_prompt(
    channel: paramiko.Channel, prompt: str, answer: Secret, go_ahead: str, host: str
) -> None:
    """Give sudo its password, once, and wait until the command itself begins.

    Not a byte of what the command prints after the go-ahead is taken from the channel.

    Raises:
        Refused: sudo asked twice, or ended.
    """
    talk = _Conversation(channel, Dialogue(b"", prompt, answer, go_ahead))
    while talk.dialogue.go_ahead:
        missing = len(go_ahead) - len(talk.stdout)
        if channel.recv_ready():
            talk.stdout += channel.recv(missing)
        elif channel.recv_stderr_ready():
            talk.stderr += channel.recv_stderr(_PIECE)
        elif channel.closed or channel.status_event.is_set():
            raise Refused(f"sudo refused: {talk.stderr.decode(errors='replace')}", host=host)
        else:
            time.sleep(_POLL_SECONDS)
        talk.go_ahead()


def await_ready(channel: paramiko.Channel, script: Script) -> paramiko.Channel:
    """Give a script to a started shell, and wait until it says ``ready``; not a byte more is taken.

    Raises:
        ConnectionRefusedError: it does not say so.
    """
    try:
        channel.settimeout(_READY_SECONDS)
        channel.sendall(script.text().encode())
        said = b""
        while not said.endswith(_READY):
            piece = channel.recv(1)
            if not piece:
                raise ConnectionRefusedError(f"could not {script.summary}")
            said += piece
        channel.settimeout(None)
    except OSError:
        channel.close()
        raise
    return channel


def feed_channel(channel: paramiko.Channel, pieces: Iterator[bytes]) -> Result:
    """Send all pieces to a started command's stdin; give how it ended.

    Raises:
        EOFError: the connection is gone.
    """
    for piece in pieces:
        if channel.exit_status_ready():
            break
        try:
            channel.sendall(piece)
        except OSError:
            # it has ended already, or the connection has: what follows tells which
            break
    channel.shutdown_write()
    stdout, stderr = channel.makefile("rb").read(), channel.makefile_stderr("rb").read()
    code = _ended(channel)
    return Result(code, stdout.decode(errors="replace"), stderr.decode(errors="replace"))


def _ended(channel: paramiko.Channel) -> int:
    """The exit code of a command that has ended.

    Raises:
        EOFError: it has none, since the connection is gone.
    """
    code = channel.recv_exit_status()
    if code < 0:
        raise EOFError("it ended before the command did")
    return code


class ChannelOutput:
    """The stdout of a started command, piece by piece.

    Args:
        channel: where it was started.
        command: what was started, as one line.
        host: inventory name of the host.
        lost: makes the failure to raise when the connection is gone.
        ended: hears its exit code.
    """

    def __init__(
        self,
        channel: paramiko.Channel,
        command: str,
        host: str,
        lost: Callable[[Exception], Exception],
        ended: Callable[[int], None],
    ) -> None:
        self._channel = channel
        self._command = command
        self._host = host
        self._lost = lost
        self._told_end = ended

    def pieces(self) -> Iterator[bytes]:
        while piece := self._channel.recv(_PIECE * 8):
            yield piece
        stderr = self._channel.makefile_stderr("rb").read().decode(errors="replace")
        try:
            code = _ended(self._channel)
        except EOFError as cause:
            raise self._lost(cause) from cause
        self._channel.close()
        self._told_end(code)
        if code:
            raise CommandFailed(
                "the command broke off", command=self._command, exit_code_seen=code,
                output=stderr, host=self._host,
            )  # fmt: skip
