"""What a run tells beyond its changes: what is asked for before it can look, and how it ended."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace

import pytest

from moorage.change import Outcome, Plan
from moorage.errors import Interrupted, Refused, RolledBack, Unreachable
from moorage.planning import raise_first
from moorage.report.plan_json import plan_data
from moorage.runner import run
from moorage.transport.fleet import all_or_first_failure


def test_a_step_that_cannot_look_yet_tells_what_it_asks_for(work, file_step, out):
    first = file_step({"nas": {"a": "1"}}, "stack")
    second = file_step({"boss": {"b": "1"}}, "nexus")
    second.foreseen = lambda: "repositories docker-all (group)"

    run(work(first, second, known_after={"nexus": ("stack",)}), dry_run=True)

    assert (
        "nexus: known only after stack is applied; it asks for repositories docker-all (group)"
    ) in out.getvalue()


def test_what_swarm_took_back_is_called_so_in_the_journal(work, file_step, hosts):
    step = file_step({"nas": {"a": "1"}})
    plan = step.plan

    def waiting(observed):
        changes = [dataclasses.replace(one, actions=(SimpleNamespace(summary="wait for it"),))
                   for one in plan(observed).changes]  # fmt: skip
        return Plan("files", tuple(changes))

    def taken_back(_action, _progress):
        raise RolledBack("registry_nexus was rolled back")

    step.plan, step.carry_out = waiting, taken_back

    with pytest.raises(RolledBack):
        run(work(step), dry_run=False)

    (line,) = hosts.host("nas").journal.read_text().splitlines()
    assert (json.loads(line)["action"], json.loads(line)["result"]) == (
        "wait for it", "rolled_back",
    )  # fmt: skip


def test_a_host_that_does_not_answer_is_named_once_though_several_steps_ask_it():
    nas, boss, edge = (Unreachable("no SSH connection", host=host, hint="look")
                       for host in ("nas", "boss", "edge"))  # fmt: skip
    boss.step = "nodes"
    with pytest.raises(Unreachable):
        all_or_first_failure({"boss": boss, "edge": edge})
    other = Refused("no leader", host="boss", step="stack")
    outcomes = [Outcome("nfs", failure=nas), Outcome("nodes", failure=boss),
                Outcome("image", failure=boss), Outcome("stack", failure=other)]  # fmt: skip

    for _ in range(2):
        with pytest.raises(Unreachable) as caught:
            raise_first(outcomes)

    assert caught.value is nas
    assert nas.lines() == [
        "error: on nas: no SSH connection",
        "  what to do: look",
        "  also failed: nodes on boss: no SSH connection",
        "  also failed: on edge: no SSH connection",
        "  also failed: stack on boss: no leader",
    ]
    told = plan_data("site.yml", outcomes)["steps"][1]["error"]
    assert (told["details"], told["hint"]) == (["also failed: on edge: no SSH connection"], "look")


def test_what_is_left_is_told_by_host_where_several_have_the_same(work, file_step, hosts):
    def interrupt(script):
        if "write a" in script.summary:
            raise KeyboardInterrupt

    hosts.host("boss").before = interrupt
    first = file_step({"nas": {"a": "1"}}, "first")
    second = file_step({"boss": {"a": "1"}}, "second")

    with pytest.raises(Interrupted) as caught:
        run(work(first, second), dry_run=False)

    assert caught.value.details() == [
        "| done: file a on nas", "| not done, or not to its end: file a on boss",
    ]  # fmt: skip
