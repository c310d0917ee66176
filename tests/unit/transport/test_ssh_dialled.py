"""A connection that is begun before it is needed is told of when it is used, and only then."""

from __future__ import annotations

import socket
import threading

import pytest

from moorage.errors import HostKeyRefused, Unreachable
from moorage.quoting import Script
from moorage.transport.dialled import Dialled

SAY = Script("say it", "echo said")


def test_what_was_dialled_is_used_and_not_made_anew(hosts, monkeypatch):
    host = hosts()
    connect, made = host._connect, []

    def counted():
        made.append(connect())
        return made[-1]

    monkeypatch.setattr(host, "_connect", counted)
    host.dial()
    assert host.read(SAY) == "said\n"
    assert len(made) == 1


def test_a_refused_key_is_told_by_the_first_use(hosts, tmp_path):
    host = hosts(known_hosts=(tmp_path / "none",))
    host.dial()
    with pytest.raises(HostKeyRefused):
        host.open()


def test_what_came_in_the_way_is_told_once_and_the_next_use_tries_again(hosts, target):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = hosts(port=taken.getsockname()[1])
        host.dial()
        with pytest.raises(Unreachable):
            host.open()
    object.__setattr__(host._target, "port", target.port)
    assert host.read(SAY) == "said\n"


def test_a_connection_that_stands_after_the_end_is_closed():
    go_on, closed = threading.Event(), threading.Event()

    class Late:
        def close(self) -> None:
            closed.set()

    def connect() -> Late:
        go_on.wait()
        return Late()

    dialled = Dialled(connect)
    dialled.hang_up()
    assert not closed.is_set()
    go_on.set()
    assert closed.wait(10)


def test_a_failure_after_the_end_is_nobodys_concern():
    def connect() -> None:
        raise Unreachable("late")

    Dialled(connect).hang_up()
