"""Swarm's tasks as they stand: what runs, what failed, and what is being waited for."""

from __future__ import annotations

import json

import pytest
from frames import replaced

from moorage.steps.stack.tasks import Task, parse

TASKS = "docker/20.10/tasks.txt"


@pytest.fixture
def state(recorded):
    """The recorded service with tasks and update as the test says, newest task first."""

    def make(*tasks, update=None, replicas=None):
        text = recorded(TASKS)
        found = json.loads(text.partition("service\n")[2].partition("\n\n--")[0])
        if update:
            found[0]["UpdateStatus"] = update
        if replicas is not None:
            found[0]["Spec"]["Mode"]["Replicated"]["Replicas"] = replicas
        text = replaced(text, "service", json.dumps(found))
        if tasks:
            text = replaced(text, "tasks", "\n".join(json.dumps(task) for task in tasks))
        return parse(text)

    return make


@pytest.fixture
def task(image):
    """A task as ``docker service ps`` prints it."""

    def make(current="Running 31 seconds ago", desired="Running", error="", **fields):
        return {
            "ID": "mtknyzxmly5pq54uxfu9oxhmz", "Name": "registry_nexus.1", "Image": image,
            "Node": "worker", "DesiredState": desired, "CurrentState": current,
            "Error": f'"{error}"' if error else "", "Ports": "", **fields,
        }  # fmt: skip

    return make


def test_the_recorded_service_has_converged(state, image):
    seen = state()

    assert seen.converged()
    assert (seen.replicas, seen.image, seen.update) == (1, image, "")
    assert seen.tasks[0].node == "worker"


def test_no_service_is_none(recorded):
    said = "[]\nStatus: Error: no such service: registry_nexus, Code: 1"

    assert parse(replaced(recorded(TASKS), "service", said, 1)) is None


def test_output_that_was_cut_off_is_no_convergence(recorded):
    text = recorded(TASKS)

    assert parse(text[: text.index("mtk") if "mtk" in text else -200]) is None


NOT_RUNNING = [
    *("New", "Pending", "Assigned", "Preparing", "Starting", "Ready"),
    *("Shutdown", "Failed", "Rejected", "Complete", "Orphaned"),
]


@pytest.mark.parametrize("word", NOT_RUNNING)
def test_only_running_tasks_count(state, task, word):
    assert not state(task(f"{word} 1 second ago")).converged()


def test_a_running_task_that_is_to_stop_does_not_count(state, task):
    assert not state(task(desired="Shutdown")).converged()


def test_a_task_of_the_former_image_does_not_count(state, task):
    assert not state(task(Image="moorage/nexus:before")).converged()


def test_a_task_whose_image_has_its_digest_counts(state, task, image):
    assert state(task(Image=f"{image}@sha256:{'0' * 64}")).converged()


def test_former_tasks_beside_the_running_one_do_no_harm(state, task):
    former = task("Shutdown 2 minutes ago", "Shutdown", ID="former")
    failed = task("Failed 3 minutes ago", "Shutdown", "exit 1", ID="older")

    assert state(task(), former, failed).converged()


@pytest.mark.parametrize(
    ("update", "converged"),
    [("completed", True), ("updating", False), ("paused", False), ("rollback_started", False),
     ("rollback_completed", False), ("rollback_paused", False)],
)  # fmt: skip
def test_a_service_is_converged_only_when_no_update_is_under_way_or_undone(
    state, task, update, converged
):
    assert state(task(), update={"State": update, "StartedAt": "t"}).converged() is converged


@pytest.mark.parametrize(
    "update", ["paused", "rollback_started", "rollback_completed", "rollback_paused"]
)
def test_an_update_that_swarm_stopped_is_told_from_an_earlier_one(state, task, update):
    seen = state(task(), update={"State": update, "StartedAt": "t2", "Message": "why"})

    assert seen.unhappy_since("t1")
    assert not seen.unhappy_since("t2")
    assert seen.update_message == "why"


def test_a_service_of_no_replicas_is_converged_without_tasks(state, task):
    assert state(task("Shutdown 1 second ago", "Shutdown"), replicas=0).converged()


def test_warnings_between_the_lines_are_no_tasks(recorded, task):
    lines = f"WARNING: something\n{json.dumps(task())}\n"

    assert len(parse(replaced(recorded(TASKS), "tasks", lines)).tasks) == 1


@pytest.mark.parametrize(
    ("current", "error", "phase"),
    [
        ("Preparing 2 seconds ago", "", "the task on worker is fetching its image"),
        ("Starting 2 seconds ago", "", "the task on worker is starting (not healthy yet)"),
        ("Assigned 2 seconds ago", "", "the task on worker is assigned"),
    ],
)
def test_what_is_waited_for_is_said_in_words(state, task, current, error, phase):
    assert state(task(current, error=error)).phase() == phase


def test_a_task_without_a_node_is_told_with_swarms_reason(state, task):
    why = "no suitable node (scheduling constraints not satisfied on 2 nodes)"

    assert state(task("Pending 1 second ago", error=why, Node="")).phase() == (
        f"the task waits for a node: {why}"
    )


def test_the_task_that_is_to_run_is_told_of_and_not_a_former_one(state, task):
    former = task("Failed 3 seconds ago", "Shutdown", "exit 1")
    ready = task("Ready 1 second ago", "Ready", Node="manager")

    assert state(former, ready).phase() == "the task on manager is ready"


def test_no_task_at_all_is_said(state, task):
    assert state(task("Shutdown 1 second ago", "Shutdown")).phase() == "no task yet"


def test_a_task_in_one_line_has_node_state_and_error():
    task = Task("mtknyzxmly5pq54uxfu9oxhmz", "worker", "x", "failed", "shutdown", "exit 1")

    assert task.line() == "task mtknyzxmly5p on worker failed: exit 1"
