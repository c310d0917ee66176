"""Changes that are no scripts, alone and in waves: made side by side, noted together."""

from __future__ import annotations

import dataclasses

import pytest
from run_seen import execs, journal

from moorage import errors
from moorage.change import Change, Difference, Plan
from moorage.errors import (
    CommandFailed,
    NotConverged,
)
from moorage.runner import run


class OtherStep:
    """One that reads no host, as Nexus' API: its state is a list."""

    name = "nexus"

    def __init__(self, *wanted, take=True):
        self.wanted, self.done, self.take = wanted, [], take

    def observe(self, progress):
        progress("reading Nexus")
        return tuple(self.done)

    def plan(self, observed):
        return Plan(self.name, tuple(
            Change("create", name, "nexus", (Difference("state", None, "there"),), (Act(name),))
            for name in self.wanted if name not in observed
        ))  # fmt: skip

    def carry_out(self, action, progress):
        if action.summary == "breaks":
            raise CommandFailed("no", command="c", exit_code_seen=1, output="")
        if self.take:
            self.done.append(action.summary)


class WaveStep(OtherStep):
    """One whose changes do not depend on each other."""

    def plan(self, observed):
        plan = super().plan(observed)
        changes = [dataclasses.replace(change, together="x") for change in plan.changes]
        return Plan(self.name, tuple(changes))


def test_changes_of_a_wave_are_noted_together_and_looked_at_together(work, hosts):
    step = WaveStep("a", "b", "c")

    run(work(step), dry_run=False)

    assert sorted(step.done) == ["a", "b", "c"]
    assert journal(hosts.host("boss")) == [
        ("nexus", f"create {name}", "nexus", "done") for name in "abc"
    ]
    # taking the lock, the note, giving it back
    assert execs(hosts)["boss"] == 3


def test_a_wave_that_fails_notes_each_change_by_itself(work, hosts):
    with pytest.raises(CommandFailed):
        run(work(WaveStep("a", "breaks", *(f"n{number}" for number in range(40)))), dry_run=False)

    results = {entry[1]: entry[3] for entry in journal(hosts.host("boss"))}
    assert results["create a"] == "done"
    assert results["create breaks"] == "failed"
    # what was never begun is no line
    assert len(results) < 42


def test_a_wave_of_which_one_did_not_take_is_an_error(work, hosts):
    class Forgetful(WaveStep):
        def carry_out(self, action, progress):
            if action.summary != "b":
                super().carry_out(action, progress)

    with pytest.raises(NotConverged):
        run(work(Forgetful("a", "b")), dry_run=False)

    assert [entry[3] for entry in journal(hosts.host("boss"))] == ["done", "failed"]


class Act:
    def __init__(self, summary):
        self.summary = summary


def test_changes_by_other_means_are_noted_where_their_lock_is(work, hosts):
    run(work(OtherStep("a", "b")), dry_run=False)

    assert journal(hosts.host("boss")) == [
        ("nexus", "create a", "nexus", "done"), ("nexus", "create b", "nexus", "done"),
    ]  # fmt: skip


def test_such_a_change_that_fails_or_does_not_take_is_noted_as_failed(work, hosts):
    with pytest.raises(CommandFailed):
        run(work(OtherStep("a", "breaks")), dry_run=False)
    with pytest.raises(NotConverged):
        run(work(OtherStep("c", take=False)), dry_run=False)

    assert [entry[3] for entry in journal(hosts.host("boss"))] == ["done", "failed", "failed"]


def test_ctrl_c_gives_the_lock_back_and_is_noted(work, hosts, out):
    class Interrupted(OtherStep):
        def carry_out(self, action, progress):
            raise KeyboardInterrupt

    with pytest.raises(errors.Interrupted) as caught:
        run(work(Interrupted("a", "b")), dry_run=False)

    assert caught.value.exit_code == 130
    assert caught.value.details() == [
        "| not done, or not to its end: a on nexus",
        "| not done, or not to its end: b on nexus",
    ]  # fmt: skip
    assert journal(hosts.host("boss")) == [("nexus", "create a", "nexus", "interrupted")]
    assert not hosts.host("boss").lock.exists()
    assert "interrupted" in out.getvalue()
