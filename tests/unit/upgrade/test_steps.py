"""The steps around an upgrade, on hosts that are shells."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from moorage.errors import NotConverged, Refused, VerificationFailed
from moorage.runner import run
from moorage.steps.backup.restore import RestoreStep, Wish
from moorage.steps.stack.stop import StopStep
from moorage.steps.upgrade import GateStep, Journey, UpgradeDesired, UpgradeStep

NOW, TO = "3.94.0", "3.95.0"


def step(swarm, to=TO, prove=lambda: None, **journey):
    def make(now, edition, orient, h2):
        return Journey(now, (3, 95, 0), edition, orient=orient, h2=h2, accept_eula=True, **journey)

    return UpgradeStep(swarm.fleet, swarm._web, UpgradeDesired(
        nfs="nas", manager="boss", home=swarm.wanted.home, export=str(swarm.export),
        service="played_nexus", to=to, image="moorage/nexus:2", backup="2026-01-01T000000Z",
        journey=make,
    ), prove)  # fmt: skip


def note(swarm):
    path = swarm.home("boss") / "upgrade.json"
    return json.loads(path.read_text()) if path.exists() else None


def test_what_ran_before_is_written_down_first(swarm, out):
    run(swarm.work(step(swarm)), dry_run=False)

    assert note(swarm) == {"before": NOW, "to": TO, "image": "moorage/nexus:1",
                           "backup": "2026-01-01T000000Z", "failing": ""}  # fmt: skip
    assert "version: 3.94.0 → 3.95.0" in out.getvalue()


def test_what_fails_before_it_is_written_down_too(swarm, out):
    """With routing split such a proof fails by design (docs/ingress.md)."""

    def fails():
        failure = VerificationFailed("push of an image built upon hello-world: no")
        failure.subject = "push of an image built upon hello-world"
        raise failure

    run(swarm.work(step(swarm, prove=fails)), dry_run=False)

    assert note(swarm)["failing"] == "push of an image built upon hello-world"
    assert "fab verify fails already: push of an image" in out.getvalue()
    again = step(swarm, prove=fails)
    again._wanted = replace(again._wanted, backup="2026-01-02T000000Z")
    run(swarm.work(again), dry_run=False)
    assert note(swarm)["failing"] == "push of an image built upon hello-world"


def test_where_nothing_can_be_tried_none_is_begun(swarm):
    def unknown():
        raise Refused("nexus.admin_password: there is no variable X")

    with pytest.raises(Refused, match="no variable X"):
        run(swarm.work(step(swarm, prove=unknown)), dry_run=False)
    assert note(swarm) is None


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
    swarm.version = "3.70.1"

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
