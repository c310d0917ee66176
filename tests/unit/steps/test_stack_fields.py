"""What the stack file asks and what Swarm runs, compared on a real service of Docker 20.10."""

from __future__ import annotations

import copy
import json

import pytest
from ruamel.yaml import YAML

from moorage import documents
from moorage.steps.stack.composed import stack_fields
from moorage.steps.stack.observe import parse_manager
from moorage.steps.stack.running import service_fields
from moorage.transport.base import sections

NAME = "registry_nexus"
MANAGER = "docker/20.10/manager.txt"


@pytest.fixture
def compose(site, templates, image):
    return YAML(typ="safe", pure=True).load(documents.stack(site, templates, image))


@pytest.fixture
def wanted(compose):
    return stack_fields(compose, "registry")[NAME]


@pytest.fixture
def service(recorded):
    found = sections(recorded(MANAGER))
    return json.loads(found["services"].text)[0]


@pytest.fixture
def names(recorded):
    found = sections(recorded(MANAGER))
    lines = [line.split() for line in found["networks"].text.splitlines()]
    return {line[0]: line[1] for line in lines}


def test_the_recorded_service_is_what_the_stack_file_asks(wanted, service, names):
    assert service_fields(service, names) == wanted


def test_the_recorded_service_has_no_field_that_is_left_out(wanted):
    """What is compared at all; a field that goes missing here is drift that is never seen."""
    plain = {key.split()[0] for key in wanted}
    assert plain == {
        "image", "replicas", "networks", "constraints", "memory", "stop", "update", "restart",
        "open", "command", "healthcheck", "label", "mount",
    }  # fmt: skip
    assert {"mount /nexus-data", "mount /nexus-data nocopy", "mount /nexus-data o",
            "mount /nexus-data device", "mount /nexus-data type"} <= set(wanted)  # fmt: skip


def _set(path, value):
    def change(service):
        *parents, last = path
        for key in parents:
            service = service[key]
        service[last] = value

    return change


SPEC = ("Spec",)
TASK = ("Spec", "TaskTemplate")
CONTAINER = (*TASK, "ContainerSpec")
MOUNT = (*CONTAINER, "Mounts", 0)
DRIVER = (*MOUNT, "VolumeOptions", "DriverConfig", "Options")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_set((*CONTAINER, "Image"), "moorage/nexus:other"), "image"),
        (_set((*SPEC, "Mode", "Replicated", "Replicas"), 0), "replicas"),
        (_set((*SPEC, "Mode"), {"Global": {}}), "replicas"),
        (_set((*TASK, "Networks"), []), "networks"),
        (_set((*TASK, "Networks", 0, "Target"), "another"), "networks"),
        (_set((*TASK, "Placement"), {}), "constraints"),
        (_set((*TASK, "Placement", "Constraints"), ["node.role==manager"]), "constraints"),
        (_set((*TASK, "Resources", "Limits", "MemoryBytes"), 1), "memory limit"),
        (_set((*TASK, "Resources"), {}), "memory limit"),
        (_set((*CONTAINER, "StopGracePeriod"), 10_000_000_000), "stop grace period"),
        (_set((*SPEC, "UpdateConfig", "Order"), "start-first"), "update order"),
        (_set((*SPEC, "UpdateConfig", "FailureAction"), "rollback"), "update failure action"),
        (_set((*SPEC, "UpdateConfig", "Monitor"), 1), "update monitor"),
        (_set((*TASK, "RestartPolicy", "Condition"), "none"), "restart condition"),
        (_set((*TASK, "RestartPolicy", "Delay"), 1), "restart delay"),
        (_set((*CONTAINER, "Ulimits"), []), "open files"),
        (_set((*CONTAINER, "Ulimits", 0, "Soft"), 1024), "open files"),
        (_set((*CONTAINER, "Args"), ["sleep", "60"]), "command"),
        (_set((*CONTAINER, "Healthcheck", "Test"), ["NONE"]), "healthcheck"),
        (_set((*CONTAINER, "Healthcheck"), None), "healthcheck"),
        (_set((*CONTAINER, "Healthcheck", "Interval"), 1), "healthcheck interval"),
        (_set((*CONTAINER, "Healthcheck", "Timeout"), 1), "healthcheck timeout"),
        (_set((*CONTAINER, "Healthcheck", "StartPeriod"), 1), "healthcheck start period"),
        (_set((*CONTAINER, "Healthcheck", "Retries"), 1), "healthcheck retries"),
        (_set((*CONTAINER, "Env"), ["DEBUG=a=b"]), "environment DEBUG"),
        (_set((*SPEC, "Labels", "traefik.enable"), "false"), "label traefik.enable"),
        (_set((*SPEC, "Labels", "added.by.hand"), "x"), "label added.by.hand"),
        (_set((*MOUNT, "Source"), "other"), "mount /nexus-data"),
        (_set((*MOUNT, "Type"), "bind"), "mount /nexus-data"),
        (_set((*MOUNT, "VolumeOptions", "NoCopy"), value=False), "mount /nexus-data nocopy"),
        (_set((*DRIVER, "o"), "addr=10.77.0.10,nfsvers=4.2,soft,rw"), "mount /nexus-data o"),
        (_set((*DRIVER, "device"), ":/elsewhere"), "mount /nexus-data device"),
        (_set((*DRIVER, "type"), "nfs4"), "mount /nexus-data type"),
    ],
)
def test_drift_of_every_single_field_is_seen(wanted, service, names, change, field):
    drifted = copy.deepcopy(service)
    change(drifted)

    seen = service_fields(drifted, names)

    different = {key for key in {**wanted, **seen} if wanted.get(key) != seen.get(key)}
    assert field in different
    if not field.startswith(("mount", "healthcheck")):
        assert different == {field}


