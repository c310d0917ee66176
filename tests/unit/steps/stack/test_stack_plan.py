"""The step stack: refusals before anything, labels, one deployment, and what is left alone."""

from __future__ import annotations

import copy
import dataclasses

import pytest
from frames import replaced
from recorded_swarm import MANAGER, NEXUS, WORKER, Web

from moorage.change import Difference
from moorage.errors import Refused, Unreachable
from moorage.order import Assembly
from moorage.steps.stack import StackStep
from moorage.steps.stack.desired import Await
from moorage.transport.nexus_status import NexusStatus
from moorage.values import Secret


def test_the_recorded_swarm_is_as_asked(step, heard):
    one = step()

    assert one.plan(one.observe(heard)).empty


def test_each_host_is_read_by_one_script(step, heard):
    one = step()
    one.observe(heard)

    assert [len(host.asked) for host in one._fleet.hosts.values()] == [1, 1]


def with_traefik(output, image):
    boundary = output.partition("\n")[0]
    text = f"edge_traefik|\nimage|{image}"
    return f"{output}--{boundary} traefik\n{text}\n\n--{boundary} = 0\n"


def test_labels_are_those_of_the_traefik_that_runs(step, wanted, recorded, heard):
    """Asked of the same host in the same script as all else."""
    one = step(manager=with_traefik(recorded(MANAGER), "traefik:v2.11.3"))
    one._for_traefik = lambda version: dataclasses.replace(wanted, advice=(f"for {version}",))
    plan = one.plan(one.observe(heard))

    assert plan.notes[0] == "for 2.11.3"
    assert "traefik" in one.probes()["manager"].parts
    assert [len(host.asked) for host in one._fleet.hosts.values()] == [1, 1]
    assert "traefik" not in step().probes()["manager"].parts


def test_a_traefik_that_tells_no_version_stops_it(step, wanted, recorded, heard):
    one = step(manager=with_traefik(recorded(MANAGER), "traefik:latest"))
    one._for_traefik = lambda version: wanted
    with pytest.raises(Refused, match="nothing tells the version of edge_traefik"):
        one.plan(one.observe(heard))


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


def test_a_node_whose_volumes_hang_on_a_dead_nfs_server_is_told_and_the_others_go_on(
    step, heard, recorded
):
    hanging = replaced(recorded("docker/20.10/worker.txt"), "volumes", "", 124)
    one = step(worker=hanging)

    made = one.plan(one.observe(heard))

    assert any("worker does not answer" in note and "NFS server" in note for note in made.notes)


def test_volumes_that_docker_does_not_tell_are_no_absent_volumes(step, heard, recorded):
    broken = replaced(recorded("docker/20.10/worker.txt"), "volumes", "permission denied", 1)
    with pytest.raises(Refused, match="permission denied"):
        step(worker=broken).observe(heard)


def test_a_manager_that_does_not_answer_stops_it(step, heard):
    with pytest.raises(Unreachable):
        step(manager=Unreachable("gone", host="manager")).observe(heard)


def test_no_node_that_answers_stops_it_where_nexus_may_run_only_there(step, heard):
    with pytest.raises(Unreachable):
        step(worker=Unreachable("gone", host="worker"), eligible=("worker",)).observe(heard)


def test_a_node_of_another_swarm_is_refused(step, observed):
    """Its label would be taken off the node that is meant."""
    stranger = dataclasses.replace(observed.nodes["worker"], node="another")
    seen = dataclasses.replace(observed, nodes={**observed.nodes, "worker": stranger})

    with pytest.raises(Refused, match="another Swarm than manager") as caught:
        step().plan(seen)
    assert caught.value.host == "worker"


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


def test_a_first_deployment_shows_what_the_template_says_and_no_defaults(step, observed):
    (change,) = step().plan(without_service(observed)).changes

    fields = [item.field for item in change.differences]
    assert "memory limit" in fields
    assert not {"mode", "endpoint mode", "tty", "update parallelism"} & set(fields)


