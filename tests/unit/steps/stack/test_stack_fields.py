"""What the stack file asks and what Swarm runs, compared on a real service of Docker 20.10."""

from __future__ import annotations

import copy
import json

import pytest
from recorded_swarm import MANAGER, NEXUS

from moorage.steps.stack.composed import stack_fields
from moorage.steps.stack.running import service_fields
from moorage.transport.base import sections


@pytest.fixture
def wanted(compose):
    return stack_fields(compose, "registry")[NEXUS]


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
        "image", "entrypoint", "command", "stop", "init", "extra", "capabilities", "ports",
        "endpoint", "secrets", "configs", "hostname", "user", "working", "tty", "stdin", "read",
        "dns", "mode", "replicas", "constraints", "preferences", "most", "memory", "cpu", "process",
        "restart", "update", "rollback", "logging", "ulimit", "healthcheck", "label", "networks",
        "network", "mount",
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
        (_set((*SPEC, "Mode"), {"Global": {}}), "mode"),
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
        (_set((*CONTAINER, "Ulimits"), []), "ulimit nofile"),
        (_set((*CONTAINER, "Ulimits", 0, "Soft"), 1024), "ulimit nofile"),
        (_set((*CONTAINER, "Ulimits", 0, "Name"), "nproc"), "ulimit nproc"),
        (_set((*CONTAINER, "Args"), ["sleep", "60"]), "command"),
        (_set((*CONTAINER, "Command"), ["sleep"]), "entrypoint"),
        (_set((*CONTAINER, "Hostname"), "x"), "hostname"),
        (_set((*CONTAINER, "User"), "0"), "user"),
        (_set((*CONTAINER, "Dir"), "/x"), "working directory"),
        (_set((*CONTAINER, "StopSignal"), "SIGKILL"), "stop signal"),
        (_set((*CONTAINER, "TTY"), value=True), "tty"),
        (_set((*CONTAINER, "OpenStdin"), value=True), "stdin open"),
        (_set((*CONTAINER, "ReadOnly"), value=True), "read only"),
        (_set((*CONTAINER, "Init"), value=True), "init"),
        (_set((*CONTAINER, "DNSConfig", "Nameservers"), ["9.9.9.9"]), "dns"),
        (_set((*CONTAINER, "DNSConfig", "Search"), ["lan"]), "dns search"),
        (_set((*CONTAINER, "Hosts"), ["10.0.0.1 x"]), "extra hosts"),
        (_set((*CONTAINER, "CapabilityAdd"), ["CAP_SYS_ADMIN"]), "capabilities added"),
        (_set((*CONTAINER, "CapabilityDrop"), ["ALL"]), "capabilities dropped"),
        (_set((*CONTAINER, "Sysctls"), {"net.x": "1"}), "sysctl net.x"),
        (_set((*CONTAINER, "Labels", "by.hand"), "1"), "container label by.hand"),
        (_set((*CONTAINER, "Secrets"), [{"SecretName": "s", "File": {"Name": "s"}}]), "secrets"),
        (_set((*CONTAINER, "Configs"), [{"ConfigName": "c", "File": {"Name": "c"}}]), "configs"),
        (_set((*TASK, "LogDriver"), {"Name": "syslog"}), "logging driver"),
        (_set((*TASK, "LogDriver"), {"Options": {"max-size": "1m"}}), "logging max-size"),
        (_set((*TASK, "Networks", 0, "Aliases"), ["nexus", "other"]), "network proxy aliases"),
        (_set((*TASK, "Resources", "Limits", "NanoCPUs"), 500_000_000), "cpu limit"),
        (_set((*TASK, "Resources", "Limits", "Pids"), 9), "process limit"),
        (_set((*TASK, "Resources", "Reservations"), {"MemoryBytes": 1}), "memory reserved"),
        (_set((*TASK, "Resources", "Reservations"), {"NanoCPUs": 10**9}), "cpu reserved"),
        (_set((*TASK, "Placement", "MaxReplicas"), 1), "most on a node"),
        (
            _set(
                (*TASK, "Placement", "Preferences"), [{"Spread": {"SpreadDescriptor": "node.id"}}]
            ),
            "preferences",
        ),
        (_set((*TASK, "RestartPolicy", "MaxAttempts"), 3), "restart attempts"),
        (_set((*TASK, "RestartPolicy", "Window"), 10**9), "restart window"),
        (_set((*SPEC, "UpdateConfig", "Parallelism"), 0), "update parallelism"),
        (_set((*SPEC, "UpdateConfig", "Delay"), 10**9), "update delay"),
        (_set((*SPEC, "UpdateConfig", "MaxFailureRatio"), 0.5), "update failure ratio"),
        (_set((*SPEC, "RollbackConfig", "Order"), "start-first"), "rollback order"),
        (_set((*SPEC, "RollbackConfig", "FailureAction"), "continue"), "rollback failure action"),
        (_set((*SPEC, "RollbackConfig", "Monitor"), 1), "rollback monitor"),
        (_set((*SPEC, "RollbackConfig", "Parallelism"), 0), "rollback parallelism"),
        (_set((*SPEC, "RollbackConfig", "Delay"), 10**9), "rollback delay"),
        (_set((*SPEC, "RollbackConfig", "MaxFailureRatio"), 0.5), "rollback failure ratio"),
        (_set((*SPEC, "EndpointSpec", "Mode"), "dnsrr"), "endpoint mode"),
        (
            _set((*SPEC, "EndpointSpec", "Ports"), [{"TargetPort": 8081, "PublishedPort": 80}]),
            "ports",
        ),
        (_set((*MOUNT, "ReadOnly"), value=True), "mount /nexus-data read only"),
        (
            _set((*MOUNT, "VolumeOptions", "DriverConfig", "Name"), "other"),
            "mount /nexus-data driver",
        ),
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
    if not field.startswith(("mount", "healthcheck", "mode", "network", "ulimit")):
        assert different == {field}


