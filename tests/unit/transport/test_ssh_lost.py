"""A connection that is lost ends in a clear failure, and the next command begins anew."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from moorage.errors import Unreachable
from moorage.quoting import Script
from moorage.transport import heartbeat, ssh

WAIT = Script("wait", "sleep 60")
HANGS_SECONDS = 30


def lost(work) -> Unreachable:
    """The failure that ``work`` ends with; it fails the test, and not the whole run, by hanging."""
    found = []

    def attempt() -> None:
        try:
            work()
        except Exception as failure:  # noqa: BLE001
            found.append(failure)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(HANGS_SECONDS)
    assert not thread.is_alive(), "it hangs"
    (failure,) = found
    assert isinstance(failure, Unreachable), failure
    return failure


@pytest.fixture
def host(hosts):
    """One of its own, since it is to be lost."""
    return hosts()


@pytest.fixture
def strike(sshd) -> Iterator[object]:
    """Hit the server's sessions with a signal in a moment; stopped ones go on afterwards."""
    threads = []

    def begin(number: signal.Signals, once: Path | None = None) -> None:
        def hit() -> None:
            time.sleep(0.3)
            while once and not once.exists():
                time.sleep(0.1)
            assert sshd.signal_sessions(number)

        threads.append(threading.Thread(target=hit))
        threads[-1].start()

    yield begin
    for thread in threads:
        thread.join()
    sshd.signal_sessions(signal.SIGCONT)


def test_a_server_that_is_killed_in_the_middle_is_unreachable(host, strike):
    assert host.user
    strike(signal.SIGKILL)

    failure = lost(lambda: host.change(WAIT))

    assert "was lost" in failure.message
    assert "run the same command again" in failure.hint
    assert failure.exit_code == 4


def test_the_next_command_opens_a_new_connection(host, strike):
    assert host.user
    strike(signal.SIGKILL)
    lost(lambda: host.change(WAIT))

    assert host.read(Script("say", "echo back")) == "back\n"


@pytest.fixture
def impatient(monkeypatch) -> None:
    """The same watch over silent hosts, with seconds in place of a minute."""
    monkeypatch.setattr(heartbeat, "_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(heartbeat, "SILENCE_SECONDS", 0.6)


def test_a_host_that_falls_silent_is_told_from_a_slow_command(impatient, host, strike):
    assert host.read(Script("be slow", "sleep 1; echo done")) == "done\n"
    strike(signal.SIGSTOP)

    failure = lost(lambda: host.read(WAIT))

    assert "has fallen silent" in failure.message


def test_a_feed_to_a_host_that_falls_silent_ends(impatient, host, strike):
    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(2**16)

    assert host.user
    strike(signal.SIGSTOP)
    lost(lambda: host.feed(["sh", "-c", "cat >/dev/null"], endless()))


def test_an_output_of_a_host_that_falls_silent_ends(impatient, host, strike):
    assert host.user
    strike(signal.SIGSTOP)

    lost(lambda: list(host.output(["sleep", "60"]).pieces()))


def test_a_shell_that_is_killed_is_no_success(host):
    lost(lambda: host.change(Script("die", "kill -9 $$")))


def test_what_only_reads_is_asked_once_more(host, strike, tmp_path, monkeypatch):
    monkeypatch.setattr(ssh, "_BACK_OFF_SECONDS", 0.1)
    seen = tmp_path / "seen"
    assert host.user
    strike(signal.SIGKILL, once=seen)

    said = host.read(
        Script("look", f"echo . >>{seen}; [ $(wc -l <{seen}) -gt 1 ] || sleep 60; echo up")
    )

    assert said == "up\n"
    assert seen.read_text().split() == [".", "."]


def test_a_change_is_never_made_twice(host, strike, tmp_path):
    seen = tmp_path / "seen"
    assert host.user
    strike(signal.SIGKILL, once=seen)

    lost(lambda: host.change(Script("change", f"echo . >>{seen}; sleep 60")))

    assert seen.read_text() == ".\n"
