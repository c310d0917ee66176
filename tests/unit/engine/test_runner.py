"""The one path of every step: observe, plan, stop or apply, observe again."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest

from moorage.change import Change, Difference, Plan
from moorage.errors import CommandFailed, ExitCode, Interrupted, NotConverged, Refused
from moorage.report.text import Report
from moorage.runner import run


@dataclass(frozen=True)
class Act:
    summary: str


class PlayedStep:
    """A step whose state is a list of what was done; done when it holds all of ``wanted``."""

    name = "played"

    def __init__(self, *wanted, heals=True, fails=None) -> None:
        self.wanted = wanted
        self.heals = heals
        self.fails = fails
        self.done = []
        self.calls = []

    def observe(self, progress):
        self.calls.append("observe")
        progress("looking")
        return tuple(self.done)

    def plan(self, observed):
        self.calls.append("plan")
        missing = [name for name in self.wanted if name not in observed]
        return Plan(self.name, tuple(
            Change("create", name, "nas", (Difference("state", None, "there"),), (Act(name),))
            for name in missing
        ))  # fmt: skip

    def carry_out(self, action, progress):
        self.calls.append(f"do {action.summary}")
        if action.summary == self.fails:
            raise CommandFailed("no", command="c", exit_code_seen=1, output="", host="nas")
        if self.heals:
            self.done.append(action.summary)


@pytest.fixture
def out():
    return io.StringIO()


@pytest.fixture
def report(out):
    return Report(out, live=False)


def test_nothing_to_do_is_observed_once(report, out):
    step = PlayedStep()

    assert run(step, report, dry_run=False).empty
    assert step.calls == ["observe", "plan"]
    assert "played: no changes" in out.getvalue()


def test_a_dry_run_plans_and_does_nothing(report, out):
    step = PlayedStep("a", "b")

    plan = run(step, report, dry_run=True)

    assert len(plan.changes) == 2
    assert step.calls == ["observe", "plan"]
    assert "2 changes planned, nothing was done" in out.getvalue()


def test_a_plan_is_carried_out_in_order_and_looked_at_again(report, out):
    step = PlayedStep("a", "b")

    run(step, report, dry_run=False)

    assert step.calls == ["observe", "plan", "do a", "do b", "observe", "plan"]
    assert "2 changes made and verified" in out.getvalue()


def test_a_second_run_does_nothing(report):
    step = PlayedStep("a")
    run(step, report, dry_run=False)
    step.calls.clear()

    run(step, report, dry_run=False)

    assert step.calls == ["observe", "plan"]


def test_what_is_left_after_applying_is_told(report, out):
    with pytest.raises(NotConverged) as caught:
        run(PlayedStep("a", heals=False), report, dry_run=False)

    assert caught.value.evidence == ["a on nas: state is absent, wanted there"]
    assert caught.value.step == "played"
    assert caught.value.exit_code == 5
    assert "made and verified" not in out.getvalue()


def test_a_change_that_is_left_without_fields_is_told_too(report):
    class Stubborn(PlayedStep):
        def plan(self, observed):
            diff = "--- a\n+++ b\n-old\n+new"
            return Plan(self.name, (Change("update", "the file", "nas", diff=diff),))

    with pytest.raises(NotConverged) as caught:
        run(Stubborn(), report, dry_run=False)

    assert any("the file on nas" in line for line in caught.value.evidence)


def test_the_first_failure_stops_the_rest_and_gets_its_step(report):
    step = PlayedStep("a", "b", "c", fails="b")

    with pytest.raises(CommandFailed) as caught:
        run(step, report, dry_run=False)

    assert step.calls[-1] == "do b"
    assert caught.value.lines()[0] == "error: played on nas: no"


def test_the_next_run_goes_on_from_there(report):
    step = PlayedStep("a", "b", "c", fails="b")
    with pytest.raises(CommandFailed):
        run(step, report, dry_run=False)
    step.fails = None
    step.calls.clear()

    run(step, report, dry_run=False)

    assert [call for call in step.calls if call.startswith("do")] == ["do b", "do c"]


@pytest.mark.parametrize("part", ["observe", "plan"])
def test_a_refusal_while_looking_gets_its_step_and_nothing_is_done(report, part):
    class Refusing(PlayedStep):
        pass

    def refuse(*_):
        raise Refused("not here")

    step = Refusing("a")
    setattr(step, part, refuse)

    with pytest.raises(Refused) as caught:
        run(step, report, dry_run=False)

    assert caught.value.step == "played"
    assert not [call for call in step.calls if call.startswith("do")]


def test_a_failure_that_has_its_step_keeps_it(report):
    class Refusing(PlayedStep):
        def observe(self, progress):
            raise Refused("x", step="earlier")

    with pytest.raises(Refused) as caught:
        run(Refusing(), report, dry_run=False)

    assert caught.value.step == "earlier"


def test_the_plan_is_shown_before_anything_is_done(report, out):
    class Watching(PlayedStep):
        def carry_out(self, action, progress):
            assert "+ create a" in out.getvalue()
            super().carry_out(action, progress)

    run(Watching("a"), report, dry_run=False)


def test_ctrl_c_says_what_was_done_and_what_was_not(report):
    step = PlayedStep("a", "b", "c")
    carry_out = step.carry_out

    def interrupted(action, progress):
        if action.summary == "b":
            raise KeyboardInterrupt
        carry_out(action, progress)

    step.carry_out = interrupted

    with pytest.raises(Interrupted) as caught:
        run(step, report, dry_run=False)

    assert caught.value.exit_code == ExitCode.INTERRUPTED
    assert caught.value.details() == [
        "| done: a", "| not done, or not to its end: b", "| not done, or not to its end: c",
    ]  # fmt: skip
