"""The stand-in's tasks: made, run and removed as Nexus does it, and refused as there."""

from __future__ import annotations

import time

import pytest
from standin_client import COMPACT, DOCKER, group, hosted

from lab.nexus_standin.settings import Settings, SettingsError
from lab.nexus_standin.task_runs import TaskRuns

TASKS = "/v1/tasks"


def test_nexus_has_tasks_of_its_own_that_stay_as_they_are(client):
    found = {one["type"]: one for one in client.call("GET", TASKS).json()["items"]}
    assert {"repository.cleanup", "tasklog.cleanup"} == set(found)
    one = f"{TASKS}/{found['repository.cleanup']['id']}"
    assert client.call("POST", f"{one}/run").status == 204
    assert client.call("GET", one).json()["lastRunResult"] == "OK"
    assert client.call("DELETE", one).status == 400
    assert client.call("PUT", one, COMPACT).status == 400
    assert client.call("POST", TASKS, COMPACT | {"type": "repository.cleanup"}).status == 400


def test_a_task_is_made_read_changed_and_deleted(client):
    made = client.call("POST", TASKS, COMPACT)
    assert made.status == 201
    task = made.json()
    assert (task["schedule"], task["cronExpression"]) == ("cron", "0 0 3 * * ?")
    assert task["properties"] == {"blobstoreName": "default"}
    one = f"{TASKS}/{task['id']}"
    assert client.call("GET", one).json() == task
    listed = client.call("GET", f"{TASKS}?type=blobstore.compact").json()
    assert listed == {"items": [task], "continuationToken": None}
    body = COMPACT | {"enabled": False, "frequency": {"schedule": "manual"}}
    assert client.call("PUT", one, body).status == 204
    now = client.call("GET", one).json()
    assert (now["enabled"], now["schedule"], now["cronExpression"]) == (False, "manual", None)
    assert client.call("POST", f"{one}/run").status == 405
    assert client.call("POST", f"{one}/stop").status == 409
    assert client.call("DELETE", one).status == 204
    assert client.call("GET", one).status == 404


def test_the_type_of_a_task_cannot_be_changed(client):
    one = f"{TASKS}/{client.call('POST', TASKS, COMPACT).json()['id']}"
    body = COMPACT | {"type": "repository.docker.gc"}
    assert list(client.call("PUT", one, body).faults()) == ["type"]


def test_templates_name_the_properties(client):
    types = {one["type"] for one in client.call("GET", f"{TASKS}/templates").json()}
    assert "repository.cleanup" not in types
    one = client.call("GET", f"{TASKS}/templates/repository.docker.gc").json()
    assert set(one["properties"]) == {"repositoryName", "deployOffset"}
    assert client.call("GET", f"{TASKS}/templates/no.such").status == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "no.such"}, "type"),
        ({"name": " "}, "PARAMETER name"),
        ({"notificationCondition": "ALWAYS"}, "PARAMETER notificationCondition"),
        ({"properties": {"blobstoreName": 1}}, "PARAMETER properties.blobstoreName"),
        ({"properties": {}}, "properties.blobstoreName"),
        ({"properties": {"blobstoreName": "none"}}, "properties.blobstoreName"),
        ({"properties": {"blobstoreName": "default", "x": "y"}}, "properties.x"),
        ({"frequency": {"schedule": "yearly"}}, "frequency.schedule"),
        ({"frequency": {"schedule": "cron"}}, "frequency.cronExpression"),
        ({"frequency": {"schedule": "daily"}}, "frequency.startDate"),
        ({"frequency": {"schedule": "manual", "startDate": 1}}, "frequency.startDate"),
        ({"frequency": {"schedule": "once", "startDate": 1785000000000}}, "frequency.startDate"),
        ({"frequency": {"schedule": "weekly", "startDate": 1}}, "frequency.recurringDays"),
        (
            {"frequency": {"schedule": "monthly", "startDate": 1, "recurringDays": [32]}},
            "frequency.recurringDays",
        ),
    ],
)
def test_a_bad_task_is_refused(client, change, field):
    answer = client.call("POST", TASKS, COMPACT | change)
    assert answer.status == 400
    assert list(answer.faults()) == [field]


def test_unused_layers_are_cleared_where_there_are_layers(client):
    client.call("POST", f"{DOCKER}/hosted", hosted())
    client.call("POST", f"{DOCKER}/group", group("docker-private"))
    body = COMPACT | {"type": "repository.docker.gc"}
    for name, status in (("docker-private", 201), ("*", 201), ("docker-all", 400)):
        answer = client.call("POST", TASKS, body | {"properties": {"repositoryName": name}})
        assert answer.status == status


def test_a_run_takes_its_time_and_the_next_one_waits_for_it(client, nexus, monkeypatch):
    monkeypatch.setattr(nexus, "task_runs", TaskRuns(0.4, "OK"))
    first = f"{TASKS}/{client.call('POST', TASKS, COMPACT).json()['id']}"
    second = f"{TASKS}/repository.cleanup"
    for one in (first, second):
        assert client.call("POST", f"{one}/run").status == 204
    states = [client.call("GET", one).json()["currentState"] for one in (first, second)]
    assert states == ["RUNNING", "RUNNING_BLOCKED"]
    assert client.call("GET", first).json()["lastRun"] is None
    assert client.call("POST", f"{first}/run").status == 500
    time.sleep(0.9)
    for one in (first, second):
        task = client.call("GET", one).json()
        assert (task["currentState"], task["lastRunResult"]) == ("WAITING", "OK")
        assert task["lastRun"]


def test_a_run_can_be_stopped(client, nexus, monkeypatch):
    monkeypatch.setattr(nexus, "task_runs", TaskRuns(60, "OK"))
    one = f"{TASKS}/repository.cleanup"
    client.call("POST", f"{one}/run")
    assert client.call("POST", f"{one}/stop").status == 204
    task = client.call("GET", one).json()
    assert (task["currentState"], task["lastRunResult"]) == ("WAITING", "CANCELED")
    assert client.call("POST", f"{one}/stop").status == 409


def test_settings_of_runs_are_read(tmp_path):
    names = {"NEXUS_DATA": str(tmp_path), "NEXUS_STANDIN_TASK_SECONDS": "2.5",
             "NEXUS_STANDIN_TASK_RESULT": "FAILED"}  # fmt: skip
    read = Settings.from_environment(names)
    assert (read.task_seconds, read.task_result) == (2.5, "FAILED")
    with pytest.raises(SettingsError, match="is none of OK"):
        Settings.from_environment({**names, "NEXUS_STANDIN_TASK_RESULT": "WELL"})
