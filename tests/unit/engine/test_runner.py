"""The one path of every run: observe, plan, show, ask, stop or apply, observe again."""

from __future__ import annotations

import stat

import pytest
from played_site import ShellHost
from run_seen import execs, journal, read

from moorage.errors import (
    NotConverged,
    Refused,
)
from moorage.runner import run


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
