"""Beside the faults: the operator, and who watches; on a played lab."""

from __future__ import annotations

import re
import subprocess
import threading
from pathlib import Path

import pytest
from played_lab import told

from lab.chaos import operating, witness
from lab.chaos.events import ANSWER, PULL, PUSH, Event, Events, summary
from lab.chaos.loops import Loop, all_ended
from lab.chaos.operating import BACKUP, PLAN, UP, Operator, Ran
from lab.chaos.witness import Watcher, Witness, seen
from lab.errors import LabError
from moorage.exit_codes import ExitCode


def answering(*codes):
    """A fab that ends with these codes in turn."""
    left = list(codes)
    return lambda words: Ran(tuple(words), left.pop(0), "")


def test_the_operator_plans_applies_and_backs_up_by_turns(events):
    operator = Operator(answering(0, 4, 5, 2), events)
    for _ in range(4):
        operator.once()

    assert [ran.words for ran in operator.ran] == [PLAN, UP, BACKUP, PLAN]
    assert [(event.what, event.good, event.said) for event in events.all()] == [
        ("plan", True, "0"), ("up", False, "4"), ("backup", False, "5"), ("plan", False, "2"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("codes", "tries"), [((0,), [0]), ((5, 0), [5, 0]), ((1, 1, 1), [1, 1, 1])]
)
def test_the_last_apply_is_tried_three_times_at_the_most(events, codes, tries):
    assert [ran.code for ran in Operator(answering(*codes), events).until_done(UP)] == tries


@pytest.mark.parametrize(
    ("words", "code", "text", "wrong"),
    [
        (UP, 0, "", False), (UP, 5, "", False), (PLAN, 2, "", False), (UP, 2, "", True),
        (BACKUP, 130, "", True), (BACKUP, -9, "", True), (UP, None, "", True), (UP, 7, "", True),
        (UP, 1, "x\nTraceback (most recent call last):\n", True),
    ],
)  # fmt: skip
def test_ends_that_no_command_may_have(words, code, text, wrong):
    assert bool(Ran(words, code, text).wrong()) == wrong


def test_the_documented_exit_codes_are_those_of_the_product_and_of_its_readme(root):
    known = {int(code) for code in ExitCode} - {ExitCode.INTERRUPTED}
    assert {code for code in range(-20, 300) if not Ran(PLAN, code, "").wrong()} == known
    readme = (root / "README.md").read_text()
    table = re.findall(r"^\| (\d+) \|", readme, re.MULTILINE)
    assert {int(code) for code in table} - {130} == known


def fab_of(tmp_path, text):
    program = tmp_path / "fab"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    return operating.fab(tmp_path, tmp_path, tmp_path / "site.yml")


def test_fab_is_run_as_operators_do(tmp_path):
    text = 'echo "$* $MOORAGE_INVENTORY $MOORAGE_YES"; echo complaint >&2; exit 4'
    ran = fab_of(tmp_path, text)(PLAN)

    assert ran == Ran(
        PLAN, 4, f"--search-root {tmp_path} plan --check {tmp_path}/site.yml 1\ncomplaint\n"
    )


def test_a_fab_that_does_not_end_is_ended_and_found_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr(operating, "COMMAND_SECONDS", 0.3)
    ran = fab_of(tmp_path, "exec sleep 60")(UP)

    assert ran.code is None
    assert ran.wrong()


def test_the_witness_counts_holders_and_never_a_line_that_was_cut_off():
    found = seen(["at ", "at 10.77.0.12 ", "at 10.77.0.11 10.77.0.12 ", "10.77.0.13"])

    assert (found.samples, found.most) == (3, 2)
    assert found.holders == {"10.77.0.11", "10.77.0.12"}
    assert seen([]).most == 0


def test_the_witness_keeps_what_it_saw_before_a_restart(lab):
    looks = Witness(lab)
    looks.begin()
    lab.samples = ["at 10.77.0.12 "] * 3
    looks.collect()
    looks.begin()
    lab.samples = ["at 10.77.0.11 "]
    looks.collect()

    assert looks.seen().samples == 4
    assert looks.seen().holders == {"10.77.0.11", "10.77.0.12"}


def sampled(tmp_path, holders, later=None):
    """First line of the sampler on an NFS server with these clients."""
    export = tmp_path / "nexus"
    export.mkdir(parents=True)
    (export / "lock").touch()
    inode = (export / "lock").stat().st_ino

    def state(address, lock):
        folder = tmp_path / "clients" / address
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "info").write_text(f'clientid: 0x1\naddress: "{address}:801"\nname: x\n')
        kind = "lock" if lock else "open"
        (folder / "states").write_text(f'- 0x1: {{ type: {kind}, superblock: "fe:00:{inode}" }}\n')

    for address, lock in holders.items():
        state(address, lock)
    text = witness._SAMPLER.replace("/proc/fs/nfsd", str(tmp_path)).replace(
        "/srv/nexus", str(export))  # fmt: skip
    if later:
        # what a second look finds
        text = text.replace("found=$(holders) ;;", f"rm -r {tmp_path}/clients/{later}; "
                            "found=$(holders) ;;")  # fmt: skip
    text = text.replace("sleep 0.2", "exit 0")
    return subprocess.run(["sh", "-s"], input=text, capture_output=True, text=True, check=True,
                          timeout=30).stdout.splitlines()  # fmt: skip


