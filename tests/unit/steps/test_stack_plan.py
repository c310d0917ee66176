"""The step stack: refusals before anything, labels, one deployment, and what is left alone."""

from __future__ import annotations

import dataclasses
import json

import pytest
from frames import replaced
from ruamel.yaml import YAML

from moorage import documents
from moorage.errors import Refused, Unreachable
from moorage.steps.stack import StackDesired, StackStep
from moorage.steps.stack.observe import NodeObserved, parse_manager, parse_node
from moorage.steps.stack.step import Await

MANAGER, WORKER = "docker/20.10/manager.txt", "docker/20.10/worker.txt"
NEXUS = "registry_nexus"


@pytest.fixture
def wanted(site, templates, image, image_digest):
    text = documents.stack(site, templates, image)
    volume = documents.volume(site)
    return StackDesired(
        stack="registry",
        service=NEXUS,
        compose_text=text,
        compose=YAML(typ="safe", pure=True).load(text),
        image=image,
        image_digest=image_digest,
        from_registry=False,
        eligible=("worker", "manager"),
        label=documents.placement_label(site),
        volume=volume.actual_name,
        volume_options=volume.driver_opts,
        nocopy=True,
        uid=200,
        network="proxy",
        converge_seconds=60,
        startup_seconds=60,
    )


@pytest.fixture
def step(wanted, played_host, played_fleet, recorded):
    """The step on hosts that answer with the recordings, or as the test says."""

    def make(manager=None, worker=None, **changes):
        answers = {"manager": manager or recorded(MANAGER), "worker": worker or recorded(WORKER)}

        def answer(script):
            return answers[host_of[id(script)]]

        host_of: dict[int, str] = {}

        class Recorder(played_host):
            def read(self, script, *, timeout=None):
                host_of[id(script)] = self.name
                text = answers[self.name]
                if isinstance(text, Exception):
                    raise text
                self.asked.append(script)
                return text

        fleet = played_fleet(Recorder("manager", answer), Recorder("worker", answer))
        return StackStep(fleet, "manager", None, dataclasses.replace(wanted, **changes))

    return make


@pytest.fixture
def observed(step, heard):
    return step().observe(heard)


def test_the_recorded_swarm_is_as_asked(step, heard):
    one = step()

    assert one.plan(one.observe(heard)).empty


def test_each_host_is_read_by_one_script(step, heard):
    one = step()
    one.observe(heard)

    assert [len(host.asked) for host in one._fleet.hosts.values()] == [1, 1]


def without_service(observed):
    return dataclasses.replace(observed, services={}, tasks=frozenset())


def test_a_first_deployment_proves_the_mount_on_every_node_first(step, observed):
    (change,) = step().plan(without_service(observed)).changes

    hosts = [getattr(action, "host", "waits") for action in change.actions]
    assert change.verb == "create"
    assert hosts == ["worker", "manager", "manager", "waits"]
    assert "prove" in change.actions[0].summary
    assert change.actions[2].summary == "deploy the stack registry"
    assert isinstance(change.actions[3], Await)


def test_the_mount_probe_mounts_as_the_volume_will(step, observed, wanted):
    script = step().plan(without_service(observed)).changes[0].actions[0].script
    mount = script.variables["mount"]

    assert '"volume-opt=o=addr=10.77.0.10,nfsvers=4.2,hard,rw"' in mount
    assert "volume-opt=device=:/srv/nexus" in mount
    assert "volume-nocopy=true" in mount
    assert script.variables["uid"] == 200


def test_a_running_service_is_not_probed_again(step, observed):
    services = {NEXUS: {**observed.services[NEXUS], "memory limit": 1}}

    (change,) = step().plan(dataclasses.replace(observed, services=services)).changes

    assert change.verb == "update"
    assert [difference.field for difference in change.differences] == ["memory limit"]
    assert [type(action).__name__ for action in change.actions] == ["RunScript", "Await"]


def test_what_was_there_before_is_remembered_for_the_wait(step, observed):
    services = {NEXUS: {**observed.services[NEXUS], "replicas": 0}}
    before = dataclasses.replace(observed, services=services, updates={NEXUS: "yesterday"})

    action = step().plan(before).changes[0].actions[-1]

    assert action.former_update == "yesterday"
    assert action.former_tasks == observed.tasks


