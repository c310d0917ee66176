"""What a run tells beyond its changes: what is asked for before it can look, and how it ended."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace

import pytest

from moorage.change import Plan
from moorage.errors import RolledBack
from moorage.runner import run


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
