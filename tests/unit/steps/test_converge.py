"""Waiting: bounded, with its reason said, and given up at once where waiting cannot help."""

from __future__ import annotations

import pytest
from played_manager import BEFORE, BEGUN, LIMIT, RUNNING, STARTING, crashed, service, task

from moorage.errors import NotConverged, Refused, RolledBack, Unreachable
from moorage.steps.stack.tasks import Task


def test_a_service_that_starts_slowly_is_waited_for(waiting, heard):
    waiting(None, *[STARTING] * 100, RUNNING, RUNNING).until_converged(heard)

    assert heard.lines[0] == "no service yet"
    assert "the task on worker is starting (not healthy yet)" in heard.lines


def test_running_once_is_not_enough_since_an_update_begins_a_moment_later(waiting, heard):
    updating = service(task(), update="updating", started="t2")
    wait = waiting(RUNNING, updating, STARTING, RUNNING, RUNNING)

    wait.until_converged(heard)

    assert wait.time.now == 4


def test_the_wait_is_bounded_and_says_that_nothing_has_failed(waiting, heard):
    with pytest.raises(Unreachable) as caught:
        waiting(STARTING, seconds=60).until_converged(heard)

    assert "still starting after 60 s, not failed" in caught.value.message
    assert "is starting (not healthy yet)" in caught.value.message
    assert caught.value.exit_code == 4


def test_a_crash_loop_is_given_up_with_errors_and_log(waiting, heard):
    states = [service(task("starting", name="new"), *crashed(n)) for n in (1, 2, 3, 4)]
    wait = waiting(*states)

    with pytest.raises(NotConverged) as caught:
        wait.until_converged(heard)

    told = "\n".join(caught.value.lines())
    assert "crashed 3 times" in told
    assert "non-zero exit (1)" in told
    assert "log: java.lang.OutOfMemoryError" in told
    assert wait.manager.logs == ["c0"]
    assert caught.value.exit_code == 5
    assert wait.time.now < LIMIT


def test_two_crashes_and_then_a_good_start_are_waited_through(waiting, heard):
    bad = service(task("starting", name="new"), *crashed(2))
    good = service(task(name="new"), *crashed(2))

    waiting(bad, bad, good, good).until_converged(heard)


def test_crashes_before_this_deployment_do_not_count(waiting, heard):
    former = frozenset({"c0", "c1", "c2", "c3"})
    good = service(task(name="new"), *crashed(4))

    waiting(good, good, former_tasks=former).until_converged(heard)


def test_former_crashes_are_not_shown_as_evidence(waiting, heard):
    rejected = task("rejected", "shutdown", "No such image", "new")

    with pytest.raises(NotConverged) as caught:
        waiting(
            service(rejected, *crashed(4)), former_tasks=frozenset({"c0", "c1", "c2", "c3"})
        ).until_converged(heard)

    assert caught.value.evidence == ["task new on worker rejected: No such image"]


def test_what_is_rejected_of_the_former_image_is_not_waited_in_vain_for(waiting, heard):
    """Swarm may try it once more between the look and the deployment."""
    former = Task("t0", "worker", "by/hand:1", "rejected", "shutdown", "No such image: by/hand:1")

    waiting(service(task("starting"), former), service(task(), former)).until_converged(heard)


def test_what_fails_of_the_former_definition_is_not_held_against_the_new_one(waiting, heard):
    """Of the same image: a mount that is no more was what the node rejected."""
    late = task("rejected", "shutdown", "bind source path does not exist", "late")
    ending = service(late, update="completed", started="2025-12-31T00:00:00Z")
    begun = service(task("starting"), late, update="updating", started=BEGUN)
    good = service(task(), late, update="completed", started=BEGUN)
    wait = waiting(ending, begun, begun, good, good, former_update="2025-12-31T00:00:00Z",
                   former_tasks=frozenset({"older"}))  # fmt: skip
    wait.manager.made["late"] = BEFORE

    wait.until_converged(heard)


def test_what_fails_of_the_new_definition_is(waiting, heard):
    bad = task("rejected", "shutdown", "bind source path does not exist", "new")
    wait = waiting(service(bad, update="updating", started=BEGUN), former_update="t0")

    with pytest.raises(NotConverged, match="rejected by its node"):
        wait.until_converged(heard)

    assert wait.time.now == 0


