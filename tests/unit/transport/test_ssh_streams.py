"""Images go through SSH as streams: whole, with their failure told, and without end when lost."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from moorage.errors import CommandFailed, Unreachable

PIECE = os.urandom(2**20)
SIZE = 20


def pieces() -> Iterator[bytes]:
    for _ in range(SIZE):
        yield PIECE


def test_twenty_megabytes_are_fed_whole(host):
    expected = hashlib.sha256(PIECE * SIZE).hexdigest()

    assert host.feed(["sha256sum"], pieces()).split()[0] == expected


def test_twenty_megabytes_come_out_whole(host, tmp_path):
    file = tmp_path / "image.tar"
    file.write_bytes(PIECE * SIZE)

    seen = hashlib.sha256()
    for piece in host.output(["cat", str(file)]).pieces():
        seen.update(piece)

    assert seen.hexdigest() == hashlib.sha256(PIECE * SIZE).hexdigest()


def test_from_one_host_to_another_without_a_copy_between(hosts, tmp_path):
    file = tmp_path / "image.tar"
    file.write_bytes(PIECE * SIZE)
    source, sink = hosts(name="manager"), hosts(name="worker")

    told = sink.feed(["sha256sum"], source.output(["cat", str(file)]).pieces())

    assert told.split()[0] == hashlib.sha256(PIECE * SIZE).hexdigest()


def test_arguments_reach_the_program_as_they_are(host):
    awkward = "a b'c\"d $HOME `id` \\ ; | & \u00e9"

    said = b"".join(host.output(["printf", "%s|%s", awkward, "-n"]).pieces())

    assert said.decode() == f"{awkward}|-n"


def test_a_source_that_breaks_off_is_no_end(host):
    output = host.output(["sh", "-c", "echo half; echo disk gone >&2; exit 3"])

    with pytest.raises(CommandFailed) as caught:
        list(output.pieces())

    assert caught.value.exit_code_seen == 3
    assert "| disk gone" in caught.value.lines()[2]
    assert caught.value.host == "nas"


def test_a_sink_that_refuses_says_why(host):
    argv = ["sh", "-c", "head -c 10 >/dev/null; echo no space left >&2; exit 1"]

    with pytest.raises(CommandFailed) as caught:
        host.feed(argv, pieces())

    assert "no space left" in caught.value.output


def test_a_sink_that_ends_early_is_not_fed_for_ever(host):
    taken = []

    def endless() -> Iterator[bytes]:
        while True:
            taken.append(1)
            yield PIECE

    with pytest.raises(CommandFailed):
        host.feed(["sh", "-c", "exit 5"], endless())
    assert len(taken) < 100


def _after_a_moment(sshd, number: signal.Signals) -> threading.Thread:
    def strike() -> None:
        time.sleep(0.3)
        sshd.signal_sessions(number)

    thread = threading.Thread(target=strike)
    thread.start()
    return thread


def test_a_feed_whose_server_dies_is_unreachable(hosts, sshd):
    host = hosts()

    def slow() -> Iterator[bytes]:
        while True:
            time.sleep(0.01)
            yield PIECE[:1000]

    assert host.user
    thread = _after_a_moment(sshd, signal.SIGKILL)
    with pytest.raises(Unreachable) as caught:
        host.feed(["cat"], slow())
    thread.join()
    assert caught.value.host == "nas"


def test_an_output_whose_server_dies_is_unreachable_and_no_short_image(hosts, sshd):
    host = hosts()
    assert host.user
    thread = _after_a_moment(sshd, signal.SIGKILL)
    with pytest.raises(Unreachable):
        list(host.output(["sh", "-c", "echo first; sleep 60"]).pieces())
    thread.join()
