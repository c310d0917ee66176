"""What the Swarm answers: hosts out of place, managers without a leader, output that is cut off."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from frames import replaced

from moorage.errors import MoorageError, Refused
from moorage.steps.stack.observe import manager_probe, parse_manager, parse_node
from moorage.transport.base import sections

MANAGER, WORKER = "docker/20.10/manager.txt", "docker/20.10/worker.txt"


@pytest.mark.parametrize(
    ("state", "said", "hint"),
    [("inactive", "in no Swarm", "docker swarm join"), ("pending", "not joined", "wait"),
     ("locked", "locked", "docker swarm unlock"), ("error", "error", "journalctl -u docker")],
)  # fmt: skip
@pytest.mark.scenario(23, "Manager is not a manager")
def test_a_host_in_no_working_swarm_is_refused_with_what_to_do(recorded, state, said, hint):
    swarm = json.dumps({"LocalNodeState": state, "NodeID": ""})
    text = replaced(recorded(WORKER), "swarm", swarm)

    with pytest.raises(Refused) as caught:
        parse_node(text, "worker", "registry_nexus", "v")

    assert said in caught.value.message
    assert hint in caught.value.hint


def test_docker_that_does_not_answer_is_refused(recorded):
    text = replaced(recorded(WORKER), "swarm", "permission denied while trying to connect", 1)

    with pytest.raises(Refused, match="permission denied"):
        parse_node(text, "worker", "registry_nexus", "v")


@pytest.mark.scenario(23, "Manager is not a manager")
def test_a_worker_in_a_managers_place_is_refused_and_told_who_is_one(recorded):
    worker = recorded(WORKER).partition("swarm\n")[2].partition("\n")[0]
    text = replaced(recorded(MANAGER), "swarm", worker)

    with pytest.raises(Refused) as caught:
        parse_manager(text, "swarm2", {"10.77.0.11": "swarm1"})
    with pytest.raises(Refused, match=r"the manager is 10\.77\.0\.11"):
        parse_manager(text, "swarm2")

    assert caught.value.message == "swarm2 is a worker; the manager is swarm1"


@pytest.mark.scenario(23, "Manager is not a manager")
def test_managers_without_a_leader_are_told_from_an_empty_swarm(recorded):
    said = "Error response from daemon: rpc error: The swarm does not have a leader."
    text = replaced(recorded(MANAGER), "nodes", said, 123)

    with pytest.raises(Refused) as caught:
        parse_manager(text, "manager")

    assert caught.value.message.startswith("the Swarm has no leader: ")
    assert "does not have a leader" in caught.value.message
    assert "more than half" in caught.value.hint


def test_an_empty_swarm_is_read_as_such(recorded):
    text = replaced(recorded(MANAGER), "services", "[]")
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
    text = recorded(MANAGER)

    with pytest.raises(MoorageError):
        parse_manager(text[: text.index('"Spec"')], "manager")
    with pytest.raises(MoorageError):
        parse_node(recorded(WORKER)[:300], "worker", "registry_nexus", "v")


DOCKER = """\
#!/bin/sh
case "$*" in
  "{failing}"*) echo "Error response from daemon: no leader" >&2; exit 1 ;;
  "node ls"*) echo n1; echo n2 ;;
  "node inspect"*) echo "[]" ;;
  "service inspect"*) echo "WARNING: Error loading config file: denied" >&2; {services} ;;
esac
"""


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """The manager's script run by ``sh`` with a Docker that fails at one command."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def run(failing="nothing", services="echo []; echo 'no such service: x' >&2; exit 1"):
        program = tmp_path / "docker"
        program.write_text(DOCKER.format(failing=failing, services=services))
        program.chmod(0o755)
        text = manager_probe("registry", "x:1", "v", ["a", "b"]).script().text()
        done = subprocess.run(["sh"], input=text, text=True, capture_output=True, check=True)
        return sections(done.stdout)

    return run


@pytest.mark.parametrize(
    ("command", "part"),
    [("node ls", "nodes"), ("node inspect", "nodes"), ("service inspect", "services"),
     ("network ls", "networks"), ("info", "swarm")],
)  # fmt: skip
def test_a_docker_command_that_fails_fails_its_part(asked, command, part):
    """Else a Swarm without a leader would look like one without services."""
    assert not asked(command)[part].ok
    assert "no leader" in asked(command)[part].text


def test_no_service_is_an_empty_list_and_no_failure(asked):
    found = asked()

    assert found["services"].ok
    assert found["services"].json() == []


def test_a_warning_of_dockers_client_is_not_taken_for_an_answer(asked):
    found = asked(services="""echo '[{"asked": "'"$*"'"}]'""")

    assert found["services"].json() == [{"asked": "service inspect -- a b"}]
