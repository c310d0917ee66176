"""The lock on a host, by the shell that makes it: one holder, live, stale, dead, taken away."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from lock_seen import ALICE, BOB, age, found
from played_site import HOME

from moorage.errors import Locked, Refused
from moorage.identity import Identity
from moorage.lock import Holder, Lock
from moorage.runner import run


def test_nobody_has_a_lock_that_was_never_taken(nas):
    assert found(nas) is None


def test_the_holder_is_told_with_who_whence_since_and_what(nas, lock, take):
    take(lock())

    there = found(nas)
    assert (there.who, there.pid, there.doing, there.stale) == (
        "alice@laptop", 4211, "step stack", False,
    )  # fmt: skip
    assert there.age < 5
    clock = time.strftime("%H:%M")
    assert there.told().startswith(f"locked by alice@laptop pid 4211 since {clock}")
    assert there.told().endswith(", step stack")


def test_a_time_of_another_day_has_its_date():
    told = Holder("nas", who="a@b", pid=1, since="2020-02-03T10:00:00+00:00").told()

    assert "since 2020-02-0" in told


def test_the_second_is_refused_with_the_first_ones_name(lock, take):
    take(lock())

    with pytest.raises(Locked) as caught:
        take(lock(BOB))

    assert caught.value.exit_code == 6
    assert caught.value.host == "nas"
    assert "locked by alice@laptop pid 4211 since" in caught.value.message
    assert "--wait 10m" in caught.value.hint


def test_of_many_at_once_one_has_it(hosts, lock, take):
    won, lost = [], []

    def one(number):
        mine = lock(Identity(f"op{number}@x", number, "x"))
        try:
            won.append(take(mine))
        except Locked:
            lost.append(number)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), len(lost)) == (1, 7)


def test_of_many_at_a_stale_lock_one_has_it(hosts, nas, lock, take):
    take(lock())
    age(nas, 600)
    won = []

    def one(number):
        with contextlib.suppress(Locked):
            won.append(take(lock(Identity(f"op{number}@x", number, "x"))))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert found(nas).id == won[0].token


@pytest.mark.parametrize(("seconds", "stale"), [(0, False), (110, False), (130, True)])
def test_a_lock_without_a_heartbeat_turns_stale(nas, lock, take, seconds, stale):
    first = take(lock())
    age(nas, seconds)

    assert found(nas).stale is stale
    if not stale:
        with pytest.raises(Locked):
            take(lock(BOB))
        assert found(nas).id == first.token
    else:
        assert found(nas).id != take(lock(BOB)).token or found(nas).who == "bob@desk"


def test_the_heartbeat_keeps_it_alive(hosts, nas, lock, take, monkeypatch):
    monkeypatch.setattr("moorage.lock._BEAT_SECONDS", 0.01)
    mine = take(lock())
    age(nas, 600)

    with mine.kept():
        deadline = time.monotonic() + 10
        while found(nas).age > 100 and time.monotonic() < deadline:
            time.sleep(0.02)

    assert found(nas).age < 100


def test_a_run_that_died_on_this_machine_is_stale_at_once(nas, lock, take):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    here = Identity.of_this_run()
    take(lock(Identity(here.who, ended.pid, here.origin)))

    assert found(nas).dead
    assert found(nas).stale


def test_such_a_lock_is_taken_over_by_the_next_run(work, file_step, hosts, nas, lock, take):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    take(lock(Identity("x@y", ended.pid, Identity.of_this_run().origin)))

    run(work(file_step({"nas": {"a": "1"}})), dry_run=False)

    assert (nas.root / "a").read_text() == "1"
    assert not nas.lock.exists()


def test_a_run_on_another_machine_is_not_taken_for_dead(nas, lock, take):
    take(lock(Identity("x@y", 999_999_999, "another machine")))

    assert not found(nas).dead


def test_where_the_system_does_not_tell_nobody_is_taken_for_dead(monkeypatch):
    """As where there is no /proc: all such machines would look like this one."""
    monkeypatch.setattr("moorage.identity._text", lambda _path: "")

    assert Identity.of_this_run().origin == ""
    assert not Holder("nas", pid=999_999_999, origin="").dead


def test_a_live_lock_stops_a_run_before_its_question(work, file_step, hosts, nas, lock, take):
    take(lock())
    asked = []

    with pytest.raises(Locked):
        run(work(file_step({"nas": {"a": "1"}}), confirm=asked.append), dry_run=False)

    assert asked == []
    assert not (nas.root / "a").exists()


def test_a_plan_is_shown_while_another_is_at_work(work, file_step, lock, take, out):
    take(lock())

    run(work(file_step({"nas": {"a": "1"}})), dry_run=True)

    assert "+ create file a" in out.getvalue()
    assert "note: locked by alice@laptop" in out.getvalue()


def test_a_run_with_nothing_to_do_minds_no_lock(work, file_step, nas, lock, take):
    (nas.root / "a").write_text("1")
    take(lock())

    run(work(file_step({"nas": {"a": "1"}})), dry_run=False)


def test_a_run_that_waits_goes_on_when_the_lock_is_free(
    work, file_step, nas, lock, take, monkeypatch
):
    mine = take(lock())
    monkeypatch.setattr("moorage.planning.time.sleep", lambda _: mine.release({}))

    run(work(file_step({"nas": {"a": "1"}}), wait_seconds=60), dry_run=False)

    assert (nas.root / "a").read_text() == "1"


@pytest.mark.parametrize("when", ["before the question", "after it"])
def test_a_run_that_waits_asks_for_the_lock_alone_and_says_so_once(
    work, file_step, nas, lock, take, monkeypatch, out, when
):
    mine, rounds = lock(), []

    def pause(_seconds):
        rounds.append(len(nas.asked))
        if len(rounds) == 4:
            mine.release({})

    clock = SimpleNamespace(sleep=pause, monotonic=time.monotonic)
    monkeypatch.setattr("moorage.planning.time", clock)
    if when == "before the question":
        take(mine)

    def confirm(_question):
        if when == "after it":
            take(mine)

    run(work(file_step({"nas": {"a": "1"}}), wait_seconds=60, confirm=confirm), dry_run=False)

    assert (nas.root / "a").read_text() == "1"
    assert [later - former for former, later in itertools.pairwise(rounds)] == [1, 1, 1]
    assert {script.summary for script in nas.asked[rounds[0] : rounds[3]]} == {"read the lock"}
    assert out.getvalue().count("waiting: locked by alice@laptop") == 1


def test_who_is_quicker_after_the_question_wins(work, file_step, nas, lock, take):
    def confirm(_question):
        take(lock())

    with pytest.raises(Locked, match="alice"):
        run(work(file_step({"nas": {"a": "1"}}), confirm=confirm), dry_run=False)

    assert not (nas.root / "a").exists()
    assert found(nas).who == "alice@laptop"


def test_the_locks_taken_before_one_that_is_held_are_given_back(hosts, lock, take, nas):
    boss = Lock(hosts, HOME, ["boss"], "x", me=BOB)
    take(boss)
    both = Lock(hosts, HOME, ["nas", "boss"], "y", me=ALICE)

    with pytest.raises(Locked):
        take(both)
    both.release({})

    assert found(nas) is None
    assert found(hosts.host("boss")).who == "bob@desk"


def test_release_leaves_anothers_lock_alone(nas, lock, take):
    mine = take(lock())
    age(nas, 600)
    theirs = take(lock(BOB))

    mine.release({})

    assert found(nas).id == theirs.token


def test_a_folder_that_cannot_be_made_is_refused_with_what_to_do(nas, lock, take):
    (nas.root / "moorage").write_text("a file in its place")

    with pytest.raises(Refused) as caught:
        take(lock())

    assert "the lock cannot be taken" in caught.value.message
    assert "install -d" in caught.value.hint
