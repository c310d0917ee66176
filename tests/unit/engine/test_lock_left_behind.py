"""Locks that a full disk or a power cut left half made, and a machine that has several names."""

from __future__ import annotations

import contextlib
import io
import os
import threading
import time
from types import SimpleNamespace

import pytest
from lock_seen import ALICE, BOB, age, entries, found, under_way
from played_site import HOME

from moorage import cli_locks
from moorage.cli import Flags
from moorage.errors import Locked, Refused
from moorage.lock import Lock
from moorage.report.text import Report
from moorage.runner import run
from moorage.transport.base import sections


def cut_off(nas, first):
    """The host went down while another took the lock over from the first."""
    (nas.lock / f"takeover.{first.token}").mkdir()
    (nas.lock / "id").write_text("0123456789abcdef")
    age(nas, 600)


@pytest.fixture
def full_disk(tmp_path, monkeypatch):
    """Nothing can be written to the lock's folder."""
    (tmp_path / "touch").write_text("#!/bin/sh\necho No space left on device >&2; exit 1\n")
    (tmp_path / "touch").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@pytest.fixture
def unlock(hosts, monkeypatch):
    """``fab unlock`` on the played host; what it says."""

    def work(**options):
        out = io.StringIO()
        stack = SimpleNamespace(name="played")
        assembly = SimpleNamespace(fleet=hosts, site=SimpleNamespace(stack=stack))

        @contextlib.contextmanager
        def assembled(*_, **__):
            yield assembly, Report(out, live=False)

        monkeypatch.setattr(cli_locks, "assembled", assembled)
        monkeypatch.setattr(cli_locks, "_names", lambda *_: ["nas"])
        cli_locks.unlock(None, Flags(), **options)
        return out.getvalue()

    return work


def test_a_takeover_that_was_cut_off_stands_in_nobodys_way(nas, lock, take):
    cut_off(nas, take(lock()))

    mine = take(lock(BOB))

    assert found(nas).who == "bob@desk"
    mine.release({})
    assert found(nas) is None


def test_what_unlock_says_it_unlocked_is_free(nas, lock, take, unlock):
    cut_off(nas, take(lock()))

    assert "nas: unlocked" in unlock()
    assert found(nas) is None


def test_unlock_takes_away_what_was_begun_and_never_written(nas, unlock):
    nas.lock.mkdir(parents=True)
    os.utime(nas.lock, (time.time() - 600,) * 2)

    unlock()

    assert found(nas) is None


def test_while_it_is_taken_over_no_third_one_has_it(nas, lock, take):
    mine = take(lock())
    process = under_way(nas, mine, f"sleep 2; echo 1 >{nas.root}/a")
    age(nas, 600)
    second = lock(BOB)
    thread = threading.Thread(target=lambda: take(second))
    thread.start()
    while (nas.lock / "id").read_text() != second.token:
        time.sleep(0.01)

    with pytest.raises(Locked):
        take(lock())
    thread.join()

    assert process.wait(5) == 0
    assert found(nas).id == second.token


@pytest.mark.usefixtures("full_disk")
def test_a_lock_that_cannot_be_written_is_not_left_behind(nas, lock, take):
    mine = lock()

    with pytest.raises(Refused, match="the lock cannot be taken: No space left on device"):
        take(mine)
    mine.release({})

    assert found(nas) is None


def test_a_stale_one_that_cannot_be_taken_over_stays_whose_it_was(nas, lock, take, request):
    first = take(lock())
    age(nas, 600)
    request.getfixturevalue("full_disk")

    with pytest.raises(Refused):
        take(lock(BOB))

    assert (nas.lock / "id").read_text() == first.token
    assert not list(nas.lock.glob("takeover*"))


def test_one_machine_by_two_names_has_one_journal_with_every_change(work, file_step, hosts, nas):
    hosts.host("boss").root = nas.root

    run(work(file_step({"nas": {"a": "1", "b": "2"}, "boss": {"c": "3", "d": "4"}})), dry_run=False)

    assert [(line["host"], line["change"], line["result"]) for line in entries(nas)] == [
        ("nas", "create file a", "done"), ("nas", "create file b", "done"),
        ("boss", "create file c", "done"), ("boss", "create file d", "done"),
    ]  # fmt: skip
    assert found(nas) is None


def test_one_machine_by_two_names_is_given_back_once(hosts, nas):
    hosts.host("boss").root = nas.root
    mine = Lock(hosts, HOME, ["nas", "boss"], "x", me=ALICE)
    for name in mine.hosts:
        script = mine.probe(name).script()
        mine.settle(name, sections(hosts.host(name).change(script).stdout))
    hosts.host("boss").asked.clear()

    assert mine.machine("boss") == "nas"
    assert mine.release({}) == {}
    assert hosts.host("boss").asked == []
    assert found(nas) is None
