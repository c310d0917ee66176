"""Durations and sizes of a stack file, as Docker reads them, and those that it refuses."""

import json

import pytest

from moorage.documents.check import faults
from moorage.documents.units import in_bytes, in_cpus, in_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("1h30m", 5400), ("500ms", 0.5), ("1.5m", 90), ("1m0.25s", 60.25), (".5s", 0.5),
     ("1100ms", 1.1), ("2us", 2e-6), ("0", 0), ("0s", 0), (15, 15)],
)  # fmt: skip
def test_durations(text, seconds):
    assert in_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "1 s", "s", "1d", "-1s", "1:30", "1s2"])
def test_what_is_no_duration_is_an_error(text):
    with pytest.raises(ValueError, match="not a duration"):
        in_seconds(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [("512m", 512 << 20), ("4g", 4 << 30), ("1.5G", 3 << 29), ("2GiB", 2 << 30), ("100 kb", 102400),
     ("7", 7), ("7b", 7), (".5g", 1 << 29), ("2.k", 2048), (1024, 1024)],
)  # fmt: skip
def test_sizes(text, size):
    assert in_bytes(text) == size


@pytest.mark.parametrize("text", ["", "m", "4x", "4  g", "-1g", "1,5g", "4Gi", "7i", "7ib"])
def test_what_is_no_size_is_an_error(text):
    with pytest.raises(ValueError, match="not a size"):
        in_bytes(text)


@pytest.mark.parametrize(("text", "cpus"), [("0.5", 0.5), ("1/2", 0.5), ("2", 2), (1.5, 1.5)])
def test_processors(text, cpus):
    assert in_cpus(text) == cpus


@pytest.mark.parametrize("text", ["", "many", "1/0", "1 2"])
def test_what_is_no_number_of_processors_is_an_error(text):
    with pytest.raises(ValueError, match="not a number of processors"):
        in_cpus(text)


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [("stop_grace_period", 90, "not a text"), ("stop_grace_period", True, "not a text"),
     ("healthcheck", {"interval": 30}, "not a text"),
     ("deploy", {"resources": {"limits": {"memory": 1073741824}}}, "not a text"),
     ("deploy", {"resources": {"limits": {"cpus": 2}}}, "not a text"),
     ("deploy", {"update_config": {"max_failure_ratio": "0.1"}}, "not a number"),
     ("deploy", {"labels": 5}, "neither a list nor a mapping")],
)  # fmt: skip
def test_what_docker_takes_in_one_form_alone_is_told(key, value, fault):
    (found,) = faults(json.dumps({"services": {"nexus": {"image": "x", key: value}}}))

    assert found.startswith(f"services.nexus.{key}")
    assert fault in found


def test_a_stack_with_such_mistakes_is_told_of_all_of_them():
    found = faults("""\
services:
  nexus:
    image: x
    stop_grace_period: 2 minutes
    healthcheck: {test: "true", interval: 500ms, timeout: soon, start_period: [1]}
    deploy:
      update_config: {delay: 1.5s, max_failure_ratio: few}
      restart_policy: {window: 1d}
      resources: {limits: {memory: 1.5g, cpus: many}, reservations: {memory: much}}
""")

    assert [fault.partition(":")[0] for fault in found] == [
        "services.nexus.stop_grace_period",
        "services.nexus.healthcheck.timeout",
        "services.nexus.healthcheck.start_period",
        "services.nexus.deploy.restart_policy.window",
        "services.nexus.deploy.resources.reservations.memory",
        "services.nexus.deploy.resources.limits.cpus",
        "services.nexus.deploy.update_config.max_failure_ratio",
    ]
