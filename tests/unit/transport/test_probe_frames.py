"""One script reads everything: parts framed through a real ``sh``, whatever a part prints."""

from __future__ import annotations

import subprocess

import pytest

from moorage.transport.base import probe_script, sections


def run(parts, **variables):
    text = probe_script("look", parts, **variables).text()
    done = subprocess.run(["sh", "-s"], input=text.encode(), capture_output=True, check=False)
    return done.stdout.decode(errors="replace"), done


def probed(parts, **variables):
    return sections(run(parts, **variables)[0])


def test_each_part_has_its_output_and_exit_code():
    found = probed({"one": "echo first", "two": "echo second; exit 3"})

    assert (found["one"].exit_code, found["one"].text) == (0, "first")
    assert (found["two"].exit_code, found["two"].text) == (3, "second")
    assert found["one"].ok
    assert not found["two"].ok


def test_a_part_that_fails_stops_no_other():
    found = probed({"a": "no-such-command", "b": "exit 9", "c": "echo alive"})

    assert "not found" in found["a"].text
    assert found["b"].exit_code == 9
    assert found["c"].text == "alive"


def test_a_part_that_kills_itself_stops_no_other():
    found = probed({"a": "sh -c 'kill -9 $$'", "b": "echo alive"})

    assert found["a"].exit_code == 137
    assert found["b"].text == "alive"


def test_an_unset_variable_ends_its_part_alone():
    found = probed({"a": 'echo "$nobody_set_this"', "b": "echo alive"})

    assert not found["a"].ok
    assert found["b"].text == "alive"


def test_stderr_comes_with_the_part_that_wrote_it():
    found = probed({"a": "echo trouble >&2; exit 1", "b": "echo fine"})

    assert found["a"].text == "trouble"
    assert found["b"].text == "fine"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("printf 'no line break'", "no line break"),
        ("printf 'one\\n'", "one"),
        ("printf 'a\\n\\nb\\n'", "a\n\nb"),
        ("printf ''", ""),
        ("printf '\\n  indented\\n'", "\n  indented"),
    ],
)
def test_output_comes_as_it_is_but_for_the_last_line_break(body, text):
    assert probed({"part": body})["part"].text == text


@pytest.mark.parametrize(
    "line",
    [
        "--",
        "-- = 0",
        "--0123456789abcdef = 0",
        "--0123456789abcdef other",
        "= 1",
        "--$boundary = 7",
    ],
)
def test_text_like_a_frame_does_not_end_a_part(line):
    found = probed({"first": f"echo '{line}'; echo more", "second": "echo after"})

    assert found["first"].text == f"{line}\nmore"
    assert found["second"].text == "after"
    assert set(found) == {"first", "second"}


def test_the_frame_is_another_each_time():
    parts = {"one": "true"}

    assert run(parts)[0].partition("\n")[0] != run(parts)[0].partition("\n")[0]


def test_binary_junk_stays_inside_its_part():
    found = probed({"junk": "head -c 4096 /dev/urandom", "after": "echo fine"})

    assert found["junk"].ok
    assert found["after"].text == "fine"


def test_a_part_cannot_eat_the_script_through_stdin():
    found = probed({"greedy": "cat", "after": "echo still here"})

    assert found["greedy"].text == ""
    assert found["after"].text == "still here"


def test_a_part_that_was_cut_off_is_left_out():
    output, _ = run({"one": "echo whole", "two": "echo cut; echo off"})
    at = output.index("cut") + 3

    found = sections(output[:at])

    assert found["one"].text == "whole"
    assert "two" not in found


@pytest.mark.parametrize("output", ["", "\n", "garbage", "motd\nof the host\n"])
def test_no_frame_at_all_is_no_part(output):
    assert sections(output) == {}


def test_variables_are_the_parts_own_and_quoted():
    awkward = "a 'b' \"c\" $HOME `id`\nsecond line"

    found = probed({"part": 'printf %s "$value"'}, value=awkward)

    assert found["part"].text == awkward


def test_what_a_part_sets_is_not_seen_by_the_next():
    found = probed({"a": "x=1; cd /; exit 0", "b": 'echo "${x:-unset}"'})

    assert found["b"].text == "unset"


def test_thousands_of_lines_are_kept():
    assert len(probed({"many": "seq 1 20000"})["many"].text.splitlines()) == 20000


def test_the_whole_probe_ends_well_though_its_last_part_failed():
    """Its own exit code is that of the framing: a failed part is told by its section."""
    assert run({"a": "exit 5"})[1].returncode == 0
