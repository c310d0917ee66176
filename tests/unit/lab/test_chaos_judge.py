"""The verdicts of a chaos run: each can fail, and the table tells what there was."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lab.chaos.client import Image
from lab.chaos.driver import Record
from lab.chaos.events import PUSH, Event
from lab.chaos.judge import Facts, Verdict, judged
from lab.chaos.operating import BACKUP, PLAN, UP, Ran
from lab.chaos.report import Report
from lab.chaos.schedule import EXPORT, POWER, Fault
from lab.chaos.witness import Seen

IMAGE = Image("n1", "sha256:" + "a" * 64, 31.0)
OFF = Record(Fault(POWER, ("worker",), 20, 30), 20.4, 61.0, took=True, gone=True)
FULL = Record(Fault(EXPORT, ("nfs",), 90, 20), 90.0, 110.0, took=True, gone=True)
OUT = Record(Fault(EXPORT, ("nfs",), 580, 20), note="left out: there was no time for it")
DONE = {"up": Ran(UP, 0, ""), "backup": Ran(BACKUP, 0, ""), "plan": Ran(PLAN, 0, "")}
GOOD = Facts(
    seconds=600.0,
    records=[OFF, FULL, OUT],
    broken={"client": "", "operator": "", "watcher": ""},
    acknowledged=[IMAGE],
    lost=[],
    seen=Seen(900, 1, frozenset({"10.77.0.12"})),
    containers={"manager": [], "worker": ["c1"]},
    locks={"nfs": [], "manager": [], "worker": []},
    left={"nfs": [], "manager": [], "worker": []},
    ran=[Ran(UP, 4, ""), *DONE.values()],
    ups=[Ran(UP, 5, ""), DONE["up"]],
    backups=[DONE["backup"]],
    plan=DONE["plan"],
)


def test_a_good_run():
    assert [verdict for verdict in judged(GOOD) if not verdict.holds] == []


@pytest.mark.parametrize(
    ("change", "demand", "said"),
    [
        ({"records": [replace(OFF, gone=False)]}, "every fault came", "worker switched off is st"),
        ({"records": [replace(OFF, took=False)]}, "every fault came", "did not come about"),
        ({"records": [OUT]}, "every fault came", "there was none"),
        ({"broken": {"client": "ValueError: x"}}, "went on", "client: ValueError"),
        ({"ran": [Ran(UP, 1, "Traceback (most recent call last):")]}, "documented", "traceback"),
        ({"ran": [Ran(UP, 77, "")]}, "documented", "up ended with 77"),
        ({"ran": [Ran(UP, None, "")]}, "documented", "had not ended"),
        ({"ran": []}, "documented", "nothing was run"),
        ({"ups": [Ran(UP, 1, "")] * 3}, "fab up comes through", "3 of 3 tries, exit codes 1, 1, 1"),
        ({"ups": []}, "fab up comes through", "0 of 3"),
        ({"backups": [Ran(BACKUP, 1, "")] * 3}, "fab backup comes through", "1, 1, 1"),
        ({"lost": [IMAGE]}, "every acknowledged push", "n1 sha256:aaa"),
        ({"acknowledged": []}, "every acknowledged push", "nothing is proven"),
        ({"seen": Seen(900, 2, frozenset({"a", "b"}))}, "never two", "2 nodes held its lock"),
        ({"seen": Seen(900, 0, frozenset())}, "never two", "nobody was ever seen"),
        ({"seen": Seen(80, 1, frozenset({"a"}))}, "never two", "only 80 times"),
        ({"containers": {"manager": ["c2"], "worker": ["c1"]}}, "never two", "2 containers"),
        ({"containers": {"manager": [], "worker": []}}, "never two", "0 containers"),
        ({"locks": {"nfs": ["/var/lib/moorage/registry/lock: x"]}}, "no lock", "nfs: /var/lib"),
        ({"left": {"nfs": ["/srv/backup/registry/b1.partial"]}}, "no temporary", "b1.partial"),
        ({"plan": Ran(PLAN, 2, "")}, "the plan is empty", "→ 2"),
        ({"plan": Ran(PLAN, None, "")}, "the plan is empty", "None"),
    ],
)
def test_each_demand_can_fail_and_none_but_that_one(change, demand, said):
    failed = [verdict for verdict in judged(replace(GOOD, **change)) if not verdict.holds]

    assert [demand in verdict.demand for verdict in failed] == [True], failed
    assert said in failed[0].said


def report(verdicts=(), **more):
    events = [Event(30, PUSH, good=False), Event(50, "up", good=False, said="4"),
              Event(100, PUSH, good=True)]  # fmt: skip
    return Report(7, 10, [OFF, FULL, OUT], events, 640.0, 41.0, verdicts, **more)


def test_the_table_has_each_fault_with_when_how_long_and_what_was_seen():
    text = report(judged(GOOD)).text().splitlines()

    assert text[0] == "chaos, seed 7, 10 minutes"
    assert text[2].split(maxsplit=3) == ["when", "lasted", "fault", "what was seen until the next"]
    assert text[3].split(maxsplit=5) == [
        "0:20", "0:40", "worker", "switched", "off", "pushes 0/1, up → 4"]  # fmt: skip
    assert text[4].split(maxsplit=4) == ["1:30", "0:20", "export", "full", "pushes 1/1"]
    assert "left out" in text[5]
    assert "all is there again: 41 s after the last command" in text
    assert text[-1] == "again: ./run inv chaos --minutes 10 --seed 7"
    assert sum(line.startswith("ok ") for line in text) == len(judged(GOOD))


def test_only_a_run_of_which_all_holds_is_good():
    failed = report([Verdict("one", holds=True, said=""), Verdict("other", holds=False, said="x")])

    assert report(judged(GOOD)).good
    assert not failed.good
    assert "FAILED  other: x" in failed.text()


def test_one_that_was_cut_off_is_not_good_and_says_so():
    assert not report().good
    assert "nothing was judged; the faults are undone" in report().text()
    left = replace(OFF, gone=False)
    assert "NOT UNDONE: worker switched off" in Report(7, 10, [left], [], 9.0).text()


def test_the_same_as_data():
    data = json.loads(json.dumps(report(judged(GOOD)).data()))

    assert (data["seed"], data["minutes"], data["good"]) == (7, 10, True)
    first = data["faults"][0]
    assert (first["kind"], first["hosts"], first["began"]) == ("power", ["worker"], 20.4)
    assert first["seen"] == "pushes 0/1, up → 4"
    assert data["faults"][2]["began"] is None
    assert all(demand["holds"] for demand in data["demands"])
    assert len(data["events"]) == 3
