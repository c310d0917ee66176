"""What a host prints over a long time, read as it comes; and its end when nobody reads any more."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import paramiko

from moorage.errors import CommandFailed, Unreachable
from moorage.quoting import Script

_PIECE = 32768
# stdin stays open while somebody reads; its end ends everything of this script, whatever it waits
# for: sshd tells a command without a terminal by nothing else that its reader is gone
_WATCHED = """
exec 3<&0
( cat <&3 >/dev/null; kill -TERM 0 ) >/dev/null 2>&1 &
moorage_watch=$!
(
%s
) </dev/null 3<&-
moorage_code=$?
kill "$moorage_watch" 2>/dev/null
exit "$moorage_code"
"""


@runtime_checkable
class Starts(Protocol):
    """A host on which a command can be begun."""

    name: str

    def start(self, argv: Sequence[str]) -> paramiko.Channel: ...
    def lost(self, cause: BaseException) -> Unreachable: ...


@contextlib.contextmanager
def streamed(host: Starts, script: Script) -> Iterator[Iterator[bytes]]:
    """Begin a script; gives the pieces of its stdout as they come.

    When the body ends, however, the script and all that it started on the host end too.

    Raises:
        CommandFailed: while the pieces are read: it ended with another exit code than 0.
        Unreachable: likewise: the connection is gone.
    """
    watched = Script(script.summary, _WATCHED % script.body, script.variables, script.command)
    with contextlib.closing(host.start(["sh", "-s"])) as channel:
        channel.sendall(watched.text().encode())
        yield _pieces(host, channel, watched)


def _pieces(host: Starts, channel: paramiko.Channel, script: Script) -> Iterator[bytes]:
    try:
        while piece := channel.recv(_PIECE):
            yield piece
        stderr = channel.makefile_stderr("rb").read().decode(errors="replace")
        code = channel.recv_exit_status()
    except (OSError, EOFError, paramiko.SSHException) as cause:
        raise host.lost(cause) from cause
    if code < 0:
        raise host.lost(EOFError("it ended before the command did"))
    if code:
        raise CommandFailed(
            f"could not {script.summary}", command=script.command, exit_code_seen=code,
            output=script.without_secrets(stderr), host=host.name,
        )  # fmt: skip


def lines(pieces: Iterator[bytes]) -> Iterator[str]:
    """Whole lines of what comes in pieces, without their ends; the last may have none."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode(errors="replace") for line in whole)
    if rest:
        yield rest.decode(errors="replace")
