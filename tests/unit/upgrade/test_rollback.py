"""The rollback: the shell that keeps what is deployed, and the step over it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from moorage.errors import Refused
from moorage.quoting import Script
from moorage.runner import run
from moorage.steps.pending_upgrade import UnderWay
from moorage.steps.stack import scripts
from moorage.steps.stack.rollback import RollbackObserved, RollbackStep, _refuse_other_data
from moorage.transport.base import Result

NOW, TO = "3.94.0", "3.95.0"


def deploy(swarm, text):
    script = scripts.deploy("played", text, from_registry=False, home=swarm.wanted.home)
    done = swarm.fleet.host("boss").change(script)
    assert done.exit_code == 0, done.stderr


@pytest.fixture
def deployed(swarm, monkeypatch):
    """Two deployments; the waits are played."""
    from moorage.steps.stack import rollback

    class Wait:
        def __init__(self, *_args, **_more):
            self.seconds = 0

        def until_converged(self, _progress):
            pass

        def until_writable(self, _web, _progress):
            pass

    monkeypatch.setattr(rollback, "Wait", Wait)
    swarm.home("boss").mkdir(parents=True)
    deploy(swarm, "image: moorage/nexus:3.94.0-a\nlabels: 1\n")
    deploy(swarm, "image: moorage/nexus:3.94.0-a\nlabels: 2\n")
    return swarm


def rollback(swarm, *, from_registry=False):
    from types import SimpleNamespace

    wanted = SimpleNamespace(
        home=swarm.wanted.home, stack="played", service="played_nexus", login=None,
        from_registry=from_registry, eligible=("boss",), converge_seconds=1, startup_seconds=1,
    )  # fmt: skip
    return RollbackStep(swarm.fleet, "boss", None, wanted)


def rolled_back(swarm):
    return run(swarm.work(rollback(swarm)), dry_run=False)


def test_the_former_stack_is_deployed_and_the_other_kept(deployed, out):
    rolled_back(deployed)

    assert "labels: 1" in (deployed.here / "deployed").read_text()
    assert "+labels: 1" in out.getvalue()
    assert "labels: 2" in (deployed.home("boss") / "stack.former.yml").read_text()
    rolled_back(deployed)
    assert "labels: 2" in (deployed.here / "deployed").read_text()


def test_the_same_once_more_changes_nothing_of_what_is_kept(deployed):
    deploy(deployed, "image: moorage/nexus:3.94.0-a\nlabels: 2\n")

    assert "labels: 1" in (deployed.home("boss") / "stack.former.yml").read_text()
    assert (deployed.home("boss") / "stack.yml").stat().st_mode & 0o77 == 0


def test_a_change_of_the_version_is_refused(deployed):
    deploy(deployed, "image: moorage/nexus:3.95.0-b\nlabels: 2\n")

    with pytest.raises(Refused, match="does not go back that way") as caught:
        rolled_back(deployed)
    assert "fab restore" in caught.value.hint


def test_the_first_deployment_has_nothing_before_it(swarm):
    swarm.home("boss").mkdir(parents=True)
    deploy(swarm, "image: x\n")

    with pytest.raises(Refused, match="not known on this manager"):
        rolled_back(swarm)


FORMER_IMAGE = RollbackObserved(
    now="image: moorage/nexus:3.94.0-b\n", former="image: moorage/nexus:3.94.0-a\n", update="",
    tasks=frozenset(), pending=UnderWay(None),
    images={"one": frozenset({"moorage/nexus:3.94.0-a"}), "two": frozenset()},
)  # fmt: skip


def test_a_node_without_the_former_image_fetches_it_before_the_present_one_stops(swarm):
    (change,) = rollback(swarm, from_registry=True).plan(FORMER_IMAGE).changes

    hosts = [getattr(action, "host", "") for action in change.actions]
    assert hosts == ["two", "boss", ""]
    assert change.actions[0].script.summary == "pull moorage/nexus:3.94.0-a"


def test_where_no_registry_has_the_former_image_its_absence_is_refused(swarm):
    with pytest.raises(Refused, match=r"3\.94\.0-a of the former stack is not there") as caught:
        rollback(swarm).plan(FORMER_IMAGE)

    assert caught.value.host == "two"
    assert "fab build-image" in caught.value.hint
    both = replace(FORMER_IMAGE, now=FORMER_IMAGE.former)
    assert len(rollback(swarm).plan(both).changes) == 1


@pytest.mark.parametrize(
    ("now", "former", "fits"),
    [
        ("image: a:1\n", "image: a:1\n", True),
        ("image: a:3.94.0-x\n", "image: a:3.94.0-y\n", True),
        ('image: "a:3.95.0-x"\n', "image: a:3.94.0-y\n", False),
        ("image: a:mine\n", "image: a:other\n", False),
    ],
)
def test_images_of_one_version_fit_each_other(now, former, fits):
    if fits:
        _refuse_other_data(now, former)
        return
    with pytest.raises(Refused):
        _refuse_other_data(now, former)


def test_a_deployment_that_fails_is_not_kept(swarm):
    swarm.home("boss").mkdir(parents=True)
    (swarm.programs / "docker").write_text("#!/bin/sh\nexit 7\n")
    script = scripts.deploy("played", "x", from_registry=False, home=swarm.wanted.home)

    done = swarm.fleet.host("boss").change(script)

    assert isinstance(done, Result)
    assert done.exit_code == 7
    assert not (swarm.home("boss") / "stack.yml").exists()
    assert isinstance(script, Script)


def test_while_an_upgrade_is_not_over_no_former_stack_is_deployed(deployed):
    """Its way back is told by the image that runs: another one would be taken for the new one."""
    path = deployed.home("boss") / "upgrade.json"
    path.write_text(json.dumps({"before": NOW, "to": TO, "image": "moorage/nexus:3.94.0-a",
                                "backup": "2026-01-01T000000Z"}))  # fmt: skip

    with pytest.raises(Refused, match=r"from 3\.94\.0 to 3\.95\.0 is not over"):
        rolled_back(deployed)
    path.unlink()
    (deployed.home("boss") / "stopped.hold").touch()
    with pytest.raises(Refused, match="an exchange of its data was cut off"):
        rolled_back(deployed)
