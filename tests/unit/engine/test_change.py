"""Differences, plans and diffs of files."""

from __future__ import annotations

import threading

import pytest

from moorage.change import (
    AT_ONCE,
    Change,
    Difference,
    Plan,
    differences,
    file_diff,
    side_by_side,
    waves,
)


def test_only_fields_that_differ_are_told():
    assert differences({"a": 1, "b": 2}, {"a": 1, "b": 3}) == (Difference("b", 3, 2),)


def test_fields_that_are_not_managed_do_not_count():
    assert differences({"a": 1}, {"a": 1, "other": 2}) == ()


def test_what_is_absent_differs_in_every_field_even_in_those_that_are_to_be_none():
    assert differences({"a": None, "b": 0}, None) == (
        Difference("a", None, None), Difference("b", None, 0),
    )  # fmt: skip


def test_a_field_that_is_missing_counts_as_none():
    assert differences({"a": None}, {}) == ()
    assert differences({"a": False}, {}) == (Difference("a", None, after=False),)


def test_false_is_not_none():
    assert differences({"a": False}, {"a": None}) == (Difference("a", None, after=False),)


def test_the_order_is_that_of_what_is_asked():
    asked = {"z": 1, "a": 1, "m": 1}

    assert [item.field for item in differences(asked, {})] == ["z", "a", "m"]


def test_a_plan_with_notes_alone_is_empty():
    assert Plan("nfs", (), ("little room",)).empty
    assert not Plan("nfs", (Change("create", "x", "nas"),)).empty


def test_a_diff_has_the_lines_that_go_and_come():
    diff = file_diff("/etc/exports.d/x", "one\ntwo\n", "one\nthree\n")

    assert diff.splitlines()[:2] == ["--- /etc/exports.d/x (now)", "+++ /etc/exports.d/x"]
    assert "-two" in diff
    assert "+three" in diff
    assert " one" in diff


def test_a_new_file_is_shown_whole():
    diff = file_diff("/x", None, "one\ntwo\n")

    assert [line for line in diff.splitlines() if line.startswith("+")][1:] == ["+one", "+two"]


def test_the_same_text_is_no_diff():
    assert file_diff("/x", "one\n", "one\n") == ""


def change(name, together=""):
    return Change("create", name, "nexus", together=together)


def test_changes_stay_in_order_and_go_together_only_next_to_each_other():
    changes = [change("a"), change("b"), change("c", "x"), change("d", "x"), change("e", "y"),
               change("f", "x")]  # fmt: skip

    assert [[item.subject for item in wave] for wave in waves(changes)] == [
        ["a"], ["b"], ["c", "d"], ["e"], ["f"],
    ]  # fmt: skip


def test_changes_of_a_wave_are_really_carried_out_at_once():
    meeting = threading.Barrier(AT_ONCE, timeout=5)

    side_by_side(lambda _: meeting.wait(), [change(str(number)) for number in range(AT_ONCE)])


def test_after_a_failure_no_further_change_is_begun_and_it_is_the_failure_that_is_told():
    begun = []

    def work(item):
        begun.append(item.subject)
        if item.subject == "0":
            raise ValueError("no")
        threading.Event().wait(0.05)

    with pytest.raises(ValueError, match="no"):
        side_by_side(work, [change(str(number)) for number in range(100)])
    assert len(begun) < 30
