"""The one path of every run: observe, plan, show, ask, stop or apply, observe again."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import stat

import pytest
from played_site import ShellHost

from moorage import errors
from moorage.change import Change, Difference, Plan
from moorage.errors import (
    CommandFailed,
    HostKeyRefused,
    Locked,
    MoorageError,
    NotConverged,
    Refused,
    Unreachable,
)
from moorage.runner import run
from moorage.transport.local import LocalHost


def read(host, file):
    path = host.root / file
    return path.read_text() if path.exists() else None


def journal(host):
    lines = host.journal.read_text().splitlines() if host.journal.exists() else []
    return [(entry["step"], entry["change"], entry["host"], entry["result"])
            for entry in map(json.loads, lines)]  # fmt: skip


def execs(hosts):
    return {name: len(host.asked) for name, host in hosts.hosts.items()}


def test_nothing_to_do_is_one_exec_a_host_and_takes_no_lock(work, file_step, hosts, out):
    for host in hosts.hosts.values():
        (host.root / "a").write_text("1")

    run(work(file_step({"nas": {"a": "1"}, "boss": {"a": "1"}})), dry_run=False)

    assert execs(hosts) == {"nas": 1, "boss": 1}
    assert not hosts.host("nas").lock.parent.exists()
    assert "files: no changes" in out.getvalue()


def test_several_steps_are_one_exec_a_host_too(work, file_step, hosts):
    for host in hosts.hosts.values():
        (host.root / "a").write_text("1")
    steps = [file_step({"nas": {"a": "1"}, "boss": {"a": "1"}}, name) for name in ("one", "two")]

    run(work(*steps), dry_run=False)

    assert execs(hosts) == {"nas": 1, "boss": 1}


def test_a_dry_run_shows_the_plan_and_does_nothing(work, file_step, hosts, out):
    (outcome,) = run(work(file_step({"nas": {"a": "1", "b": "2"}})), dry_run=True)

    assert len(outcome.plan.changes) == 2
    assert read(hosts.host("nas"), "a") is None
    assert execs(hosts)["nas"] == 1
    assert "plan: 2 changes (files 2); nothing was done" in out.getvalue()


def test_a_plan_is_carried_out_with_an_exec_a_change(work, file_step, hosts, out):
    """Observed; locked and observed; two changes, each looked at after; the lock given back."""
    run(work(file_step({"nas": {"a": "1", "b": "2"}})), dry_run=False)

    assert read(hosts.host("nas"), "a") == "1"
    assert read(hosts.host("nas"), "b") == "2"
    assert execs(hosts) == {"nas": 5, "boss": 0}
    assert "files: 2 changes made and verified" in out.getvalue()


def test_what_was_done_is_what_was_shown(work, file_step, hosts):
    step = file_step({"nas": {"a": "1", "b": "2"}, "boss": {"a": "3"}})
    (shown,) = run(work(step), dry_run=True)

    run(work(step), dry_run=False)

    told = [(shown.step, change.title, change.host, "done") for change in shown.plan.changes]
    assert journal(hosts.host("nas")) + journal(hosts.host("boss")) == told


def test_a_second_run_does_nothing(work, file_step, hosts):
    step = file_step({"nas": {"a": "1"}})
    run(work(step), dry_run=False)
    before = execs(hosts)["nas"]

    run(work(step), dry_run=False)

    assert execs(hosts)["nas"] == before + 1


def test_the_lock_is_given_back_and_readable_and_the_journal_is_kept(work, file_step, hosts):
    run(work(file_step({"nas": {"a": "1"}})), dry_run=False)

    nas = hosts.host("nas")
    assert not nas.lock.exists()
    assert sorted(path.name for path in nas.lock.parent.iterdir()) == ["journal.jsonl"]
    assert stat.S_IMODE(nas.journal.stat().st_mode) == 0o644


def test_the_question_comes_after_the_plan_and_before_anything_is_done(work, file_step, hosts, out):
    def confirm(question):
        assert "+ create file a" in out.getvalue()
        assert question == "carry out 1 change?"
        assert execs(hosts)["nas"] == 1
        raise Refused("no")

    with pytest.raises(Refused):
        run(work(file_step({"nas": {"a": "1"}}), confirm=confirm), dry_run=False)

    assert read(hosts.host("nas"), "a") is None
    assert not hosts.host("nas").lock.parent.exists()


def test_a_plan_that_is_another_under_the_lock_is_shown_and_asked_for_again(
    work, file_step, hosts, out
):
    asked = []

    def confirm(question):
        if not asked:
            (hosts.host("nas").root / "a").write_text("by hand")
        asked.append(question)

    run(work(file_step({"nas": {"a": "1"}}), confirm=confirm), dry_run=False)

    assert asked == ["carry out 1 change?",
                     "files: it has changed since it was shown: carry this out?"]  # fmt: skip
    assert "text: by hand → 1" in out.getvalue()
    assert read(hosts.host("nas"), "a") == "1"


def test_what_somebody_else_did_meanwhile_is_not_done_again(work, file_step, hosts, out):
    def confirm(_question):
        (hosts.host("nas").root / "a").write_text("1")

    run(work(file_step({"nas": {"a": "1"}}), confirm=confirm), dry_run=False)

    assert journal(hosts.host("nas")) == []
    assert out.getvalue().splitlines()[-1].startswith("files: no changes")


def test_a_change_that_did_not_take_is_an_error_at_once(work, file_step, hosts):
    step = file_step({"nas": {"a": "1", "b": "2"}}, script="true")

    with pytest.raises(NotConverged) as caught:
        run(work(step), dry_run=False)

    assert caught.value.evidence == ["file a on nas: text is absent, wanted 1"]
    assert caught.value.step == "files"
    assert caught.value.exit_code == 5
    assert journal(hosts.host("nas")) == [("files", "create file a", "nas", "failed")]
    assert not hosts.host("nas").lock.exists()


def test_where_a_change_names_what_shows_it_only_that_is_read_until_the_end(work, file_step, hosts):
    step = file_step({"nas": {"a": "1", "b": "2", "c": "3"}})
    step.shown_by = True

    run(work(step), dry_run=False)

    written = [script.body for script in hosts.host("nas").asked
               if script.summary.startswith("write")]  # fmt: skip
    looked = [sum(f'cat "${name}"' in body for name in "abc") for body in written]
    assert looked == [1, 1, 3]
    assert [read(hosts.host("nas"), name) for name in "abc"] == ["1", "2", "3"]


def test_a_change_on_a_machine_without_a_lock_is_looked_at_on_that_machine(
    work, file_step, hosts, tmp_path
):
    (tmp_path / "here").mkdir()
    hosts.hosts["here"] = ShellHost("here", tmp_path / "here")

    run(work(file_step({"here": {"a": "1"}, "boss": {"b": "2"}})), dry_run=False)

    assert (tmp_path / "here/a").read_text() == "1"
    assert (tmp_path / "boss/b").read_text() == "2"
    assert not hosts.host("here").lock.exists()


def test_a_change_that_undoes_another_is_found_at_the_end(work, file_step, hosts):
    step = file_step({"nas": {"a": "1", "b": "2"}})
    step.script = 'printf %s "$text" >"$file"; [ "$text" = 1 ] || rm -f "${file%b}a"'

    with pytest.raises(NotConverged, match="not all is as asked"):
        run(work(step), dry_run=False)


def test_a_failure_stops_what_comes_after_and_the_next_run_goes_on(work, file_step, hosts, out):
    step = file_step({"nas": {"a": "1", "b": "2", "c": "3"}})
    step.script = '[ "$text" != 2 ] || { echo "no room" >&2; exit 9; }; printf %s "$text" >"$file"'

    with pytest.raises(CommandFailed) as caught:
        run(work(step), dry_run=False)

    assert caught.value.lines()[0] == "error: files on nas: could not write b"
    assert "| no room" in caught.value.lines()[2]
    assert read(hosts.host("nas"), "c") is None
    assert "left out: create file c, since file b failed" in out.getvalue()

    step.script = 'printf %s "$text" >"$file"'
    run(work(step), dry_run=False)

    assert [entry[1:] for entry in journal(hosts.host("nas"))] == [
        ("create file a", "nas", "done"), ("create file b", "nas", "failed"),
        ("create file b", "nas", "done"), ("create file c", "nas", "done"),
    ]  # fmt: skip


def test_what_does_not_need_the_failed_change_is_done(work, file_step, hosts):
    step = file_step({"nas": {"a": "1", "b": "2"}, "boss": {"a": "3"}})
    step.script = '[ "$text" != 1 ] || exit 9; printf %s "$text" >"$file"'
    step.needs = ()

    with pytest.raises(CommandFailed):
        run(work(step), dry_run=False)

    assert read(hosts.host("nas"), "b") == "2"
    assert read(hosts.host("boss"), "a") == "3"


def test_a_step_that_needs_the_failed_one_is_left_out_and_others_are_not(
    work, file_step, hosts, out
):
    steps = (
        file_step({"nas": {"a": "1"}}, "nfs", script="exit 9"),
        file_step({"boss": {"b": "1"}}, "image"),
        file_step({"boss": {"c": "1"}}, "stack"),
    )

    with pytest.raises(CommandFailed):
        run(work(*steps, needs={"stack": ("nfs", "image")}), dry_run=False)

    assert read(hosts.host("boss"), "b") == "1"
    assert read(hosts.host("boss"), "c") is None
    assert "stack: left out, since nfs failed" in out.getvalue()


def test_a_host_that_does_not_answer_stops_what_needs_it_alone(work, file_step, hosts, out):
    def gone(_script):
        raise Unreachable("no SSH connection", host="nas")

    hosts.host("nas").before = gone
    steps = (
        file_step({"nas": {"a": "1"}}, "nfs"),
        file_step({"boss": {"b": "1"}}, "image"),
        file_step({"boss": {"c": "1"}}, "stack"),
    )

    with pytest.raises(Unreachable):
        run(work(*steps, needs={"stack": ("nfs",)}), dry_run=False)

    assert "nfs: failed: no SSH connection" in out.getvalue()
    assert read(hosts.host("boss"), "b") == "1"
    assert read(hosts.host("boss"), "c") is None


def test_a_step_that_another_decides_on_is_said_to_be_unknown_and_asked_for_later(
    work, file_step, hosts, out
):
    asked = []
    steps = (file_step({"nas": {"a": "1"}}, "stack"), file_step({"boss": {"b": "1"}}, "nexus"))
    given = {"known_after": {"nexus": ("stack",)}, "confirm": asked.append}

    run(work(*steps, **given), dry_run=False)

    assert "nexus: known only after stack is applied" in out.getvalue()
    assert asked == ["carry out 1 change?", "nexus: now it can be known: carry this out?"]
    assert read(hosts.host("boss"), "b") == "1"


def test_a_wrong_host_key_stops_everything_before_any_command_on_any_host(work, file_step, hosts):
    def refuse():
        raise HostKeyRefused("the host key of boss has changed", host="boss")

    hosts.host("boss").open = refuse

    with pytest.raises(HostKeyRefused):
        run(work(file_step({"nas": {"a": "1"}, "boss": {"b": "1"}})), dry_run=False)

    assert execs(hosts) == {"nas": 0, "boss": 0}


@pytest.mark.parametrize("part", ["read", "plan"])
def test_a_refusal_while_looking_gets_its_step_and_nothing_is_done(work, file_step, hosts, part):
    def refuse(*_):
        raise Refused("not here")

    step = file_step({"nas": {"a": "1"}})
    setattr(step, part, refuse)

    with pytest.raises(Refused) as caught:
        run(work(step), dry_run=False)

    assert caught.value.step == "files"
    assert execs(hosts)["nas"] == 1


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
        "| not done, or not to its end: a", "| not done, or not to its end: b",
    ]  # fmt: skip
    assert journal(hosts.host("boss")) == [("nexus", "create a", "nexus", "interrupted")]
    assert not hosts.host("boss").lock.exists()
    assert "interrupted" in out.getvalue()


def test_a_lock_taken_away_stops_the_next_change_before_it_begins(work, file_step, hosts):
    step = file_step({"nas": {"a": "1"}})
    taken = []

    def take_over(script):
        if script.summary == "write a" and not taken:
            taken.append(script)
            (hosts.host("nas").lock / "id").write_text("another")

    hosts.host("nas").before = take_over

    with pytest.raises(Locked, match="lock is gone"):
        run(work(step), dry_run=False)

    assert read(hosts.host("nas"), "a") is None
    assert (hosts.host("nas").lock / "id").read_text() == "another"


@pytest.mark.parametrize("when", ["before it ran", "after it ran"])
@pytest.mark.parametrize("cut", [KeyboardInterrupt, Unreachable])
@pytest.mark.parametrize("number", range(8))
def test_a_run_cut_off_at_any_exec_is_finished_by_the_next(
    work, file_step, hosts, monkeypatch, number, cut, when
):
    """Whatever was under way: observing, taking the lock, each change, giving it back."""
    step = file_step({"nas": {"a": "1", "b": "2"}, "boss": {"c": "3"}})
    seen = []
    usual = LocalHost.run

    def run_script(self, script, *, timeout=None):
        seen.append(script)
        result = usual(self, script, timeout=timeout) if when == "after it ran" else None
        if len(seen) == number + 1:
            raise cut("cut off")
        return result or usual(self, script, timeout=timeout)

    monkeypatch.setattr(LocalHost, "run", run_script)
    with contextlib.suppress(KeyboardInterrupt, MoorageError):
        run(work(step), dry_run=False)
    cut_at = seen[number].summary if len(seen) > number else ""
    monkeypatch.setattr(LocalHost, "run", usual)
    for host in hosts.hosts.values():
        # a lock that could not be given back: two minutes later
        if host.lock.exists():
            os.utime(host.lock / "beat", (1, 1))

    run(work(step), dry_run=False)

    assert [read(hosts.host("nas"), "a"), read(hosts.host("nas"), "b"),
            read(hosts.host("boss"), "c")] == ["1", "2", "3"]  # fmt: skip
    entries = journal(hosts.host("nas")) + journal(hosts.host("boss"))
    if cut_at.startswith("write") and when == "after it ran":
        assert [entry[3] for entry in entries].count("done") < len(entries)
    assert len({entry[1] for entry in entries}) == 3
