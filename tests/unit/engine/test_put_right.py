"""What is done where a change does not come to its end: by failure, by Ctrl-C, and not else."""

from __future__ import annotations

import dataclasses
import json

import pytest

from moorage.change import Plan
from moorage.errors import CommandFailed, Interrupted, NotConverged, Unreachable
from moorage.quoting import Script
from moorage.runner import run
from moorage.steps.base import Later, RunScript


def journal(host):
    lines = host.journal.read_text().splitlines()
    return [(entry["action"], entry["result"]) for entry in map(json.loads, lines)]


@pytest.fixture
def step(file_step, hosts):
    """A step whose change is put right by a file that tells so, on another host too."""

    def make(actions, **files):
        made = file_step({"nas": files or {"a": "1"}})
        plan = made.plan
        right = [
            RunScript(name, Script(f"right on {name}", 'echo x >"$file"',
                                   {"file": str(hosts.host(name).root / "right")}))
            for name in ("boss", "nas")
        ]  # fmt: skip

        def with_more(observed):
            found = plan(observed)
            return Plan(found.step, tuple(
                dataclasses.replace(change, actions=tuple(actions(change)),
                                    otherwise=tuple(right))
                for change in found.changes
            ))  # fmt: skip

        made.plan = with_more
        return made

    return make


def put_right(hosts):
    return sorted(name for name, host in hosts.hosts.items() if (host.root / "right").exists())


def on_boss():
    return RunScript("boss", Script("nothing on boss", "true"))


def test_after_success_nothing_is_put_right(work, step, hosts):
    run(work(step(lambda change: [on_boss(), *change.actions])), dry_run=False)

    assert put_right(hosts) == []


def test_a_failure_is_put_right_on_every_host_and_raised(work, step, hosts, out):
    failing = RunScript("nas", Script("fail", "echo no >&2; exit 1"))

    with pytest.raises(CommandFailed, match="could not fail"):
        run(work(step(lambda change: [on_boss(), failing, *change.actions])), dry_run=False)

    assert put_right(hosts) == ["boss", "nas"]
    assert "could not fail: putting things right first" in out.getvalue()
    assert journal(hosts.host("nas"))[-3:] == [
        ("fail", "failed"), ("right on boss", "done"), ("right on nas", "done"),
    ]  # fmt: skip
    assert not hosts.host("nas").lock.exists()
    assert not hosts.host("boss").lock.exists()


@pytest.mark.parametrize(
    ("files", "right"), [({"a": "1", "b": "1"}, ["boss", "nas"]), ({"a": "1"}, [])]
)
def test_one_that_did_not_take_is_put_right_where_a_later_one_was_to_end_it(
    work, step, hosts, files, right
):
    with pytest.raises(NotConverged):
        run(work(step(lambda _: [on_boss()], **files)), dry_run=False)

    assert put_right(hosts) == right
    assert not hosts.host("nas").lock.exists()


def test_ctrl_c_is_put_right_too(work, step, hosts):
    def interrupt():
        raise KeyboardInterrupt

    later = Later("nas", "later", interrupt)

    with pytest.raises(Interrupted):
        run(work(step(lambda change: [on_boss(), later, *change.actions])), dry_run=False)

    assert put_right(hosts) == ["boss", "nas"]
    assert ("right on nas", "done") in journal(hosts.host("nas"))
    assert not hosts.host("boss").lock.exists()


def test_what_cannot_be_put_right_is_told_and_the_rest_is(work, step, hosts, out):
    def actions(change):
        yield on_boss()
        yield RunScript("nas", Script("fail", "exit 1"))

    (hosts.host("boss").root / "right").mkdir()

    with pytest.raises(CommandFailed, match="could not fail"):
        run(work(step(actions)), dry_run=False)

    assert (hosts.host("nas").root / "right").is_file()
    assert "note: could not right on boss" in out.getvalue()
    assert ("right on boss", "failed") in journal(hosts.host("nas"))


def test_a_script_that_is_made_later_is_made_when_its_turn_comes(work, step, hosts):
    order = []

    def make():
        order.append((hosts.host("nas").root / "first").exists())
        return Script("second", "true")

    first = RunScript("nas", Script("first", 'echo x >"$file"',
                                    {"file": str(hosts.host("nas").root / "first")}))  # fmt: skip

    run(work(step(lambda change: [first, Later("nas", "second", make), on_boss(),
                                  *change.actions])), dry_run=False)  # fmt: skip

    assert order == [True]


def test_a_script_may_have_longer_than_others(work, step, hosts, monkeypatch):
    host = hosts.host("nas")
    given = []
    real = host.change
    monkeypatch.setattr(host, "change", lambda script, timeout=None: (
        given.append((script.summary, timeout)), real(script, timeout=timeout))[1])  # fmt: skip
    slow = RunScript("nas", Script("slow", "true"), seconds=4000.0)

    run(work(step(lambda change: [on_boss(), slow, *change.actions])), dry_run=False)

    assert ("slow", 4000.0) in given


def test_where_the_changed_host_is_gone_the_others_are_put_right_all_the_same(
    work, step, hosts, out
):
    gone = []

    def away(_script):
        if gone:
            raise Unreachable("no connection to nas", host="nas")

    class Dying(RunScript):
        def carry_out(self, fleet):
            gone.append(self)
            return super().carry_out(fleet)

    hosts.host("nas").before = away
    with pytest.raises(Unreachable):
        run(work(step(lambda _: [on_boss(), Dying("nas", Script("die", "true"))])), dry_run=False)

    assert put_right(hosts) == ["boss"]
    assert "could not right on nas: no connection to nas" in out.getvalue()
