"""What fails in a run: what it stops, what goes on, and how the next run goes on from there."""

from __future__ import annotations

import contextlib
import dataclasses
import os

import pytest
from run_seen import execs, journal, read

from moorage.errors import (
    CommandFailed,
    HostKeyRefused,
    Locked,
    MoorageError,
    Refused,
    Unreachable,
)
from moorage.runner import run
from moorage.transport.local import LocalHost


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


def test_a_host_to_lock_that_has_fallen_silent_is_asked_once(work, file_step, hosts, nas):
    """It takes its whole time to tell; and no other host is locked in vain."""
    opened = []

    def silent():
        opened.append("boss")
        raise Unreachable("no SSH connection", host="boss")

    def after_the_question(_question):
        hosts.host("boss").open = silent
        hosts.host("boss").before = lambda _script: silent()

    step = file_step({"nas": {"a": "1"}, "boss": {"b": "1"}})
    with pytest.raises(Unreachable):
        run(work(step, confirm=after_the_question), dry_run=False)

    assert opened == ["boss"]
    assert not any("take the lock" in script.summary for script in nas.asked)
    assert not nas.lock.exists()


def test_a_host_that_does_not_answer_need_not_be_locked_for_what_is_known_only_after_it(
    work, file_step, hosts, nas
):
    """``fab up`` with the manager down: the NFS host is set up all the same."""

    def silent(_script):
        raise Unreachable("no SSH connection")

    hosts.host("boss").before = silent
    steps = (file_step({"nas": {"a": "1"}}, "nfs"), file_step({"boss": {"b": "1"}}, "stack"),
             file_step({"boss": {"c": "1"}}, "nexus"))  # fmt: skip

    with pytest.raises(Unreachable):
        run(work(*steps, needs={"stack": ("nfs",), "nexus": ("stack",)},
                 known_after={"nexus": ("stack",)}), dry_run=False)  # fmt: skip

    assert (nas.root / "a").read_text() == "1"
    assert not nas.lock.exists()


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


def test_what_came_about_between_the_looks_of_two_steps_is_looked_at_once_more(
    work, file_step, hosts
):
    """What stack was to wait for is there under the lock, just after nexus was looked at."""
    stack, nexus = file_step({"nas": {"a": "1"}}, "stack"), file_step({"boss": {"b": "1"}}, "nexus")
    real, looks = nexus.read, []

    def read_late(*given):
        looks.append(given)
        if len(looks) <= 2:
            raise Unreachable("not yet")
        return real(*given)

    nexus.read = read_late
    confirm = lambda _question: (hosts.host("nas").root / "a").write_text("1")  # noqa: E731

    given = {"known_after": {"nexus": ("stack",)}, "confirm": confirm}
    run(work(stack, nexus, **given), dry_run=False)

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


def test_nothing_is_begun_where_a_step_that_the_rest_leads_to_is_refused(
    work, file_step, hosts, monkeypatch
):
    first, second = file_step({"nas": {"a": "1"}}), file_step({"boss": {"b": "2"}}, "purge")

    def refuses(_observed):
        raise Refused("it is not deleted")

    monkeypatch.setattr(second, "plan", refuses)
    made = work(first, second)

    with pytest.raises(Refused, match="not deleted"):
        run(dataclasses.replace(made, vital=("purge",)), dry_run=False)
    assert read(hosts.host("nas"), "a") is None

    with pytest.raises(Refused, match="not deleted"):
        run(made, dry_run=False)
    assert read(hosts.host("nas"), "a") == "1"
