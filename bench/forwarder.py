"""Delay on loopback: a TCP forwarder that holds every byte back for half a round trip.

``python -m bench.forwarder RTT_MS LISTEN=TARGET ...`` serves until it is ended. The kernel here may
lack netem, so the delay is made in user space. A connection is dialled on after one and a half
round trips, which is when a server far away would hear from its client. What it leaves out: the
kernel's own acknowledgements are not delayed, so that a client with Nagle's algorithm waits less
than it would on a real line.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import sys
from collections import deque
from dataclasses import dataclass

_PIECE = 65536


@dataclass(frozen=True)
class Way:
    """From where to where.

    Args:
        listen: address and port that clients use.
        target: address and port of the server.
    """

    listen: tuple[str, int]
    target: tuple[str, int]

    @classmethod
    def parse(cls, text: str) -> Way:
        """Read ``address:port=address:port``."""
        ends = [end.rpartition(":") for end in text.split("=")]
        (near, _, near_port), (far, _, far_port) = ends
        return cls((near, int(near_port)), (far, int(far_port)))


async def _hold(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: socket.socket, delay: float
) -> None:
    """Pass on what comes, each piece ``delay`` seconds after it came, in order."""
    loop = asyncio.get_running_loop()
    waiting: deque[tuple[float, bytes]] = deque()
    more = asyncio.Event()

    async def send() -> None:
        while True:
            while not waiting:
                more.clear()
                await more.wait()
            due, piece = waiting.popleft()
            await asyncio.sleep(max(due - loop.time(), 0))
            if not piece:
                with contextlib.suppress(OSError):
                    writer.write_eof()
                return
            writer.write(piece)

    sender = asyncio.create_task(send())
    piece = b"-"
    while piece:
        try:
            # the kernel takes it back by itself after a while: tcp(7), TCP_QUICKACK
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            piece = await reader.read(_PIECE)
        except OSError:
            piece = b""
        waiting.append((loop.time() + delay, piece))
        more.set()
    await sender


async def _serve(way: Way, rtt: float) -> asyncio.Server:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1.5 * rtt)
        try:
            far_reader, far_writer = await asyncio.open_connection(*way.target)
        except OSError:
            writer.close()
            return
        near, far = (end.get_extra_info("socket") for end in (writer, far_writer))
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.gather(_hold(reader, far_writer, near, rtt / 2),
                             _hold(far_reader, writer, far, rtt / 2))  # fmt: skip
        for end in (writer, far_writer):
            end.close()

    return await asyncio.start_server(connected, *way.listen, backlog=256)


async def serve(ways: list[Way], rtt: float) -> None:
    """Forward until cancelled.

    Args:
        ways: what to forward.
        rtt: round trip time in seconds.

    Raises:
        OSError: an address is in use.
    """
    servers = [await _serve(way, rtt) for way in ways]
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


def main(argv: list[str]) -> None:
    """Run from the command line."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    rtt, *ways = argv
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve([Way.parse(way) for way in ways], float(rtt) / 1000))


if __name__ == "__main__":
    main(sys.argv[1:])
