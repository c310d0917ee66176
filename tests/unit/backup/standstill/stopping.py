"""Stops the service as a run does."""

from __future__ import annotations

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
