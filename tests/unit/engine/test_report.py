"""A run as text: plain lines, or colours and one moving line where there is a terminal."""

from __future__ import annotations

import io
import threading

import pytest

from moorage.change import Change, Difference, Outcome, Plan
from moorage.errors import Refused
from moorage.report import text
from moorage.report.live import Moving
from moorage.report.text import Report


@pytest.fixture
def out():
    return io.StringIO()


@pytest.fixture
def clock(monkeypatch):
    """Time that passes when the test says so."""
    now = [100.0]
    monkeypatch.setattr(text.time, "monotonic", lambda: now[0])

    def forward(seconds):
        now[0] += seconds

    return forward


@pytest.fixture
def report(clock, out):
    made = Report(out, live=False)
    made.begin("nfs")
    return made


CHANGE = Change(
    "update", "export /srv/nexus", "nas",
    (Difference("10.0.0.2", None, "rw"), Difference("mode", "0755", "0750")), (),
    "--- a\n+++ b\n-old\n+new",
)  # fmt: skip


def test_a_plan_shows_host_verb_subject_fields_diff_and_notes(report, out):
    report.plan(Plan("nfs", (CHANGE,), ("14 % of its space free",)))

    assert out.getvalue().splitlines() == [
        "nfs on nas: ~ update export /srv/nexus",
        "      10.0.0.2: absent → rw",
        "      mode: 0755 → 0750",
        "      --- a",
        "      +++ b",
        "      -old",
        "      +new",
        "nfs: note: 14 % of its space free",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "absent"), (True, "yes"), (False, "no"), ([], "none"), (["a", 1], "a 1"),
     (90.0, "90"), (0.5, "0.5"), (0, "0"), ("", ""), ("x", "x")],
)  # fmt: skip
def test_values_are_shown_in_words(report, out, value, shown):
    report.plan(Plan("x", (Change("create", "s", "h", (Difference("f", "b", value),)),)))

    assert out.getvalue().splitlines()[1] == f"      f: b → {shown}"


@pytest.mark.parametrize(("verb", "sign"), [("create", "+"), ("update", "~"), ("remove", "-")])
def test_each_verb_has_its_sign(report, out, verb, sign):
    report.plan(Plan("x", (Change(verb, "s", "h"),)))

    assert out.getvalue() == f"x on h: {sign} {verb} s\n"


def test_progress_has_step_and_time(report, out, clock):
    clock(2.25)
    report.progress("nfs", "reading nas")

    assert out.getvalue() == "nfs: reading nas (2.2 s)\n"


def test_the_same_progress_is_said_again_only_after_a_while(report, out, clock):
    for _ in range(20):
        report.progress("nfs", "waiting")
        clock(1)

    assert out.getvalue().splitlines() == ["nfs: waiting (0.0 s)", "nfs: waiting (15.0 s)"]


def test_another_progress_is_said_at_once(report, out):
    for line in ("a", "b", "a"):
        report.progress("nfs", line)

    assert len(out.getvalue().splitlines()) == 3


def test_a_new_step_has_a_new_clock_and_says_its_first_progress(report, out, clock):
    report.progress("nfs", "same words")
    clock(5)
    report.begin("image")
    report.progress("image", "same words")

    assert out.getvalue().splitlines()[1] == "image: same words (0.0 s)"


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        (Outcome("nfs", Plan("nfs")), "nfs: no changes (0.0 s)"),
        (Outcome("nexus", unknown="known only after stack is applied"),
         "nexus: known only after stack is applied"),
        (Outcome("nfs", failure=Refused("a link")), "nfs: failed: a link"),
    ],
)  # fmt: skip
def test_a_step_without_changes_says_why_in_one_line(report, out, outcome, line):
    report.outcome(outcome)

    assert out.getvalue() == f"{line}\n"


def test_what_was_applied_is_counted(report, out):
    report.applied(Plan("nfs", (CHANGE, CHANGE)))

    assert out.getvalue() == "nfs: 2 changes made and verified (0.0 s)\n"


@pytest.mark.parametrize(
    ("outcomes", "line"),
    [
        ([Outcome("nfs", Plan("nfs"))], "plan: no changes; nothing was done"),
        ([Outcome("nfs", Plan("nfs", (CHANGE, CHANGE))), Outcome("image", Plan("image")),
          Outcome("stack", Plan("stack", (CHANGE,)))],
         "plan: 3 changes (nfs 2, stack 1); nothing was done"),
        ([Outcome("stack", Plan("stack", (CHANGE,))), Outcome("nexus", unknown="later")],
         "plan: 1 change (stack 1); not known yet: nexus; nothing was done"),
        ([Outcome("nfs", failure=Refused("x"))],
         "plan: no changes; could not be looked at: nfs; nothing was done"),
    ],
)  # fmt: skip
def test_the_last_line_of_a_plan_counts(report, out, outcomes, line):
    report.summary(outcomes)

    assert out.getvalue() == f"{line}\n"


