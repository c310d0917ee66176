"""Waiting for Nexus itself, once its service has converged."""

from __future__ import annotations

import pytest
from played_manager import LIMIT, RUNNING, crashed, service, task

from moorage.errors import NotConverged, Unreachable
from moorage.steps.stack import converge
from moorage.transport.nexus_status import NexusStatus


@pytest.fixture
def status(monkeypatch):
    """What Nexus' public name says, one after the other, the last one for ever."""

    def play(*found):
        states, last = iter(found), [None]

        def ask(_web):
            last[0] = next(states, last[0])
            return last[0]

        monkeypatch.setattr(converge, "nexus_status", ask)

    return play


CLOSED = NexusStatus(writable=False, phase="the ingress finds Nexus' port closed (502)")


BUSY = NexusStatus(writable=False, phase="Nexus is starting (503)")


READY = NexusStatus(writable=True, phase="writable", version="3.94.0")


def test_nexus_is_waited_for_through_its_phases(waiting, status, heard):
    status(CLOSED, BUSY, BUSY, READY)

    assert waiting(RUNNING).until_writable(None, heard) == "3.94.0"
    assert heard.lines == [
        f"waiting for Nexus: {CLOSED.phase}",
        f"waiting for Nexus: {BUSY.phase}",
        f"waiting for Nexus: {BUSY.phase}",
    ]


def test_the_wait_for_nexus_is_bounded(waiting, status, heard):
    status(BUSY)

    with pytest.raises(Unreachable) as caught:
        waiting(RUNNING, seconds=60).until_writable(None, heard)

    assert "not writable after 60 s: Nexus is starting (503)" in caught.value.message
    assert "still starting, not failed" in caught.value.hint


def test_a_task_that_crashes_meanwhile_ends_the_wait(waiting, status, heard):
    status(CLOSED)
    wait = waiting(RUNNING, service(task("starting", name="new"), *crashed(3)))

    with pytest.raises(NotConverged, match="crashed 3 times"):
        wait.until_writable(None, heard)
    assert wait.time.now < LIMIT


def test_a_crash_loop_of_the_past_does_not_end_a_wait_that_comes_later(waiting, status, heard):
    """A wait without a deployment of its own takes what it finds as the past."""
    status(*[BUSY] * 10, READY)
    old = service(task(name="new"), *crashed(4), update="paused", started="t1")
    wait = waiting(old)

    wait.require_service(BUSY.phase)
    assert wait.until_writable(None, heard) == "3.94.0"
