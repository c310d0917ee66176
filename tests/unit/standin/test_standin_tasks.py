"""Tasks."""

from __future__ import annotations

import pytest
from standin_client import COMPACT, DOCKER, group, hosted

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
