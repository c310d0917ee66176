"""Stops the service as a run does, and has its guard try in vain to start it."""

from __future__ import annotations

import os
import time

from backup_scripts import run

from moorage.steps.base import Later


def stopped(still, why="a test"):
    begun = []
    actions = list(still.stop(why, lambda: begun.append(1)))
    assert [action.host for action in actions] == ["boss", "edge", "nas"]
    assert isinstance(actions[0], Later)
    done = run(actions[0].make())
    assert done.returncode == 0, done.stderr
    assert begun == [1]
    return actions


def guard_that_swarm_refuses(home, tmp_path):
    """Have the guard find the run dead, and Swarm not take what it says; wait until it tries."""
    (tmp_path / "broken").touch()
    os.utime(home / "lock/beat", (0, 0))
    for _ in range(100):
        if (home / "stopped.guard").exists():
            break
        time.sleep(0.1)
