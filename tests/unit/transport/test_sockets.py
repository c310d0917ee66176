"""What makes an SSH handshake quick: packets sent and acknowledged at once."""

from __future__ import annotations

import socket

import pytest

from moorage.transport.sockets import connected_socket

QUICKACK = getattr(socket, "TCP_QUICKACK", None)


@pytest.fixture
def ends():
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = connected_socket("127.0.0.1", server.getsockname()[1], 5)
        far, _ = server.accept()
    yield near, far
    near.close()
    far.close()


def test_small_packets_are_sent_at_once(ends):
    assert ends[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.skipif(QUICKACK is None, reason="this kernel has no TCP_QUICKACK")
def test_packets_are_acknowledged_at_once_after_each_read(ends):
    near, far = ends
    near.setsockopt(socket.IPPROTO_TCP, QUICKACK, 0)
    far.sendall(b"banner")

    assert near.recv(6) == b"banner"
    assert near.getsockopt(socket.IPPROTO_TCP, QUICKACK)


def test_an_end_is_still_an_end(ends):
    near, far = ends
    far.close()

    assert near.recv(6) == b""
