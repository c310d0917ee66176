"""A service stopped for a while, by a real sh and a docker that plays Swarm."""

from __future__ import annotations

import os
import subprocess
import time

import pytest
from backup_scripts import run

from moorage.steps.base import Later
from moorage.steps.stack import standstill_scripts
from moorage.steps.stack.standstill import Standstill

DOCKER = """\
#!/bin/sh
here={here}
case "$1 $2" in
  "service inspect") cat $here/replicas ;;
  "service scale")
    [ ! -e $here/broken ] || exit 1
    for last; do :; done; echo "${{last#*=}}" >$here/replicas; echo "$last" >>$here/scaled ;;
  "service ps") [ "$(cat $here/replicas)" = 0 ] || echo "Running 1 minute ago" ;;
  "ps "*) cat $here/containers 2>/dev/null ;;
esac
"""


@pytest.fixture
def swarm(tmp_path, home, monkeypatch):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "docker").write_text(DOCKER.format(here=tmp_path))
    (programs / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    (tmp_path / "replicas").write_text("1\n")
    (home / "lock").mkdir()
    (home / "lock/id").write_text("ours")
    (home / "lock/beat").touch()

    class Swarm:
        def replicas(self):
            return (tmp_path / "replicas").read_text().strip()

        def until(self, replicas):
            for _ in range(200):
                if self.replicas() == replicas:
                    return
                time.sleep(0.1)
            pytest.fail(f"it has {self.replicas()} tasks still")

    return Swarm()


@pytest.fixture
def still(home, tmp_path):
    return Standstill(
        "registry_nexus", "boss", "nas", ("edge",), str(home), str(tmp_path / "nexus")
    )


@pytest.fixture
def guards(home):
    """Ends every guard that a test started."""
    yield
    for name in ("stopped", "stopped.guard", "stopped.hold"):
        (home / name).unlink(missing_ok=True)


@pytest.fixture
def quick(monkeypatch):
    """A guard that looks often."""
    text = standstill_scripts.STOP.replace("while sleep 5;", "while sleep 0.1;")
    monkeypatch.setattr(standstill_scripts, "STOP", text)


def stopped(still, why="a test"):
    begun = []
    actions = list(still.stop(why, lambda: begun.append(1)))
    assert [action.host for action in actions] == ["boss", "edge", "nas"]
    assert isinstance(actions[0], Later)
    done = run(actions[0].make())
    assert done.returncode == 0, done.stderr
    assert begun == [1]
    return actions


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
    (tmp_path / "broken").touch()
    os.utime(home / "lock/beat", (0, 0))
    for _ in range(100):
        if (home / "stopped.guard").exists():
            break
        time.sleep(0.1)
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


@pytest.mark.parametrize("what", ["hold", "see"])
def test_what_the_guard_has_started_is_not_taken_for_stopped(
    swarm, still, home, guards, quick, what
):
    """The operator's machine slept for longer than the guard waits, and its run goes on."""
    stopped(still)
    assert run(getattr(still, what)().script).returncode == 0
    (home / "stopped.hold").unlink(missing_ok=True)
    os.utime(home / "lock/beat", (0, 0))
    swarm.until("1")
    (home / "lock/beat").touch()

    done = run(getattr(still, what)().script)

    assert done.returncode == 1
    assert "started meanwhile" in done.stderr
    assert not (home / "stopped.hold").exists()


def test_a_guard_that_finds_it_kept_back_just_then_starts_nothing(
    swarm, still, home, tmp_path, guards, quick, monkeypatch
):
    """It looked for the hold before that was written, and took the note away after."""
    text = standstill_scripts.STOP.replace(
        '  mv -f "$home/stopped" "$home/stopped.guard"',
        '  : >"$home/stopped.hold"\n  mv -f "$home/stopped" "$home/stopped.guard"',
    )
    monkeypatch.setattr(standstill_scripts, "STOP", text)
    stopped(still)
    os.utime(home / "lock/beat", (0, 0))
    time.sleep(1)

    assert swarm.replicas() == "0"
    assert (home / "stopped").exists()
    assert not (home / "stopped.guard").exists()


def test_a_guard_that_is_just_starting_it_is_let_end_first(
    swarm, still, home, tmp_path, guards, quick
):
    """Else it would start what the next run has stopped, under its hands."""
    stopped(still)
    docker = tmp_path / "bin/docker"
    real = docker.read_text()
    slow = '"service scale")\n    case $* in *=1) sleep 1 ;; esac'
    docker.write_text(real.replace('"service scale")', slow))
    os.utime(home / "lock/beat", (0, 0))
    for _ in range(100):
        if (home / "stopped.guard").exists():
            break
        time.sleep(0.05)
    (home / "lock/id").write_text("theirs")
    (home / "lock/beat").touch()

    stopped(still)
    time.sleep(1.5)

    assert (tmp_path / "scaled").read_text().split()[-2:] == ["registry_nexus=1", "registry_nexus=0"]
    assert swarm.replicas() == "0"


def test_a_guard_ends_where_its_note_is_gone(swarm, still, home, tmp_path, guards, quick):
    """The site was taken away, say: nothing is started years later."""
    stopped(still)
    (tmp_path / "broken").touch()
    os.utime(home / "lock/beat", (0, 0))
    for _ in range(100):
        if (home / "stopped.guard").exists():
            break
        time.sleep(0.1)
    (home / "stopped.guard").unlink()
    (tmp_path / "broken").unlink()
    time.sleep(6)

    assert swarm.replicas() == "0"