def test_a_field_that_only_swarm_has_is_to_go(step, observed):
    services = {NEXUS: {**observed.services[NEXUS], "label by.hand": "x", "environment A": "1"}}

    (change,) = step().plan(dataclasses.replace(observed, services=services)).changes

    assert {(item.field, item.after) for item in change.differences} == {
        ("label by.hand", None), ("environment A", None),
    }  # fmt: skip


def test_a_missing_label_is_put_on_the_nodes_that_may_run_nexus(step, observed):
    bare = {node: dataclasses.replace(item, labels={}) for node, item in observed.swarm.items()}

    made = step().plan(dataclasses.replace(observed, swarm=bare))

    assert [change.subject for change in made.changes] == ["node manager", "node worker"]
    script = made.changes[0].actions[0].script
    assert script.variables["flag"] == "--label-add"
    assert script.variables["label"] == "moorage.registry=nexus"


def test_a_label_is_taken_off_nodes_that_may_not_run_it_any_more(step, observed):
    only = {"worker": observed.nodes["worker"]}

    made = step(eligible=("worker",)).plan(dataclasses.replace(observed, nodes=only))

    (change,) = made.changes
    assert change.subject == "node manager"
    assert change.actions[0].script.variables["flag"] == "--label-rm"
    assert change.actions[0].script.variables["label"] == "moorage.registry"


def test_a_node_that_does_not_answer_keeps_its_label_and_is_told(step, heard):
    one = step(worker=Unreachable("no SSH connection", host="worker"))

    made = one.plan(one.observe(heard))

    assert made.empty
    assert any("worker does not answer" in note for note in made.notes)


def test_a_manager_that_does_not_answer_stops_it(step, heard):
    with pytest.raises(Unreachable):
        step(manager=Unreachable("gone", host="manager")).observe(heard)


def test_no_node_that_answers_stops_it_where_nexus_may_run_only_there(step, heard):
    with pytest.raises(Unreachable):
        step(worker=Unreachable("gone", host="worker"), eligible=("worker",)).observe(heard)


def test_a_missing_ingress_network_is_refused_with_the_command_that_makes_it(step, observed):
    with pytest.raises(Refused) as caught:
        step().plan(dataclasses.replace(observed, networks=frozenset({"ingress"})))

    assert "docker network create -d overlay --attachable proxy" in caught.value.hint


def test_a_missing_image_names_the_step_that_makes_it(step, observed, wanted):
    nodes = {**observed.nodes, "worker": dataclasses.replace(observed.nodes["worker"], image=None)}
    seen = dataclasses.replace(observed, nodes=nodes)

    with pytest.raises(Refused) as caught:
        step().plan(seen)
    assert caught.value.host == "worker"
    assert "fab build-image" in caught.value.hint

    assert step(image_pending=True).plan(seen).empty
    assert step(from_registry=True).plan(seen).empty


def test_another_build_under_the_same_name_is_refused(step, observed):
    other = NodeObserved("x", {"moorage.dockerfile": "0" * 64}, None)

    with pytest.raises(Refused, match="is another build"):
        step().plan(dataclasses.replace(observed, nodes={"worker": other}))


def test_a_volume_with_other_options_is_refused_with_both(step, observed):
    soft = {**observed.nodes["worker"].volume, "o": "addr=10.77.0.10,soft"}
    nodes = {"worker": dataclasses.replace(observed.nodes["worker"], volume=soft)}

    with pytest.raises(Refused) as caught:
        step().plan(dataclasses.replace(observed, nodes=nodes))

    assert "addr=10.77.0.10,soft instead of" not in caught.value.message.split("o=")[0]
    assert "soft" in caught.value.message
    assert "hard" in caught.value.message
    assert "docker volume rm" in caught.value.hint


def test_a_node_without_the_volume_yet_is_fine(step, observed):
    nodes = {name: dataclasses.replace(node, volume=None) for name, node in observed.nodes.items()}

    assert step().plan(dataclasses.replace(observed, nodes=nodes)).empty


