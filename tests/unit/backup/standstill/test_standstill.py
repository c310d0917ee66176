"""A service stopped for a while, by a real sh and a docker that plays Swarm."""

from __future__ import annotations

import os
import subprocess
import time

from backup_scripts import run
from stopping import guard_that_swarm_refuses, stopped


def test_it_is_stopped_noted_and_started_again(swarm, still, home, guards):
    stopped(still, "backup X")

    assert swarm.replicas() == "0"
    assert (home / "stopped").read_text().splitlines() == [
        "ours",
        "registry_nexus",
        "1",
        "backup X",
    ]
    assert run(still.start().script).returncode == 0
    assert swarm.replicas() == "1"
    assert not (home / "stopped").exists()


def test_the_note_is_there_before_it_is_stopped(swarm, still, home, tmp_path, guards):
    (tmp_path / "broken").touch()

    done = run(next(still.stop("x", lambda: None)).make())

    assert done.returncode == 1
    assert (home / "stopped").exists()


def test_where_the_run_gives_no_sign_of_life_the_guard_starts_it(swarm, still, home, guards, quick):
    stopped(still)
    time.sleep(0.5)
    assert swarm.replicas() == "0"

    os.utime(home / "lock/beat", (0, 0))

    swarm.until("1")
    done = run(still.start().script)
    assert done.returncode == 1
    assert "started meanwhile" in done.stderr


def test_where_the_lock_is_anothers_the_guard_starts_it(swarm, still, home, guards, quick):
    stopped(still)
    (home / "lock/id").write_text("theirs")

    swarm.until("1")


def test_the_guard_goes_on_until_swarm_takes_it(swarm, still, home, tmp_path, guards, quick):
    stopped(still)
    guard_that_swarm_refuses(home, tmp_path)
    (tmp_path / "broken").unlink()

    swarm.until("1")


def test_while_data_are_exchanged_the_guard_keeps_still(swarm, still, home, guards, quick):
    stopped(still)
    assert run(still.hold().script).returncode == 0
    os.utime(home / "lock/beat", (0, 0))
    time.sleep(1)
    assert swarm.replicas() == "0"
    assert run(still.start_if_stopped().script).returncode != 0
    assert swarm.replicas() == "0"

    assert run(still.let_go().script).returncode == 0
    swarm.until("1")


def test_the_guard_ends_when_it_is_started(swarm, still, home, guards, quick):
    stopped(still)
    run(still.start().script)
    time.sleep(1)

    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert f"moorage-guard {home}" not in listed.stdout


def test_what_a_dead_run_stopped_is_started_by_the_next(swarm, still, home, guards):
    stopped(still)

    done = run(still.start_if_stopped().script)

    assert "note: registry_nexus is started again" in done.stdout
    assert swarm.replicas() == "1"
    again = run(still.start_if_stopped().script)
    assert (again.returncode, again.stdout) == (0, "")


def test_stopped_twice_it_has_as_many_tasks_as_at_first(swarm, still, home, guards):
    """A dead run's note is not written over with the nothing that it left."""
    stopped(still)
    (home / "lock/id").write_text("ours too")
    stopped(still)

    run(still.start().script)
    assert swarm.replicas() == "1"


def test_a_container_that_still_runs_is_waited_for_and_told(swarm, still, tmp_path, guards):
    (tmp_path / "containers").write_text("4f1d\n")
    proof = list(still.stop("x", lambda: None))[1].script
    soon = type(proof)(proof.summary, proof.body, {**proof.variables, "seconds": 1})

    done = run(soon)

    assert done.returncode == 124
    assert "4f1d" in done.stderr
    (tmp_path / "containers").write_text("")
    assert run(soon).returncode == 0


def test_the_lock_that_somebody_holds_is_seen(still, tmp_path):
    import fcntl

    (tmp_path / "nexus").mkdir()
    proof = list(still.stop("x", lambda: None))[2].script
    soon = type(proof)(proof.summary, proof.body, {**proof.variables, "seconds": 1})
    assert run(soon).returncode == 0
    with (tmp_path / "nexus/lock").open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1)
        done = run(soon)
        assert done.returncode == 124
        assert "another process holds" in done.stderr
    assert run(soon).returncode == 0
