"""The journal on a host: a line a change, no values, whole lines only, and it does not grow."""

from __future__ import annotations

import json

import pytest
from played_site import HOME

from moorage import lock_shell
from moorage.change import Change, Difference
from moorage.errors import Unreachable
from moorage.gather import Gatherer
from moorage.identity import Identity
from moorage.journal import beginning, history, parse
from moorage.lock import Lock

ME = Identity("alice@laptop", 4211, "x")
CHANGE = Change("update", "service x", "boss", (Difference("environment KEY", "s3cret", "n3w"),))


class Act:
    summary = "deploy the stack"


@pytest.fixture
def written(hosts):
    """Changes written down as a run does, each with how it ended."""
    gatherer = Gatherer(hosts, HOME, list(hosts.hosts), lambda _step: lambda _text: None)

    def write(host, *results):
        lock = Lock(hosts, HOME, [host], "x", me=ME)
        gatherer.look([], lock)
        before = ""
        for result in results:
            entry = beginning(ME, "stack", CHANGE, Act())
            hosts.host(host).change(lock_shell.note(HOME, lock.token, entry, before))
            before = result
        lock.release({host: before})

    return write


def test_a_line_has_who_when_where_what_and_how_it_ended(written, hosts):
    written("boss", "done", "failed", "interrupted")

    (first, second, third), _ = history(hosts, HOME, ["nas", "boss"], 50)
    assert (first.who, first.pid, first.step, first.host) == ("alice@laptop", 4211, "stack", "boss")
    assert (first.change, first.fields) == ("update service x", ("environment KEY",))
    assert [entry.result for entry in (first, second, third)] == ["done", "failed", "interrupted"]
    assert first.at <= first.ended
    assert "done" in first.line()
    assert "at: deploy the stack" in third.line()


def test_no_value_is_in_it(written, hosts):
    written("boss", "done")

    text = hosts.host("boss").journal.read_text()
    assert "s3cret" not in text
    assert "n3w" not in text


def test_a_line_that_was_cut_off_is_left_out():
    whole = {"at": "2026-01-01T00:00:00Z", "ended": "2026-01-01T00:00:01Z", "who": "a", "pid": 1,
             "step": "s", "host": "h", "change": "c", "fields": [], "action": "x",
             "result": "done"}  # fmt: skip
    text = json.dumps(whole)

    assert len(parse(f"{text}\n{text[:40]}\n\nnonsense\n{text}")) == 2


@pytest.mark.parametrize(
    "wrong",
    [{"at": None}, {"at": "yesterday"}, {"result": ["done"]}, {"fields": [None]}, {"pid": "1"},
     {"fields": {"a": 1}, "who": 5}],
    ids=str,
)  # fmt: skip
def test_a_line_with_values_of_another_kind_is_left_out(wrong):
    line = {**json.loads(beginning(ME, "stack", CHANGE, Act()) + "}"), "result": "done",
            "ended": "2026-01-01T00:00:00Z"}  # fmt: skip

    assert len(parse(json.dumps(line))) == 1
    assert parse(json.dumps({**line, **wrong})) == []


def test_the_last_lines_of_all_hosts_come_in_the_order_of_time(written, hosts):
    for name in ("nas", "boss", "nas"):
        written(name, "done", "done")

    entries, failures = history(hosts, HOME, ["nas", "boss"], 3)
    assert failures == []

    assert len(entries) == 3
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)


def test_a_machine_with_two_names_tells_its_changes_once(written, hosts):
    written("boss", "done", "failed")
    written("nas", "done")
    hosts.hosts["also-boss"] = hosts.host("boss")

    entries, _ = history(hosts, HOME, ["nas", "boss", "also-boss"], 50)

    assert sorted(entry.result for entry in entries) == ["done", "done", "failed"]


def test_what_comes_after_a_line_that_was_cut_off_is_whole(written, hosts):
    """As after a full disk, or a power cut while it was written."""
    boss = hosts.host("boss")
    boss.journal.parent.mkdir(parents=True)
    boss.journal.write_text('{"at": "2026-01-01T00:0')

    written("boss", "done", "failed")

    entries, _ = history(hosts, HOME, ["boss"], 50)
    assert [entry.result for entry in entries] == ["done", "failed"]
    assert len(boss.journal.read_text().splitlines()) == 3


def test_a_journal_that_is_large_is_put_aside_and_still_read(written, hosts, monkeypatch):
    monkeypatch.setattr("moorage.lock_shell._ROTATE_BYTES", 300)
    for _ in range(6):
        written("boss", "done")

    names = sorted(path.name for path in hosts.host("boss").journal.parent.iterdir())
    assert names == ["journal.jsonl", "journal.jsonl.1", "journal.jsonl.2"]
    assert 3 <= len(history(hosts, HOME, ["boss"], 50)[0]) <= 6


def test_no_journal_yet_is_no_failure(hosts):
    assert history(hosts, HOME, ["nas"], 50) == ([], [])


def test_a_host_that_does_not_answer_leaves_the_others_entries(written, hosts):
    written("boss", "done")

    def gone(_script):
        raise Unreachable("gone", host="nas")

    hosts.host("nas").before = gone
    entries, failures = history(hosts, HOME, ["nas", "boss"], 50)

    assert len(entries) == 1
    assert [failure.host for failure in failures] == ["nas"]
