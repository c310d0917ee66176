"""The rollback: the shell that keeps what is deployed, and the step over it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from moorage.errors import Refused
from moorage.quoting import Script
from moorage.runner import run
from moorage.steps.deployed import same_data
from moorage.steps.pending_upgrade import UnderWay
from moorage.steps.stack import scripts
from moorage.steps.stack.rollback import RollbackObserved, RollbackStep
from moorage.transport.base import Result

NOW, TO = "3.94.0", "3.95.0"


def stack(image, labels=1, beside="prom/exporter:1.0.0"):
    return (f"services:\n  nexus:\n    image: {image}\n    labels: [labels={labels}]\n"
            f"  exporter: {{image: '{beside}'}}\n")  # fmt: skip


def deploy(swarm, text):
    script = scripts.deploy(
        "played",
        stack(*text) if isinstance(text, tuple) else text,
        from_registry=False,
        home=swarm.wanted.home,
    )
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
    deploy(swarm, ("moorage/nexus:3.94.0-a", 1))
    deploy(swarm, ("moorage/nexus:3.94.0-a", 2))
    return swarm


def rollback(swarm, *, from_registry=False, pinned=None):
    from types import SimpleNamespace

    wanted = SimpleNamespace(
        home=swarm.wanted.home, stack="played", service="played_nexus", login=None,
        from_registry=from_registry, pinned=pinned or {},
        eligible=("boss",) if pinned is None else ("boss", "nas"), converge_seconds=1,
        startup_seconds=1,
    )  # fmt: skip
    return RollbackStep(swarm.fleet, "boss", None, wanted)


def rolled_back(swarm):
    return run(swarm.work(rollback(swarm)), dry_run=False)


def test_the_former_stack_is_deployed_and_the_other_kept(deployed, out):
    rolled_back(deployed)

    assert "labels=1" in (deployed.here / "deployed").read_text()
    assert "+    labels: [labels=1]" in out.getvalue()
    assert "labels=2" in (deployed.home("boss") / "stack.former.yml").read_text()
    rolled_back(deployed)
    assert "labels=2" in (deployed.here / "deployed").read_text()


def test_the_same_once_more_changes_nothing_of_what_is_kept(deployed):
    deploy(deployed, ("moorage/nexus:3.94.0-a", 2))

    assert "labels=1" in (deployed.home("boss") / "stack.former.yml").read_text()
    assert (deployed.home("boss") / "stack.yml").stat().st_mode & 0o77 == 0


def test_a_change_of_the_version_is_refused(deployed):
    deploy(deployed, ("moorage/nexus:3.95.0-b", 2))

    with pytest.raises(Refused, match="does not go back that way") as caught:
        rolled_back(deployed)
    assert "fab restore" in caught.value.hint


def test_the_first_deployment_has_nothing_before_it(swarm):
    swarm.home("boss").mkdir(parents=True)
    deploy(swarm, "image: x\n")

    with pytest.raises(Refused, match="not known on this manager"):
        rolled_back(swarm)


FORMER_IMAGE = RollbackObserved(
    now=stack("moorage/nexus:3.94.0-b", beside="prom/exporter:1.0.1"),
    former=stack("docker.io/moorage/nexus:3.94.0-a"), update="", tasks=frozenset(),
    pending=UnderWay(None),
    images={"one": frozenset({"moorage/nexus:3.94.0-a"}), "two": frozenset()},
)  # fmt: skip


def test_a_node_without_the_former_image_fetches_it_before_the_present_one_stops(swarm):
    (change,) = rollback(swarm, from_registry=True).plan(FORMER_IMAGE).changes

    hosts = [getattr(action, "host", "") for action in change.actions]
    assert hosts == ["two", "boss", ""]
    assert change.actions[0].script.summary == "pull docker.io/moorage/nexus:3.94.0-a"


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
        (stack("a:1"), stack("a:1"), True),
        (stack("a:3.94.0-x"), stack("a:3.94.0-y"), True),
        (stack("a:3.94.0-x"), stack("a:3.94.0-y", beside="prom/exporter:1.1.0"), True),
        (stack('"a:3.95.0-x"'), stack("a:3.94.0-y"), False),
        ("services: {nexus: {image: 'a:3.95.0'}}", "services: {nexus: {image: 'a:3.94.0'}}", False),
        (stack("a:mine"), stack("a:other"), False),
        ("services: {}", "services: {}", False),
        ("services: [", "services: [", False),
    ],
)
def test_images_of_one_version_fit_each_other(now, former, fits):
    assert same_data(now, former, "nexus") is fits


@pytest.mark.parametrize(
    ("pinned", "asked"), [({}, ["boss", "nas"]), ({"boss": "boss.lan", "nas": "nas.lan"}, ["nas"])]
)
def test_of_a_task_that_stays_where_it_is_that_node_alone_counts(swarm, pinned, asked):
    step = rollback(swarm, pinned=pinned)

    def answer(**parts):
        lines = ["frame"]
        for name, text in parts.items():
            lines += [f"--frame {name}", text, "--frame = 0"]
        return "\n".join([*lines, ""])

    parts = dict.fromkeys(step.probes()["boss"].parts, "")
    answers = {"boss": answer(**{**parts, "runs": "nas.lan"}), "nas": answer(images="a:1")}
    assert list(step.read(answers, print).images) == asked


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