def test_without_an_update_what_fails_is_this_ones_after_a_moment(waiting, heard):
    bad = task("rejected", "shutdown", "bind source path does not exist", "new")
    wait = waiting(service(bad), former_tasks=frozenset({"older"}))

    with pytest.raises(NotConverged, match="rejected by its node"):
        wait.until_converged(heard)

    assert 0 < wait.time.now <= 10


def test_a_rejected_task_is_given_up_at_once(waiting, heard):
    wait = waiting(service(task("rejected", "shutdown", "failed to mount local volume")))

    with pytest.raises(NotConverged) as caught:
        wait.until_converged(heard)

    assert "failed to mount local volume" in "\n".join(caught.value.lines())
    assert wait.time.now == 0


_GOING = "error while removing network: unknown network proxy id tmohsz7ts0xh2m6ypee8y71b8"


def test_a_network_that_a_node_is_just_taking_down_is_waited_for(waiting, heard):
    """Swarm makes another attempt at once, as it does after any end of a task."""
    once = task("rejected", "shutdown", _GOING, "t0")

    waiting(service(once), service(task("starting"), once), service(task(), once)).until_converged(
        heard
    )


def test_a_network_that_is_never_there_is_given_up_as_crashes_are(waiting, heard):
    wait = waiting(service(*(task("rejected", "shutdown", _GOING, f"t{n}") for n in range(3))))

    with pytest.raises(NotConverged, match="crashed 3 times"):
        wait.until_converged(heard)


@pytest.mark.parametrize("update", ["paused", "rollback_completed"])
def test_an_update_that_swarm_stopped_is_given_up_with_its_message(waiting, heard, update):
    state = service(task(), update=update, started="t2", message="update paused due to failure")

    with pytest.raises(NotConverged, match="update paused due to failure"):
        waiting(state, former_update="t1").until_converged(heard)


def test_a_paused_update_of_an_earlier_deployment_is_not_this_ones(waiting, heard):
    old = service(task(), update="paused", started="t1")
    new = service(task(), update="completed", started="t2")

    waiting(old, old, new, new, former_update="t1").until_converged(heard)


PENDING = service(task("pending", error="no suitable node (2 nodes not available)", node=""))


def test_no_node_is_given_up_after_a_while_with_swarms_reason(waiting, heard):
    wait = waiting(PENDING)

    with pytest.raises(NotConverged) as caught:
        wait.until_converged(heard)

    assert "no suitable node (2 nodes not available)" in "\n".join(caught.value.lines())
    assert 30 < wait.time.now < 40


def test_a_node_that_comes_back_in_time_is_waited_for(waiting, heard):
    waiting(*[PENDING] * 20, RUNNING, RUNNING).until_converged(heard)


def test_a_moment_without_a_node_late_in_a_long_start_is_no_reason_to_give_up(waiting, heard):
    """Thirty seconds without a node are meant, not thirty seconds since the wait began."""
    waiting(*[STARTING] * 100, PENDING, PENDING, RUNNING, RUNNING).until_converged(heard)


def test_nothing_is_waited_for_where_nothing_is_deployed(waiting):
    with pytest.raises(Refused) as caught:
        waiting(None).require_service("no route")

    assert "is not deployed (no route)" in caught.value.message
    assert "fab deploy" in caught.value.hint


@pytest.mark.parametrize("end", ["rollback_completed", "rollback_paused"])
def test_a_rollback_is_waited_for_and_then_told_with_the_task_that_failed(waiting, heard, end):
    bad = task("failed", "shutdown", "task: non-zero exit (1)", "c1")
    going = service(bad, task("starting"), update="rollback_started", started="t3")
    over = service(bad, task(), update=end, started="t3", message="rolled back to version 1")
    wait = waiting(STARTING, *[going] * 5, over)

    with pytest.raises(RolledBack) as caught:
        wait.until_converged(heard)

    assert "Swarm goes back to what was there before" in heard.lines
    assert "was rolled back" in caught.value.message
    assert "task c1 on worker failed: task: non-zero exit (1)" in caught.value.message
    assert "log: java.lang.OutOfMemoryError" in caught.value.evidence
    assert (caught.value.exit_code, caught.value.result) == (5, "rolled_back")


def test_a_rollback_of_an_earlier_deployment_is_not_taken_for_this_one(waiting, heard):
    stale = service(task(), update="rollback_completed", started="t1")

    with pytest.raises(Unreachable):
        waiting(stale, seconds=10, former_update="t1").until_converged(heard)
