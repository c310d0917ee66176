"""A move, cut off after each of its actions and carried on: never two nodes with the data."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from relocate_world import ADDRESS, OPEN, World, finished, moved, step

from moorage.steps.relocate.desired import AwaitStart


def test_it_is_planned_in_the_one_safe_order(wanted):
    plan = step(wanted).plan(World().seen())

    assert [change.title for change in plan.changes] == [
        "remove task of registry_nexus",
        "remove use of /srv/nexus",
        "remove clients of /srv/nexus",
        "update node host-one",
        "update node host-two",
        "update export /srv/nexus to two",
        "update service registry_nexus",
    ]
    assert [change.host for change in plan.changes] == [
        "boss", "one", "nas", "boss", "boss", "nas", "boss",
    ]  # fmt: skip


def test_it_moves_and_then_nothing_is_left_to_do(wanted):
    world = World()
    moved(world, wanted)

    assert finished(world)
    assert step(wanted).plan(world.seen()).empty


@pytest.mark.parametrize(
    "cuts", [*itertools.product(range(9)), *itertools.product(range(4), repeat=3)]
)
def test_cut_off_after_any_action_the_next_run_carries_on(wanted, cuts):
    world = World()
    for most in cuts:
        moved(world, wanted, most)
    moved(world, wanted)

    assert finished(world)
    assert step(wanted).plan(world.seen()).empty


@pytest.mark.parametrize("cut", range(8))
def test_cut_off_it_can_be_taken_back(wanted, cut):
    """To the node that it came from: the same order, the other way round."""
    world = World()
    moved(world, wanted, cut)
    back = dataclasses.replace(
        wanted, to="one", text="to one\n", closed="closed, to one\n", clients=(ADDRESS["one"],)
    )
    plan = step(back).plan(world.seen())

    if cut == 0:
        assert [change.title for change in plan.changes] == ["update service registry_nexus"]
    assert plan.changes[-1].title == "update service registry_nexus"
    titles = [change.title for change in plan.changes]
    let_in = world.clients == {ADDRESS["one"]}
    assert ("update export /srv/nexus to one" in titles) == (not let_in)
    assert ("remove clients of /srv/nexus" in titles) == (not let_in)


@pytest.mark.parametrize("cut", range(8))
def test_a_dead_node_is_fenced_by_the_operator_and_then_by_the_export(wanted, cut):
    world = World(silent=("one",))
    fenced = dataclasses.replace(wanted, fenced=("one",))
    moved(world, fenced, cut)
    moved(world, fenced)

    assert world.file == OPEN
    assert world.holders == {ADDRESS["two"]}
    assert world.labels == {"two"}
    made = step(fenced).plan(world.seen())
    assert made.empty


def test_others_who_are_let_in_are_taken_out_without_a_stop(wanted):
    world = World()
    moved(world, wanted)
    world.clients |= {ADDRESS["one"]}
    world.file = "to both\n"

    (change,) = step(wanted).plan(world.seen()).changes

    assert change.title == "update export /srv/nexus to two"
    assert [(item.field, item.after) for item in change.differences] == [("client 10.0.0.1", None)]


def test_a_start_that_was_cut_off_is_waited_for(wanted):
    world = World()
    moved(world, wanted)
    world.waited = False

    (change,) = step(wanted).plan(world.seen()).changes

    assert [type(action) for action in change.actions] == [AwaitStart]
