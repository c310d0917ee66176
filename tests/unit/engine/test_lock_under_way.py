"""What a run left under way when its lock is given back or taken over: waited for, ended, told."""

from __future__ import annotations

import os
import subprocess
import time

import pytest
from lock_seen import BOB, age, entries, found, under_way
from played_site import HOME

from moorage import lock_shell
from moorage.transport.base import LOCK_LOST


def test_what_still_runs_is_waited_for_before_the_lock_is_given_back(nas, lock, take):
    mine = take(lock())
    process = under_way(nas, mine, f"sleep 1; echo 1 >{nas.root}/a")

    mine.release({"nas": "failed"})

    assert (nas.root / "a").exists()
    assert process.wait(5) == 0
    assert entries(nas)[0]["result"] == "failed"
    assert not nas.lock.exists()


def test_what_runs_too_long_is_ended(nas, lock, take):
    mine = take(lock())
    process = under_way(nas, mine, f"sleep 60; echo 1 >{nas.root}/a")

    mine.release({})

    assert process.wait(5) != 0
    assert not (nas.root / "a").exists()
    assert entries(nas)[0]["result"] == "interrupted"


@pytest.mark.parametrize("heard", [True, False])
def test_what_a_script_does_at_its_end_is_waited_for_too(nas, lock, take, heard):
    """It puts back what it has half done: nobody else may begin before that."""
    mine = take(lock())
    body = f"trap 'sleep 1.5; echo 1 >{nas.root}/a; exit 1' TERM; said=$(sh -c 'sleep 60; :'); :"
    under_way(nas, mine, body, heard=heard)

    mine.release({})

    assert (nas.root / "a").exists()
    assert not nas.lock.exists()


@pytest.mark.parametrize("way", ["taken over", "given back"])
def test_a_script_that_has_not_begun_yet_has_ended_before_the_lock_is_anothers(
    nas, lock, take, tmp_path, monkeypatch, way
):
    """Its run was killed while the change was being noted."""
    mine = take(lock())
    (tmp_path / "mv").write_text(f'#!/bin/sh\ncase "$*" in *doing*) touch {tmp_path}/slow; '
                                 'sleep 1 ;; esac\nexec /bin/mv "$@"\n')  # fmt: skip
    (tmp_path / "mv").chmod(0o755)
    path = os.environ["PATH"]
    monkeypatch.setenv("PATH", f"{tmp_path}:{path}")
    process = under_way(nas, mine, f"sleep 1; echo 1 >>{nas.root}/a")
    monkeypatch.setenv("PATH", path)
    while not (tmp_path / "slow").exists():
        time.sleep(0.01)

    if way == "taken over":
        age(nas, 600)
        take(lock(BOB))
    else:
        mine.release({})
        take(lock(BOB))

    # it had ended before the other had the lock
    assert process.poll() is not None
    assert entries(nas)[0]["result"] == "interrupted"
    assert sorted(path.name for path in nas.lock.iterdir()) == ["beat", "id", "owner"]


def test_a_script_that_comes_too_late_does_nothing(nas, lock, take):
    mine = take(lock())
    age(nas, 600)
    take(lock(BOB))

    process = under_way(nas, mine, f"echo 1 >{nas.root}/a", wait=False)

    assert process.wait(5) == LOCK_LOST
    assert not (nas.root / "a").exists()
    assert sorted(path.name for path in nas.lock.iterdir()) == ["beat", "id", "owner"]


def test_a_takeover_writes_down_what_was_interrupted(nas, lock, take):
    mine = take(lock())
    nas.change(lock_shell.note(HOME, mine.token, '{"change":"update x"', ""))
    age(nas, 600)

    take(lock(BOB))

    (entry,) = entries(nas)
    assert (entry["change"], entry["result"]) == ("update x", "interrupted")
    assert found(nas).who == "bob@desk"


def test_what_is_under_way_is_told_to_others(nas, lock, take):
    mine = take(lock())
    entry = '{"step": "stack", "change": "update service x", "host": "boss"'
    nas.change(lock_shell.note(HOME, mine.token, entry, ""))

    assert found(nas).told().endswith(", step stack: update service x on boss")


def test_a_number_of_another_process_is_not_ended_in_its_place(nas, lock, take):
    """After a restart the number of a script may be another's."""
    mine = take(lock())
    other = subprocess.Popen(["sleep", "30"], start_new_session=True)
    boot = open("/proc/sys/kernel/random/boot_id").read().strip()  # noqa: PTH123, SIM115
    (nas.lock / f"run.{mine.token}.{other.pid}").write_text(f"{other.pid} 1 {boot}\n")

    mine.release({})

    assert other.poll() is None
    other.kill()
    other.wait()
