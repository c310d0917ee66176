"""The guard beside runs that sleep, die, or stop the service at the same moment as it starts it."""

from __future__ import annotations

import os
import subprocess
import time

import pytest
from backup_scripts import run
from stopping import guard_that_swarm_refuses, stopped

from moorage.steps.stack import standstill_scripts


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

    assert (tmp_path / "scaled").read_text().split()[-2:] == [
        "registry_nexus=1",
        "registry_nexus=0",
    ]
    assert swarm.replicas() == "0"


def test_a_guard_ends_where_its_note_is_gone(swarm, still, home, tmp_path, guards, quick):
    """The site was taken away, say: nothing is started years later."""
    stopped(still)
    guard_that_swarm_refuses(home, tmp_path)
    (home / "stopped.guard").unlink()
    (tmp_path / "broken").unlink()
    time.sleep(6)

    assert swarm.replicas() == "0"


def test_what_is_about_to_be_stopped_is_started_after_that(swarm, still, home, tmp_path, guards):
    """Ctrl-C came between the note and the stop, and the script on the manager goes on."""
    docker = tmp_path / "bin/docker"
    real = docker.read_text()
    slow = '"service scale")\n    case $* in *=0) sleep 1 ;; esac'
    docker.write_text(real.replace('"service scale")', slow))
    script = next(still.stop("x", lambda: None)).make()
    stopping = subprocess.Popen(["sh", "-c", script.text()], stderr=subprocess.DEVNULL)
    for _ in range(100):
        if (home / "stopped").exists():
            break
        time.sleep(0.05)

    assert run(still.start_if_stopped().script).returncode == 0
    stopping.terminate()
    stopping.wait()

    assert (tmp_path / "scaled").read_text().split()[-2:] == [
        "registry_nexus=0",
        "registry_nexus=1",
    ]