def test_a_deployment_that_was_cut_off_is_carried_on_with(step, observed):
    starting = NexusStatus(writable=False, phase="Nexus is starting (503)")

    (change,) = step().plan(dataclasses.replace(observed, nexus=starting)).changes

    assert change.differences == (Difference("Nexus", "Nexus is starting (503)", "writable"),)
    assert type(change.actions[-1]).__name__ == "Await"


def test_a_move_to_another_node_is_waited_for(step, observed):
    labelled = {node: dataclasses.replace(item, labels={}) for node, item in observed.swarm.items()}

    changes = step().plan(dataclasses.replace(observed, swarm=labelled)).changes

    assert type(changes[-1].actions[-1]).__name__ == "Await"


def test_before_a_deployment_a_label_is_not_waited_for(step, observed):
    """A router that was changed by hand keeps Nexus out of reach until the deployment mends it."""
    labelled = {node: dataclasses.replace(item, labels={}) for node, item in observed.swarm.items()}
    services = {NEXUS: {**observed.services[NEXUS], "label x": "by hand"}}

    changes = step().plan(dataclasses.replace(observed, swarm=labelled, services=services)).changes

    awaiting = [change.subject for change in changes
                if any(isinstance(action, Await) for action in change.actions)]  # fmt: skip
    assert awaiting == [f"service {NEXUS}"]


def test_the_stack_is_no_business_of_a_node_that_nexus_is_not_on(
    heard, recorded, played_fleet, played_host, site, templates
):
    """The other node may be away, or without Docker."""
    pinned = site.stack.placement.model_copy(update={"failover": False})
    here = site.model_copy(update={"stack": site.stack.model_copy(update={"placement": pinned})})
    assembly = Assembly(here, None, templates, lambda _: Secret("x"), "manager")
    wanted = dataclasses.replace(assembly._stack_desired(here), volume="registry-data-f19748a7")
    fleet = played_fleet(played_host("manager", lambda _: recorded(MANAGER)))
    step = StackStep(fleet, "manager", Web(), wanted)
    gone = Unreachable("no SSH connection", host="worker")

    with pytest.raises(Unreachable) as caught:
        step.read({"manager": recorded(MANAGER), "worker": gone}, heard)
    assert "fab relocate --to manager --fenced worker" in caught.value.hint


def test_a_node_that_lacks_an_image_of_a_registry_pulls_it_before_anything_is_stopped(
    step, observed, wanted
):
    lacking = dataclasses.replace(observed.nodes["worker"], image=None)
    services = {NEXUS: {**observed.services[NEXUS], "memory limit": 1}}
    seen = dataclasses.replace(
        observed, nodes={**observed.nodes, "worker": lacking}, services=services
    )

    (change,) = step(from_registry=True).plan(seen).changes

    pull, deploy, _ = change.actions
    assert (pull.host, pull.summary) == ("worker", f"pull {wanted.image}")
    assert deploy.summary == "deploy the stack registry"


def test_a_node_that_the_services_own_constraints_shut_out_stands_in_nobodys_way(
    step, observed, recorded, wanted
):
    """A site that was set up by hand, for managers alone, without nodes of its own choice."""
    compose = copy.deepcopy(dict(wanted.compose))
    compose["services"]["nexus"]["deploy"]["placement"] = {"constraints": ["node.role == manager"]}
    lacking = dataclasses.replace(observed.nodes["worker"], image=None, volume={"device": "/x"})
    seen = dataclasses.replace(observed, nodes={**observed.nodes, "worker": lacking})

    (change,) = step(from_registry=True, compose=compose).plan(seen).changes

    assert [action.summary for action in change.actions[:-1]] == ["deploy the stack registry"]


def test_the_plan_of_the_worker_in_a_managers_place_has_the_inventorys_names(step, recorded):
    swarm = recorded(WORKER).partition("swarm\n")[2].partition("\n")[0]
    manager = replaced(recorded(MANAGER), "swarm", swarm)

    with pytest.raises(Refused, match="manager is a worker; the manager is boss"):
        step(manager=manager, addresses={"10.77.0.11": "boss"}).observe(lambda _text: None)