def test_a_remote_command_is_told_only_when_asked_for(out):
    Report(out, live=False).command("nas", "read the lock", 0, 0.5)
    assert out.getvalue() == ""

    Report(out, live=False, verbose=True).command("nas", "exportfs -ra", 1, 0.516)
    Report(out, live=False, verbose=True).command("nas", "sleep", None, 9)

    assert out.getvalue().splitlines() == [
        "nas$ exportfs -ra (exit code 1, 0.52 s)", "nas$ sleep (no end, 9.00 s)",
    ]  # fmt: skip


def test_lines_without_a_terminal_have_no_control_characters(report, out):
    report.plan(Plan("nfs", (CHANGE,)))
    report.progress("nfs", "x")
    report.finding("failure", "nas", "disk", "full", "make room")

    assert "\033" not in out.getvalue()
    assert "\r" not in out.getvalue()


def test_a_terminal_gets_colours(out, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    Report(out, live=True).plan(Plan("nfs", (CHANGE,)))

    assert "\033[33m~ update\033[0m" in out.getvalue()


def test_no_colour_is_respected_on_a_terminal(out, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    Report(out, live=True).plan(Plan("nfs", (CHANGE,)))

    assert "\033" not in out.getvalue()


def test_square_brackets_are_shown_as_they_are_in_the_moving_line(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    out = io.StringIO()
    report = Report(out, live=True)
    report.begin("x")

    report.progress("x", "waiting for [::1]:443 [bold]now[/bold]")
    report.quiet()

    assert "[::1]:443 [bold]now[/bold]" in out.getvalue() or out.getvalue() == ""


def test_a_dumb_terminal_gets_plain_lines(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", "dumb")
    out = Terminal()
    Report(out).progress("nfs", "x")

    assert "\033" not in out.getvalue()
    assert "x" in out.getvalue()


def test_a_finding_has_its_level_host_and_what_to_do(report, out):
    report.finding("warning", "nas", "clock", "6 s ahead", "run chrony")

    first, second = out.getvalue().splitlines()
    assert first.split() == ["warning", "nas", "clock:", "6", "s", "ahead"]
    assert second.strip() == "what to do: run chrony"


def test_each_step_has_a_moving_line_of_its_own_until_they_end():
    moving = Moving(io.StringIO(), {"nfs": 0.0})
    for step, words in (("nfs", "reading nas"), ("stack", "waiting"), ("nfs", "exporting")):
        moving.tell(step, words)

    table = moving._table()
    told = [str(cell) for cell in table.columns[1].cells]
    moving.quiet()

    assert told == ["nfs: exporting", "stack: waiting"]
    assert moving._table().row_count == 0


def test_what_is_told_of_several_steps_at_once_is_whole_lines(report, out):
    def tell(step):
        for number in range(50):
            report.progress(step, f"{step} {number}")

    threads = [threading.Thread(target=tell, args=(step,)) for step in ("nfs", "image", "stack")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    lines = out.getvalue().splitlines()
    assert len(lines) == 150
    assert all(line.split(": ")[0] == line.split()[1] for line in lines)


HOSTILE = "a\x1b]0;mine\x07\x1b[2J\x1b[Hb\rc\x9b2Jd"
WRITTEN_OUT = "a\\x1b]0;mine\\x07\\x1b[2J\\x1b[Hb\\rc\\x9b2Jd"


def test_what_a_terminal_would_obey_is_written_out(report, out):
    """Hosts, Nexus and whoever pushes images choose words that are shown here."""
    change = Change("update", HOSTILE, "nas", (Difference("mode", HOSTILE, None),), (), HOSTILE)
    report.plan(Plan("nfs", (change,), (HOSTILE,)))
    report.progress("nfs", HOSTILE)
    report.finding("failure", "nas", "ssh", HOSTILE, HOSTILE)
    report.outcome(Outcome("nfs", failure=Refused(HOSTILE)))
    print(*report.block([("failure", "task", HOSTILE, HOSTILE)]), file=out)

    assert not {"\x1b", "\x07", "\r", "\x9b"} & set(out.getvalue())
    # the diff is cut into lines at its carriage return
    assert out.getvalue().count(WRITTEN_OUT) == 9


def test_an_errors_words_are_written_out_too():
    failure = Refused(HOSTILE, hint=HOSTILE, host="nas")

    assert "\n".join(failure.lines()).count(WRITTEN_OUT) == 2
    assert "\x1b" not in "".join(failure.lines())


def test_colours_line_breaks_tabs_and_letters_of_any_kind_stay(report, out):
    report.line("\x1b[31mrot\x1b[0m\tñ 日本 →")

    assert out.getvalue() == "\x1b[31mrot\x1b[0m\tñ 日本 →\n"
