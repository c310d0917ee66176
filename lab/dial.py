"""Joins standard input and output to a TCP port: the ProxyCommand of the lab's ssh_config.

dial.py HOST PORT: a refused or silent port is tried again for LAB_DIAL_SECONDS (3 without it).
It runs inside the lab's network namespace.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time

_BLOCK = 1 << 18
_ONE_TRY_SECONDS = 1.0
_PAUSE_SECONDS = 0.1


def connect(host: str, port: int, patience: float) -> socket.socket:
    """Open a connection, trying again until `patience` seconds are over.

    Raises:
        OSError: The last try's error.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            link = socket.create_connection((host, port), timeout=_ONE_TRY_SECONDS)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            link.settimeout(None)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return link


def send(link: socket.socket) -> None:
    """Copy standard input to the connection; its end closes only that direction."""
    try:
        while block := os.read(0, _BLOCK):
            link.sendall(block)
        link.shutdown(socket.SHUT_WR)
    except OSError:
        return


def receive(link: socket.socket) -> None:
    """Copy the connection to standard output until the far side has closed it."""
    while block := link.recv(_BLOCK):
        view = memoryview(block)
        while view:
            view = view[os.write(1, view) :]


def main(arguments: list[str]) -> int:
    """Run with the command line's arguments; the exit code is 1 when nothing answers."""
    host, port = arguments[0], int(arguments[1])
    try:
        link = connect(host, port, float(os.environ.get("LAB_DIAL_SECONDS", "3")))
        threading.Thread(target=send, args=(link,), daemon=True).start()
        receive(link)
    except OSError as error:
        print(f"{host}:{port}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    # The other thread may sit in a read that never ends; nothing is left to tidy up.
    os._exit(code)
