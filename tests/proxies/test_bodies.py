"""Layers through real nginx, HAProxy and Caddy: large, in chunks, slow; nothing is kept."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.proxies.nexus import DIGEST, MEBIBYTE, UPLOAD, asked
from tests.proxies.programs import KINDS

pytestmark = pytest.mark.proxies

SIZE = 100
LAYER = f"/v2/team/app/blobs/{DIGEST}"
PAUSE = 65
"""Seconds; nginx' own limits are 60 s."""


def kept(proxy) -> list[Path]:
    """Files that bodies were written to."""
    return [path for path in proxy.home.rglob("*")
            if path.is_file() and path.stat().st_size > MEBIBYTE / 2]  # fmt: skip


@pytest.mark.parametrize("headers", [{}, {"Content-Length": str(SIZE * MEBIBYTE)}],
                         ids=["chunked", "with its length"])  # fmt: skip
def test_a_layer_is_pushed_through_as_it_comes(running, nexus, site_of, kind, headers):
    """Nexus has its beginning before the client sends the rest."""
    site = site_of(nexus.address)
    proxy = running(kind, site)
    before, early = proxy.memory(), []

    def parts():
        yield b"x" * MEBIBYTE
        early.append(nexus.arrived.wait(20))
        for _ in range(SIZE - 1):
            yield b"x" * MEBIBYTE

    answer = asked(site.ingress.port, "PATCH", UPLOAD, parts(), headers)

    assert (answer.status, answer.getheader("X-Size")) == (202, str(SIZE * MEBIBYTE))
    assert early == [True]
    assert kept(proxy) == []
    assert proxy.memory() - before < SIZE * MEBIBYTE / 2


def test_a_layer_is_pulled_through_as_it_comes(running, nexus, site_of, kind):
    """The client has its beginning before Nexus sends the rest."""
    nexus.mebibytes = SIZE
    site = site_of(nexus.address)
    proxy = running(kind, site)
    before = proxy.memory()

    answer = asked(site.ingress.port, "GET", LAYER)
    size = len(answer.read(MEBIBYTE))
    nexus.fetched.set()
    while piece := answer.read(MEBIBYTE):
        size += len(piece)

    assert size == SIZE * MEBIBYTE
    assert kept(proxy) == []
    assert proxy.memory() - before < SIZE * MEBIBYTE / 2


@pytest.mark.long
def test_nobody_minds_pauses(running, nexus, site_of):
    """A client that pauses, a Nexus that works on a layer, and one that reads its disk: longer
    than the usual limits of a minute, all at once.
    """
    nexus.answers_after = PAUSE
    stop, sizes = threading.Event(), {}

    def parts():
        yield b"x" * MEBIBYTE
        stop.wait(PAUSE)
        yield b"x"

    def push(kind, port):
        sizes[kind, "push"] = asked(port, "PATCH", UPLOAD, parts()).getheader("X-Size")

    def pull(kind, port):
        answer = asked(port, "GET", LAYER)
        stop.wait(PAUSE)
        nexus.fetched.set()
        sizes[kind, "pull"] = str(len(answer.read()))

    nexus.patience = PAUSE + 30
    threads = []
    for kind in KINDS:
        site = site_of(nexus.address)
        running(kind, site)
        threads += [threading.Thread(target=work, args=(kind, site.ingress.port), daemon=True)
                    for work in (push, pull)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(3 * PAUSE)

    assert sizes == {
        **{(kind, "push"): str(MEBIBYTE + 1) for kind in KINDS},
        **{(kind, "pull"): str(2 * MEBIBYTE) for kind in KINDS},
    }
