"""What ssh-config's ``ProxyCommand`` makes of a connection, as a socket that knows its end."""

from __future__ import annotations

import contextlib
import shlex
import socket
import subprocess
import tempfile
from typing import IO, Any

from moorage.transport.sockets import connected_socket

_END_SECONDS = 0.5


class ProxiedSocket(socket.socket):
    """One end of a socket whose other end is a program's input and output.

    paramiko's own ``ProxyCommand`` reads pipes and takes their end for silence: it asks again
    without a pause until a timeout, and a program that ended at once is found out only then.
    """

    program: subprocess.Popen[bytes]
    complaints: IO[bytes]

    def why_ended(self) -> str:
        """Why there is no connection, where that is the program's doing; empty where it runs."""
        try:
            code = self.program.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            return ""
        self.complaints.seek(0)
        said = self.complaints.read().decode(errors="replace").split("\n")
        return ": ".join((f"its ProxyCommand ended with {code}", *filter(None, said[-2:])))

    def close(self) -> None:
        super().close()
        self.program.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.program.wait(_END_SECONDS)


def socket_to(connection: Any, timeout: float) -> socket.socket | None:
    """What serves better than the socket that Fabric would make; None through another host.

    Args:
        connection: Fabric's, not yet open.
        timeout: seconds until a TCP connection must stand.

    Raises:
        OSError: there is no connection, or no such program.
        ValueError: as :func:`proxied_socket` does.
    """
    if isinstance(connection.gateway, str):
        return proxied_socket(connection.gateway)
    if connection.gateway:
        return None
    return connected_socket(connection.host, connection.port, timeout)


def proxied_socket(command: str) -> ProxiedSocket:
    """Start a program and connect to it.

    Args:
        command: words as a shell would part them; no shell is asked.

    Raises:
        OSError: the program cannot be started.
        ValueError: its words have a quotation mark without an end.
    """
    near, far = socket.socketpair()
    complaints = tempfile.TemporaryFile()  # noqa: SIM115  closed with the socket
    try:
        with far:
            program = subprocess.Popen(
                shlex.split(command), stdin=far.fileno(), stdout=far.fileno(), stderr=complaints
            )
    except BaseException:
        near.close()
        complaints.close()
        raise
    connection = ProxiedSocket(near.family, near.type, near.proto, fileno=near.detach())
    connection.program, connection.complaints = program, complaints
    return connection
