"""What is made of the facts about the service, its task and Nexus in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from status_fakes import WELL, judged, of, task

from moorage.status.model import (
    NexusSeen,
    RepositorySeen,
    Row,
)


@pytest.mark.parametrize(
    ("service", "level", "words"),
    [
        ({"there": None}, "unknown", "does not tell"),
        ({"there": False}, "failure", "is not deployed"),
        ({"wanted": 0, "running": 0}, "failure", "scaled to 0"),
        ({"running": 0}, "failure", "0/1"),
        ({"update": "updating"}, "ok", "update updating"),
        ({"update": "paused", "update_message": "task x failed"}, "warning", "paused: task x"),
        ({"update": "rollback_completed"}, "warning", "rollback_completed"),
        ({"update": "completed"}, "ok", "1/1"),
    ],
)
def test_the_service(service, level, words):
    told, _ = judged(service=replace(WELL.service, **service))
    [row] = [row for row in told if row.subject == "service"]
    assert row.level == level
    assert words in row.message


def test_a_swarm_that_does_not_tell_is_unknown_and_not_healthy():
    told, code = judged(swarm="m1: Docker does not answer: no answer in time")
    assert of(told, "service", "unknown") == [
        "the Swarm does not tell: m1: Docker does not answer: no answer in time"
    ]
    assert of(told, "task") == of(told, "node") == []
    assert code == 1


def test_a_task_that_starts_is_not_called_failed_and_what_failed_before_it_is_told():
    told, code = judged(
        service=replace(WELL.service, running=0),
        tasks=(task("starting"), task("failed", "shutdown", error="exit 3", number="c" * 25)),
    )
    assert of(told, "task", "failure") == [
        "aaaaaaaaaaaa starting on w1 3 minutes ago: starting, not failed"
    ]
    assert of(told, "task", "warning") == ["before it: cccccccccccc failed on w1: exit 3"]
    assert code == 1


def test_a_rejected_task_has_its_error():
    told, _ = judged(tasks=(task("rejected", "running", error="No such image"),))
    assert of(told, "task", "failure") == [
        "aaaaaaaaaaaa rejected on w1 3 minutes ago: No such image"
    ]


def test_another_image_than_the_inventorys_is_a_warning():
    told, code = judged(image_wanted="moorage/nexus:new")
    assert of(told, "image", "warning") == [
        f"{WELL.service.image} runs, the inventory asks moorage/nexus:new"
    ]
    assert code == 0


def test_nexus_that_does_not_write_is_a_failure_with_its_phase():
    seen = NexusSeen("https://nexus.test", writable=False, phase="Nexus is starting (503)",
                     version="3.94.0", edition="PRO")  # fmt: skip
    told, code = judged(nexus=seen)
    assert of(told, "nexus", "failure") == ["Nexus is starting (503) (3.94.0 PRO)"]
    assert code == 1
    told, code = judged(nexus=NexusSeen("https://nexus.test"))
    assert of(told, "nexus", "unknown") == ["https://nexus.test: no answer in time"]
    assert code == 1


def test_repositories():
    off = (RepositorySeen("a", "hosted", online=False, size_bytes=0),)
    told, code = judged(repositories=off)
    assert of(told, "repositories", "warning") == ["a takes no requests (offline)"]
    assert "a (hosted, 0 B)" in of(told, "repositories", "ok")[0]
    assert code == 0
    many = tuple(RepositorySeen(f"r{number}", "hosted") for number in range(9))
    assert "and 3 more" in of(judged(repositories=many)[0], "repositories")[0]
    assert judged(repositories=())[1] == 1
    told, code = judged(repositories=None, repositories_unknown="the password is not taken")
    assert of(told, "repositories", "unknown") == ["not known: the password is not taken"]
    assert code == 1


def test_each_certificate_has_its_days_unless_it_is_a_bad_one():
    assert of(judged()[0], "certificates") == ["nexus.test 59 days left"]
    bad = Row("failure", "certificates", "Traefik default certificate: resolver le failed", "why")
    (shown,) = WELL.certificates
    ill = replace(shown, well=False)
    told, code = judged(certificates=(ill,), certificate_rows=(bad,))
    assert of(told, "certificates") == [bad.message]
    assert code == 1
    other = replace(shown, name="registry.nexus.test")
    told, _ = judged(certificates=(ill, other), certificate_rows=(bad,))
    assert of(told, "certificates") == ["registry.nexus.test 59 days left", bad.message]
    soon = replace(bad, level="warning")
    assert judged(certificate_rows=(soon,))[1] == 0
    assert of(judged(certificates=())[0], "certificates", "ok") == ["none: the ingress has no TLS"]