def test_a_label_that_was_taken_off_by_hand_is_seen(wanted, service, names):
    del service["Spec"]["Labels"]["traefik.enable"]

    assert "label traefik.enable" not in service_fields(service, names)
    assert "label traefik.enable" in wanted


def test_what_docker_adds_by_itself_is_no_drift(wanted, service, names):
    """A digest that was resolved, the stack's own labels, spaces that Swarm leaves out."""
    spec = service["Spec"]
    container = spec["TaskTemplate"]["ContainerSpec"]
    container["Image"] += "@sha256:" + "0" * 64
    spec["Labels"]["com.docker.stack.namespace"] = "another"
    spec["TaskTemplate"]["Placement"]["Constraints"] = ["node.labels.moorage.registry==nexus"]

    assert service_fields(service, names) == wanted


def test_what_docker_leaves_out_has_its_default(compose, service, names):
    """A stack without these keys and a service without these fields are the same."""
    one = compose["services"]["nexus"]
    for key in ("stop_grace_period", "healthcheck", "ulimits"):
        del one[key]
    for key in ("update_config", "restart_policy", "resources", "placement"):
        del one["deploy"][key]
    spec = service["Spec"]
    for key in ("StopGracePeriod", "Healthcheck", "Ulimits"):
        del spec["TaskTemplate"]["ContainerSpec"][key]
    for key in ("RestartPolicy", "Resources", "Placement"):
        del spec["TaskTemplate"][key]
    del spec["UpdateConfig"]

    assert service_fields(service, names) == stack_fields(compose, "registry")[NAME]


@pytest.mark.parametrize(
    ("key", "value", "fields"),
    [
        ("command", "a b", {"command": ["a", "b"]}),
        ("command", ["a", "b c"], {"command": ["a", "b c"]}),
        ("command", 'sh -c "a b"', {"command": ["sh", "-c", "a b"]}),
        ("environment", {"A": "1", "B": None, "C": 2},
         {"environment A": "1", "environment B": "", "environment C": "2"}),
        ("environment", ["A=1=2", "B="], {"environment A": "1=2", "environment B": ""}),
        ("environment", {"COST": "5$$"}, {"environment COST": "5$"}),
        ("ulimits", {"nofile": 99}, {"open files": [99, 99]}),
        ("ulimits", {"nofile": {"soft": 1, "hard": 2}}, {"open files": [1, 2]}),
        ("volumes", ["data:/nexus-data"], {"mount /nexus-data nocopy": False}),
        ("volumes", ["/srv/x:/x"], {"mount /x": "bind /srv/x"}),
        ("healthcheck", {"test": "true", "interval": "1m30s"},
         {"healthcheck": ["CMD-SHELL", "true"], "healthcheck interval": 90.0}),
        ("networks", ["proxy", "own"], {"networks": ["proxy", "registry_own"]}),
        ("stop_grace_period", "1m30s", {"stop grace period": 90.0}),
    ],
)  # fmt: skip
def test_an_operators_template_may_write_a_key_either_way(compose, key, value, fields):
    compose["services"]["nexus"][key] = value

    seen = stack_fields(compose, "registry")[NAME]

    assert fields.items() <= seen.items()


def test_labels_may_be_a_mapping_too(compose):
    compose["services"]["nexus"]["deploy"]["labels"] = {"a": "b", "price": "$$5"}

    seen = stack_fields(compose, "registry")[NAME]

    assert (seen["label a"], seen["label price"]) == ("b", "$5")


def test_an_external_network_goes_by_its_real_name(compose):
    compose["networks"]["proxy"] = {"external": {"name": "traefik-public"}}
    assert stack_fields(compose, "registry")[NAME]["networks"] == ["traefik-public"]

    compose["networks"]["proxy"] = {"external": True, "name": "other"}
    assert stack_fields(compose, "registry")[NAME]["networks"] == ["other"]


def test_the_manager_tells_the_whole_swarm(recorded):
    seen = parse_manager(recorded(MANAGER), "manager")

    assert {node.hostname for node in seen.swarm.values()} == {"manager", "worker"}
    assert "proxy" in seen.networks
    assert set(seen.services) == {NAME}
    assert seen.updates == {NAME: ""}
    assert len(seen.tasks) == 1
