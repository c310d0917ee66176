"""The steps around an upgrade and the rollback, on hosts that are shells."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "backup"))

from moorage.errors import NotConverged, Refused
from moorage.quoting import Script
from moorage.runner import run
from moorage.steps.backup.restore import RestoreStep, Wish
from moorage.steps.stack import scripts
from moorage.steps.stack.rollback import RollbackStep, _refuse_other_data
from moorage.steps.stack.stop import StopStep
from moorage.steps.upgrade import GateStep, Journey, UpgradeDesired, UpgradeStep
from moorage.transport.base import Result

NOW, TO = "3.94.0", "3.95.0"


@pytest.fixture
def out():
    import io

    return io.StringIO()


@pytest.fixture
def swarm(tmp_path, monkeypatch, out):
    from played_swarm import PlayedSwarm

    from moorage.report.text import Report

    export = tmp_path / "nexus"
    (export / "db").mkdir(parents=True)
    (export / "db/nexus.mv.db").write_text("x")
    played = PlayedSwarm(tmp_path, monkeypatch, Report(out, live=False), export)
    docker = played.programs / "docker"
    told = "*ContainerSpec.Image*) echo moorage/nexus:1@sha256:a ;;"
    former = "*--format*) cat $here/replicas ;;"
    docker.write_text(docker.read_text().replace(former, f"{told}\n      {former}"))
    yield played
    played.end_guards()


def step(swarm, to=TO, **journey):
    def make(now, edition, orient, h2):
        return Journey(now, (3, 95, 0), edition, orient=orient, h2=h2, accept_eula=True, **journey)

    return UpgradeStep(swarm.fleet, swarm._web, UpgradeDesired(
        nfs="nas", manager="boss", home=swarm.wanted.home, export=str(swarm.export),
        service="played_nexus", to=to, image="moorage/nexus:2", backup="2026-01-01T000000Z",
        journey=make,
    ))  # fmt: skip


def note(swarm):
    path = swarm.home("boss") / "upgrade.json"
    return json.loads(path.read_text()) if path.exists() else None


def test_what_ran_before_is_written_down_first(swarm, out):
    run(swarm.work(step(swarm)), dry_run=False)

    assert note(swarm) == {"before": NOW, "to": TO, "image": "moorage/nexus:1",
                           "backup": "2026-01-01T000000Z"}  # fmt: skip
    assert "version: 3.94.0 → 3.95.0" in out.getvalue()


def test_one_that_is_not_over_is_carried_on_and_no_other_begun(swarm, out):
    run(swarm.work(step(swarm)), dry_run=False)

    run(swarm.work(step(swarm)), dry_run=False)
    assert "is carried on" in out.getvalue()
    with pytest.raises(Refused, match=r"from 3\.94\.0 to 3\.95\.0 is not over") as caught:
        run(swarm.work(step(swarm, to="3.96.0")), dry_run=False)
    assert "--back" in caught.value.hint


def test_one_that_went_no_further_than_its_backup_makes_another(swarm, out):
    """The former version runs on meanwhile, and takes what the first backup does not have."""
    run(swarm.work(step(swarm)), dry_run=False)
    again = step(swarm)
    again._wanted = replace(again._wanted, backup="2026-01-02T000000Z")

    run(swarm.work(again), dry_run=False)

    assert "backup 2026-01-01T000000Z → backup 2026-01-02T000000Z" in out.getvalue()
    assert note(swarm)["backup"] == "2026-01-02T000000Z"
    assert note(swarm)["image"] == "moorage/nexus:1"


def test_a_version_that_nobody_tells_is_not_left(swarm):
    swarm.writable = False

    with pytest.raises(Refused, match="which Nexus runs is not known"):
        run(swarm.work(step(swarm)), dry_run=False)
    assert note(swarm) is None


def test_orient_is_seen_where_it_lies(swarm):
    (swarm.export / "db/nexus.mv.db").unlink()
    (swarm.export / "db/component").mkdir()

    with pytest.raises(Refused, match="OrientDB"):
        run(swarm.work(step(swarm)), dry_run=False)


def test_the_note_goes_once_all_is_as_it_should_be(swarm):
    run(swarm.work(step(swarm)), dry_run=False)
    (swarm.home("boss") / "stopped").write_text("x")

    def wrong(_progress):
        raise NotConverged("it is another")

    for compare, left in ((wrong, True), (lambda _progress: None, False)):
        gate = GateStep(swarm.fleet, "boss", swarm.wanted.home, TO, compare)
        if left:
            with pytest.raises(NotConverged):
                run(swarm.work(gate), dry_run=False)
        else:
            run(swarm.work(gate), dry_run=False)
        assert (note(swarm) is not None) is left
    assert not (swarm.home("boss") / "stopped").exists()


# what failed stands still before anything is taken back
def stop(swarm):
    return StopStep(swarm.fleet, swarm.ways().standstill, "the upgrade failed")


def test_what_failed_is_stopped_and_nobody_starts_it_again(swarm, out):
    run(swarm.work(stop(swarm)), dry_run=False)

    assert swarm.replicas == "0"
    assert (swarm.home("boss") / "stopped.hold").exists()
    assert "tasks: 1 → 0" in out.getvalue()
    run(swarm.work(stop(swarm)), dry_run=False)
    assert "no changes" in out.getvalue()


def test_where_its_data_cannot_be_taken_back_it_stays_stopped(swarm):
    """A step that fails is what the others need; what was before it is done."""
    wish = Wish("2026-01-01T000000Z", "2026-01-02T000000Z", leave_stopped=True)
    restore = RestoreStep(swarm.fleet, swarm.wanted, swarm.keeping(), swarm.ways(), wish)

    with pytest.raises(Refused, match="no backup"):
        run(swarm.work(stop(swarm), restore), dry_run=False)

    assert swarm.replicas == "0"


def test_a_service_that_is_not_there_is_not_stopped(swarm):
    (swarm.here / "replicas").unlink()

    run(swarm.work(stop(swarm)), dry_run=False)


# the rollback: the shell that keeps what is deployed, and the step over it
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


def rolled_back(swarm):
    from types import SimpleNamespace

    wanted = SimpleNamespace(
        home=swarm.wanted.home, stack="played", service="played_nexus", from_registry=False,
        login=None, converge_seconds=1, startup_seconds=1,
    )  # fmt: skip
    return run(swarm.work(RollbackStep(swarm.fleet, "boss", None, wanted)), dry_run=False)


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
