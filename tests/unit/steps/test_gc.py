"""Nexus' clean-up tasks against the stand-in: in order, waited for, and what may come between."""

from __future__ import annotations

import time

import pytest
from played_nexus import PASSWORD, PlayedNexus, apply, desired

from moorage.errors import NotConverged, Refused, TaskFailed, Unreachable
from moorage.steps.nexus.gc import TYPES, GcStep
from moorage.values import Secret

RUN = "/service/rest/v1/tasks/"


def body(type_, name, **properties):
    return {
        "type": type_, "name": name, "enabled": True, "notificationCondition": "FAILURE",
        "frequency": {"schedule": "manual"}, "properties": properties,
    }  # fmt: skip


MADE = (
    body("blobstore.compact", "compact", blobstoreName="default"),
    body("repository.docker.gc", "layers", repositoryName="*"),
    body("repository.docker.upload-purge", "uploads", age="24"),
    body("blobstore.delete-temp-files", "temporary files", blobstoreName="default"),
)


@pytest.fixture
def played(tmp_path):
    """A stand-in with tasks of all kinds; more settings by a call."""
    made = []

    def make(bodies=MADE, **settings):
        one = PlayedNexus(tmp_path / "nexus-data", **settings)
        made.append(one)
        one.seed(desired())
        for item in bodies:
            one.call("POST", "/tasks", item)
        one.asked.clear()
        return one

    yield make
    for one in made:
        one.nexus.stop()


class Clock:
    """Time that passes where the step sleeps; ``then`` happens meanwhile."""

    def __init__(self, then=lambda: None):
        self.now, self.then = 0.0, then

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        time.sleep(0.05)
        self.then()


def step(played, clock=None, **options):
    clock = clock or Clock()
    options = {"seconds": 3600, "password": Secret(PASSWORD), **options}
    return GcStep(played.web(), ready=lambda _: played.version, clock=clock, sleep=clock.sleep,
                  **options)  # fmt: skip


def runs(played):
    """Names of the tasks that were run, in order."""
    names = {task["id"]: task["name"] for task in played.call("GET", "/tasks")["items"]}
    return [names[path.removeprefix(RUN).removesuffix("/run")] for method, path in played.writes()
            if method == "POST" and path.endswith("/run")]  # fmt: skip


def test_what_gives_space_back_is_run_in_the_order_that_does_and_nothing_else(played, heard):
    nexus = played()
    one = step(nexus)

    plan = apply(one, heard)

    assert [change.subject for change in plan.changes] == [
        "task Cleanup service", "task layers", "task uploads", "task compact",
    ]  # fmt: skip
    assert runs(nexus) == ["Cleanup service", "layers", "uploads", "compact"]
    assert one.plan(one.observe(heard)).empty
    assert [line.split(" (")[0] for line in heard.lines if line.startswith("note:")] == [
        "note: the task Cleanup service ended with OK",
        "note: the task layers ended with OK",
        "note: the task uploads ended with OK",
        "note: the task compact ended with OK",
    ]
    assert list(one.sizes()) == ["blob store default: 0 bytes before, 0 now"]


def test_some_types_alone(played, heard):
    nexus = played()

    apply(step(nexus, only=["compact-blob-store", "docker-gc"]), heard)

    assert runs(nexus) == ["layers", "compact"]


def test_types_that_nexus_has_no_task_of_are_told(played, heard):
    one = step(played(bodies=()))

    plan = one.plan(one.observe(heard))

    assert [change.subject for change in plan.changes] == ["task Cleanup service"]
    assert [note.split(":")[0] for note in plan.notes] == [
        "Nexus has no task docker-gc", "Nexus has no task docker-uploads",
        "Nexus has no task compact-blob-store",
    ]  # fmt: skip


def test_a_run_that_takes_a_while_is_waited_for(played, heard):
    nexus = played(task_seconds=0.3)

    apply(step(nexus, only=["docker-gc"]), heard)

    assert "the task layers runs" in heard.lines
    (task,) = nexus.call("GET", "/tasks?type=repository.docker.gc")["items"]
    assert (task["currentState"], task["lastRunResult"]) == ("WAITING", "OK")


def test_one_that_runs_already_is_waited_for_and_not_run_again(played, heard):
    nexus = played(task_seconds=0.5)
    (task,) = nexus.call("GET", "/tasks?type=repository.docker.gc")["items"]
    nexus.call("POST", f"/tasks/{task['id']}/run")
    nexus.asked.clear()

    plan = apply(step(nexus, only=["docker-gc"]), heard)

    assert plan.changes[0].differences[0].field == "state"
    assert runs(nexus) == []
    assert any("ended with OK" in line for line in heard.lines)


