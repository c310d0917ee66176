"""HTTPS through SSH: requests believes it talks to the name, the bytes go through a host."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any, Protocol

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context

_PIECE = 65536
_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of openssl/x509_vfy.h, which Python's ssl has no name for."""
_GONE = (OSError, EOFError)


class Stream(Protocol):
    """A byte stream such as an SSH channel."""

    def recv(self, size: int) -> bytes: ...
    def sendall(self, data: bytes) -> None: ...
    def shutdown_write(self) -> None: ...
    def close(self) -> None: ...


Dial = Callable[[], Stream]


def socket_over(stream: Stream) -> socket.socket:
    """A real socket whose other end is the stream: TLS needs a file descriptor."""
    near, far = socket.socketpair()

    def outwards() -> None:
        try:
            while piece := far.recv(_PIECE):
                stream.sendall(piece)
            stream.shutdown_write()
        except _GONE:
            hang_up()

    def inwards() -> None:
        try:
            while piece := stream.recv(_PIECE):
                far.sendall(piece)
        except _GONE:
            pass
        finally:
            # closing alone would not wake the other thread, nor tell the near end
            with contextlib.suppress(OSError):
                far.shutdown(socket.SHUT_RDWR)
            far.close()
            hang_up()

    def hang_up() -> None:
        # with its whole SSH connection gone, a channel cannot even say that it ends
        with contextlib.suppress(*_GONE):
            stream.close()

    for pump in (outwards, inwards):
        threading.Thread(target=pump, daemon=True).start()
    return near


def _pool_classes(dial: Dial) -> dict[str, Any]:
    class TunnelHTTPConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return socket_over(dial())

    class TunnelHTTPSConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return socket_over(dial())

    class TunnelHTTPPool(HTTPConnectionPool):
        ConnectionCls = TunnelHTTPConnection

    class TunnelHTTPSPool(HTTPSConnectionPool):
        ConnectionCls = TunnelHTTPSConnection

    return {"http": TunnelHTTPPool, "https": TunnelHTTPSPool}


class TunnelAdapter(HTTPAdapter):
    """Sends requests over streams of its own; names, SNI and certificate checks stay as they are.

    Args:
        dial: opens one stream to where the names lead.
        at_any_time: whether a certificate is taken whose time is over; signature and name count.
        options: those of :class:`requests.adapters.HTTPAdapter`.
    """

    def __init__(self, dial: Dial, *, at_any_time: bool = False, **options: Any) -> None:
        self._dial = dial
        self._at_any_time = at_any_time
        super().__init__(**options)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **options: Any
    ) -> None:
        if self._at_any_time:
            options["ssl_context"] = context = create_urllib3_context()
            context.verify_flags |= _NO_CHECK_TIME
        self.poolmanager = PoolManager(
            num_pools=connections, maxsize=maxsize, block=block, **options
        )
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._dial)
