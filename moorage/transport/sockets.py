"""TCP connections that send and acknowledge small packets at once."""

from __future__ import annotations

import socket

_QUICKACK = getattr(socket, "TCP_QUICKACK", None)
"""Linux only, tcp(7); the kernel clears it by itself, so it is set anew after each read."""


class PromptSocket(socket.socket):
    """A TCP socket that neither waits to send nor to acknowledge.

    An SSH handshake is many small packets to and fro. The client's Nagle delay holds back its own,
    and the client's delayed acknowledgement holds back those of a server that has that delay too:
    each such wait is some 40 ms.
    """

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        piece = super().recv(bufsize, flags)
        if _QUICKACK is not None:
            self.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        return piece


def connected_socket(host: str, port: int, timeout: float) -> socket.socket:
    """Connect without the waits of a usual TCP connection; see :class:`PromptSocket`.

    Args:
        host: name or address.
        port: TCP port.
        timeout: seconds until the connection must stand.

    Raises:
        OSError: no connection.
    """
    plain = socket.create_connection((host, port), timeout)
    connection = PromptSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if _QUICKACK is not None:
        connection.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
    connection.settimeout(None)
    return connection
