"""What ssh-config's ``ProxyCommand`` makes of a connection, as a socket that knows its end."""

from __future__ import annotations

import contextlib
import select
import shlex
import socket
import subprocess
import tempfile
from typing import IO, Any

from moorage.errors import Refused
from moorage.transport.sockets import connected_socket

_END_SECONDS = 0.5


class ProxiedSocket(socket.socket):
    """One end of a socket whose other end is a program's input and output.

    paramiko's own ``ProxyCommand`` reads pipes and takes their end for silence: it asks again
    without a pause until a timeout, and a program that ended at once is found out only then.
    """

    program: subprocess.Popen[bytes]
    complaints: IO[bytes]
    ended_by_us = False

    def why_ended(self) -> str:
        """Why there is no connection, where the program ended by itself; empty where it did not."""
        if self.ended_by_us:
            return ""
        try:
            code = self.program.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            return ""
        self.complaints.seek(0)
        lines = self.complaints.read().decode(errors="replace").splitlines()
        said = [line.strip() for line in lines if line.strip()][-1:]
        return ": ".join((f"its ProxyCommand ended with {code}", *said))

    def close(self) -> None:
        if self.fileno() != -1:
            self.ended_by_us = not self._at_end()
        super().close()
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self.program.terminate()
            self.program.wait(_END_SECONDS)

    def _at_end(self) -> bool:
        """Whether the program has closed its end."""
        waiting = select.poll()
        waiting.register(self, select.POLLIN)
        with contextlib.suppress(OSError):
            return bool(waiting.poll(0)) and not self.recv(1, socket.MSG_PEEK)
        return True


def prepare(connection: Any, timeout: float) -> socket.socket | None:
    """Give a connection, or what it goes through, a socket that serves better than Fabric's.

    Args:
        connection: Fabric's, not yet open.
        timeout: seconds until a TCP connection must stand.

    Returns:
        The socket, to be closed where nothing comes of the connection; None where it goes
        through a host that is reached directly.

    Raises:
        OSError: there is no connection.
        Refused: the words of a ``ProxyCommand`` cannot be parted.
    """
    first = connection
    while first.gateway and not isinstance(first.gateway, str):
        first = first.gateway
    made: socket.socket
    if first.gateway:
        made = proxied_socket(first.gateway)
        first.gateway = False
    elif first is connection:
        made = connected_socket(first.host, first.port, timeout)
    else:
        return None
    first.connect_kwargs = {**first.connect_kwargs, "sock": made}
    return made


def proxied_socket(command: str) -> ProxiedSocket:
    """Start a program and connect to it.

    It is spared Ctrl-C and a terminal's hanging up, after which there is still something to put
    right through it; it ends with the connection.

    Args:
        command: words as a shell would part them; no shell is asked what they mean.

    Raises:
        Refused: its words have a quotation mark without an end.
    """
    try:
        words = ["sh", "-c", 'trap "" INT HUP; exec "$@"', "sh", *shlex.split(command)]
    except ValueError as cause:
        raise Refused(f"the ProxyCommand {command} cannot be read: {cause}",
                      hint="correct it in ssh-config") from cause  # fmt: skip
    near, far = socket.socketpair()
    complaints = tempfile.TemporaryFile()  # noqa: SIM115  closed with the socket
    try:
        with far:
            program = subprocess.Popen(
                words, stdin=far.fileno(), stdout=far.fileno(), stderr=complaints
            )
    except BaseException:
        near.close()
        complaints.close()
        raise
    connection = ProxiedSocket(near.family, near.type, near.proto, fileno=near.detach())
    connection.program, connection.complaints = program, complaints
    return connection