@pytest.mark.parametrize("path", [(*CONTAINER,), (*TASK,), SPEC])
def test_nothing_that_swarm_tells_of_the_service_is_left_unread(wanted, service, names, path):
    """Each leaf of the recorded service, changed, is seen; but for those that mean nothing here."""
    unread = []
    for leaf in _leaves(_at(service, path)):
        drifted = copy.deepcopy(service)
        part = _at(_at(drifted, path), leaf[:-1])
        part[leaf[-1]] = _otherwise(part[leaf[-1]])
        if service_fields(drifted, names) == wanted and not set(leaf) & MEANINGLESS:
            unread.append(leaf)

    assert unread == []


MEANINGLESS = {
    "com.docker.stack.namespace", "com.docker.stack.image", "Privileges", "Isolation", "Runtime",
    "ForceUpdate", "Name", "Labels",
}  # fmt: skip


"""The stack's own marks; what only Windows has; a counter; names that are the key already."""


def _at(value, path):
    for key in path:
        value = value[key]
    return value


def _leaves(value, path=()):
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if key in {"TaskTemplate", "ContainerSpec"}:
            continue
        if isinstance(item, dict | list) and item:
            yield from _leaves(item, (*path, key))
        elif not isinstance(item, dict | list) and item is not None:
            yield (*path, key)


def _otherwise(value):
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else f"{value}x"


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

    assert service_fields(service, names) == stack_fields(compose, "registry")[NEXUS]


@pytest.mark.parametrize("operator", ["==", "!="])
def test_a_constraint_is_the_same_however_its_spaces_are(compose, service, names, operator):
    """Swarm keeps them as the template has them."""
    written = f"node.role{operator}manager"
    compose["services"]["nexus"]["deploy"]["placement"] = {"constraints": [written]}
    placement = service["Spec"]["TaskTemplate"]["Placement"]
    placement["Constraints"] = [written]

    seen = stack_fields(compose, "registry")[NEXUS]["constraints"]

    assert seen == service_fields(service, names)["constraints"]