def test_one_that_waits_for_another_is_told_so(played, heard):
    nexus = played(task_seconds=0.4)
    (other,) = nexus.call("GET", "/tasks?type=blobstore.delete-temp-files")["items"]
    nexus.call("POST", f"/tasks/{other['id']}/run")

    apply(step(nexus, only=["docker-gc"]), heard)

    assert "the task layers waits for another task" in heard.lines


def test_one_that_waits_too_long_for_another_has_not_converged(played, heard):
    nexus = played(task_seconds=30)
    (other,) = nexus.call("GET", "/tasks?type=blobstore.delete-temp-files")["items"]
    nexus.call("POST", f"/tasks/{other['id']}/run")

    with pytest.raises(NotConverged, match="still waits for another task"):
        apply(step(nexus, only=["docker-gc"], seconds=10), heard)


def test_one_that_takes_too_long_goes_on_and_is_waited_for_again(played, heard):
    nexus = played(task_seconds=1.5)

    with pytest.raises(Unreachable, match="still runs after 10 s") as caught:
        apply(step(nexus, only=["docker-gc"], seconds=10), heard)

    assert "--timeout" in caught.value.hint
    nexus.asked.clear()
    apply(step(nexus, only=["docker-gc"]), heard)
    assert runs(nexus) == []


@pytest.mark.parametrize(
    ("result", "failure"),
    [("FAILED", TaskFailed), ("CANCELED", NotConverged), ("INTERRUPTED", NotConverged)],
)
def test_a_bad_end_is_a_failure(played, heard, result, failure):
    nexus = played(task_result=result)
    one = step(nexus, only=["docker-gc"])

    with pytest.raises(failure, match="the task layers"):
        apply(one, heard)
    assert any(f"ended with {result}" in line for line in heard.lines)


def test_one_that_is_stopped_meanwhile_is_told(played, heard):
    nexus = played(task_seconds=30)
    (task,) = nexus.call("GET", "/tasks?type=repository.docker.gc")["items"]
    clock = Clock(lambda: clock.now > 4 and clock.stop())
    clock.stop = lambda: nexus.call("POST", f"/tasks/{task['id']}/stop")

    with pytest.raises(NotConverged, match="CANCELED"):
        apply(step(nexus, clock, only=["docker-gc"]), heard)


def test_one_that_is_removed_meanwhile_is_told(played, heard):
    nexus = played()
    one = step(nexus, only=["docker-gc"])
    plan = one.plan(one.observe(heard))
    (task,) = nexus.call("GET", "/tasks?type=repository.docker.gc")["items"]
    nexus.call("DELETE", f"/tasks/{task['id']}")

    with pytest.raises(NotConverged, match="is gone"):
        one.carry_out(plan.changes[0].actions[0], heard)


def test_a_disabled_task_is_left_out_whether_nexus_tells_so_or_not(played, heard):
    nexus = played(bodies=[MADE[1] | {"enabled": False}])
    one = step(nexus, only=["docker-gc"])
    plan = one.plan(one.observe(heard))
    assert plan.empty
    assert "the task layers is disabled and left out" in plan.notes


def test_a_task_that_turns_out_disabled_is_left_out(played, heard):
    """Up to 3.93 nothing tells before."""
    nexus = played(bodies=[MADE[1] | {"enabled": False}], version="3.84.0", edition="PRO")
    one = step(nexus, only=["docker-gc"])

    plan = apply(one, heard)

    assert len(plan.changes) == 1
    assert "note: the task layers is disabled and left out" in heard.lines
    assert one.plan(one.observe(heard)).empty


def test_a_task_that_nexus_does_not_begin_is_no_endless_wait(played, heard, monkeypatch):
    nexus = played()
    monkeypatch.setattr(nexus.nexus.task_runs, "begin", lambda _task: None)

    with pytest.raises(NotConverged, match="does not begin the task layers"):
        apply(step(nexus, only=["docker-gc"]), heard)


def test_a_password_that_is_not_taken_is_tried_once(played, heard):
    nexus = played()

    with pytest.raises(Refused, match=r"nexus\.admin_password"):
        step(nexus, password=Secret("wrong")).observe(heard)
    assert len(nexus.asked) == 1


def test_every_type_that_an_inventory_can_ask_for_is_run():
    from moorage.steps.nexus.tasks import TYPES as MANAGED

    assert MANAGED.items() <= TYPES.items()