@pytest.mark.parametrize(
    ("state", "hint"),
    [("inactive", "docker swarm join"), ("pending", "wait"), ("locked", "docker swarm unlock"),
     ("error", "docker swarm")],
)  # fmt: skip
def test_a_host_in_no_working_swarm_is_refused_with_what_to_do(recorded, state, hint):
    swarm = json.dumps({"LocalNodeState": state, "NodeID": ""})
    text = replaced(recorded(WORKER), "swarm", swarm)

    with pytest.raises(Refused) as caught:
        parse_node(text, "worker")

    assert state in caught.value.message
    assert hint in caught.value.hint


def test_docker_that_does_not_answer_is_refused(recorded):
    text = replaced(recorded(WORKER), "swarm", "permission denied while trying to connect", 1)

    with pytest.raises(Refused, match="permission denied"):
        parse_node(text, "worker")


def test_a_worker_in_a_managers_place_is_refused_and_told_who_is_one(recorded):
    worker = recorded(WORKER).partition("swarm\n")[2].partition("\n")[0]
    text = replaced(recorded(MANAGER), "swarm", worker)

    with pytest.raises(Refused) as caught:
        parse_manager(text, "worker")

    assert "managers are 10.77.0.11" in caught.value.message


def test_managers_without_a_leader_are_told_from_an_empty_swarm(recorded):
    said = "Error response from daemon: rpc error: The swarm does not have a leader."
    text = replaced(recorded(MANAGER), "nodes", said, 123)

    with pytest.raises(Refused) as caught:
        parse_manager(text, "manager")

    assert "does not have a leader" in caught.value.message
    assert "more than half" in caught.value.hint


def test_an_empty_swarm_is_read_as_such(recorded):
    text = replaced(recorded(MANAGER), "services", "")
    text = replaced(text, "tasks", "nothing found in stack: registry", 1)

    seen = parse_manager(text, "manager")

    assert seen.services == {}
    assert seen.tasks == frozenset()


def test_services_that_could_not_be_read_are_never_taken_for_none(recorded):
    said = "Error response from daemon: context deadline exceeded"
    text = replaced(recorded(MANAGER), "services", said, 123)

    with pytest.raises(Refused):
        parse_manager(text, "manager")


def test_a_probe_that_was_cut_off_is_a_clear_failure(recorded):
    from moorage.errors import MoorageError

    text = recorded(MANAGER)

    with pytest.raises(MoorageError):
        parse_manager(text[: text.index('"Spec"')], "manager")
    with pytest.raises(MoorageError):
        parse_node(recorded(WORKER)[:300], "worker")


DOCKER = """\
#!/bin/sh
case "$*" in
  "{failing}"*) echo "Error response from daemon: no leader" >&2; exit 1 ;;
  "node ls"*) echo n1; echo n2 ;;
  "node inspect"*) echo "[]" ;;
  "service ls"*) echo "WARNING: Error loading config file: permission denied" >&2; {services} ;;
  "service inspect"*) echo '[{{"inspected": "'"$*"'"}}]' ;;
esac
"""


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """The manager's script run by ``sh`` with a Docker that fails at one command."""
    import os
    import subprocess

    from moorage.steps.stack.observe import manager_probe
    from moorage.transport.base import sections

    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def run(failing="nothing", services="true"):
        program = tmp_path / "docker"
        program.write_text(DOCKER.format(failing=failing, services=services))
        program.chmod(0o755)
        text = manager_probe("registry", "x:1", "v").text()
        done = subprocess.run(["sh"], input=text, text=True, capture_output=True, check=True)
        return sections(done.stdout)

    return run


@pytest.mark.parametrize(
    ("command", "part"),
    [("node ls", "nodes"), ("node inspect", "nodes"), ("service ls", "services"),
     ("network ls", "networks"), ("info", "swarm")],
)  # fmt: skip
def test_a_docker_command_that_fails_fails_its_part(asked, command, part):
    """Else a Swarm without a leader would look like one without services."""
    assert not asked(command)[part].ok
    assert "no leader" in asked(command)[part].text


def test_no_service_is_an_empty_list_and_no_failure(asked):
    found = asked()

    assert found["services"].ok
    assert found["services"].json() is None


def test_a_warning_of_dockers_client_is_not_taken_for_an_answer(asked):
    found = asked(services="echo s1; echo s2")

    assert found["services"].json() == [{"inspected": "service inspect s1 s2"}]