def test_the_sampler_for_real(tmp_path):
    one, two = "10.77.0.11", "10.77.0.12"
    assert seen(sampled(tmp_path / "1", {one: True, two: False})).holders == {one}
    assert seen(sampled(tmp_path / "2", {one: True, two: True})).most == 2
    # it went from one to the other while they were read
    assert seen(sampled(tmp_path / "3", {one: True, two: True}, later=one)).holders == {two}
    none = seen(sampled(tmp_path / "4", {two: False}))
    assert (none.samples, none.most) == (1, 0)


def test_the_watcher_tells_whether_nexus_answers(lab, events):
    watcher = Watcher(lab, Path("/ca.crt"), events)
    watcher.once()
    lab.refused.add("curl")
    watcher.once()

    assert told(events) == [(ANSWER, True), (ANSWER, False)]


def test_what_was_seen_between_two_moments():
    events = [
        Event(9, PUSH, good=False), Event(11, ANSWER, good=True), Event(13, ANSWER, good=False),
        Event(15, PUSH, good=False), Event(16, PUSH, good=True), Event(18, PULL, good=True),
        Event(20, ANSWER, good=True), Event(21, "up", good=False, said="4"),
        Event(22, "up", good=False, said="4"), Event(26, ANSWER, good=False),
        Event(31, "plan", good=True, said="0"),
    ]  # fmt: skip

    assert summary(events, 10, 30) == "Nexus away 11 s, pushes 1/2, pulls 1/1, up → 4 (2 times)"
    assert summary(events, 40, 50) == "nothing"


def test_a_loop_goes_on_until_it_is_stopped_and_ends_what_it_began():
    begun, may = threading.Event(), threading.Event()
    done = []

    def once():
        begun.set()
        may.wait(10)
        done.append(1)

    loop = Loop("client", once, 60)
    loop.start()
    assert begun.wait(10)
    loop.stop()
    may.set()
    loop.join(10)

    assert (done, loop.failure) == ([1], "")


def test_a_loop_that_breaks_or_does_not_end_is_told():
    def broken():
        raise LabError("a mistake")

    ever = threading.Event()
    loops = [Loop("client", broken, 0), Loop("operator", lambda: ever.wait(10) and None, 0)]
    for loop in loops:
        loop.start()
    all_ended(loops, 0.3)
    ever.set()

    assert "a mistake" in loops[0].failure
    assert "had not ended" in loops[1].failure


def test_the_log_has_every_word_below_its_line(tmp_path, clock):
    events = Events(clock, tmp_path / "log")
    clock.sleep(75)
    events.add("up", good=False, said="4", text="error: one\nerror: two\n")
    events.add(ANSWER, good=True)

    assert (tmp_path / "log").read_text() == "1:15 up: failed 4\n    error: one\n    error: two\n"
