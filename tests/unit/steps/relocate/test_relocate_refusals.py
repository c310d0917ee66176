"""What stops a move to another node before anything is done, and what does not."""

from __future__ import annotations

import dataclasses

import pytest
from relocate_world import ADDRESS, OPTIONS, World, step

from moorage.errors import Refused, Unreachable
from moorage.steps.pending_upgrade import UnderWay
from moorage.steps.relocate.observe import NodeSeen


def test_a_dead_node_stops_it_until_the_operator_has_fenced_it(wanted):
    with pytest.raises(Refused) as caught:
        step(wanted).plan(World(silent=("one",)).seen())

    assert caught.value.host == "one"
    assert "fab relocate --to two --fenced one" in caught.value.hint


@pytest.mark.parametrize("reason", ["let in", "open", "labelled"])
def test_each_sign_that_a_silent_node_may_be_at_work_stops_it(wanted, reason):
    world = World(silent=("one",))
    world.clients = {ADDRESS["one"]} if reason == "let in" else set()
    world.holders = {ADDRESS["one"]} if reason == "open" else set()
    world.labels = {"one"} if reason == "labelled" else {"two"}

    with pytest.raises(Refused, match="may be running there"):
        step(wanted).plan(world.seen())


def test_a_silent_node_that_cannot_have_the_data_stops_nothing(wanted):
    plan = step(wanted).plan(World(silent=("boss",)).seen())

    assert plan.changes
    assert any("boss does not answer" in note for note in plan.notes)


def test_the_operators_word_is_not_taken_against_what_is_seen(wanted):
    fenced = dataclasses.replace(wanted, fenced=("one",))
    with pytest.raises(Refused, match="one answers, so it is not switched off"):
        step(fenced).plan(World().seen())

    seen = World(silent=("one",)).seen()
    alive = {**seen.members, "id-one": dataclasses.replace(seen.members["id-one"], state="ready")}
    with pytest.raises(Refused, match="Swarm has host-one as ready"):
        step(fenced).plan(dataclasses.replace(seen, members=alive))


def test_a_node_that_only_the_managers_do_not_reach_is_stopped_on_itself(wanted):
    seen = World().seen()
    down = {**seen.members, "id-one": dataclasses.replace(seen.members["id-one"], state="down")}

    plan = step(wanted).plan(dataclasses.replace(seen, members=down))

    change = plan.changes[1]
    assert (change.host, change.title) == ("one", "remove use of /srv/nexus")
    assert [item.field for item in change.differences] == ["containers", "mounted at"]


def seen_with(**changes):
    seen = World().seen()
    server = {name: changes.pop(name) for name in ("clients", "above") if name in changes}
    return dataclasses.replace(seen, server=dataclasses.replace(seen.server, **server), **changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"replicas": None}, "is not deployed"),
        ({"above": {"/srv": ["10.0.0.0/24"]}}, "the export /srv lets one write"),
        ({"above": {"/srv": ["*.example.com"]}}, "the export /srv lets one write"),
    ],
)
def test_what_would_make_the_fence_a_lie_is_refused(wanted, changes, words):
    with pytest.raises(Refused, match=words):
        step(wanted).plan(seen_with(**changes))


def test_an_export_above_for_others_is_no_harm(wanted):
    assert step(wanted).plan(seen_with(above={"/srv": ["10.9.9.9"]})).changes


@pytest.mark.parametrize(
    ("clients", "words"),
    [
        (("10.0.0.0/24",), "lets in 10.0.0.0/24, so one cannot be kept from the data"),
        ((ADDRESS["two"], "@nodes"), "lets in @nodes"),
        (("10.9.9.9",), "does not let two in"),
    ],
)
def test_clients_of_the_inventory_that_leave_no_fence_are_refused(wanted, clients, words):
    with pytest.raises(Refused, match=words):
        step(dataclasses.replace(wanted, clients=clients, listed=True)).plan(World().seen())


def test_a_node_that_cannot_take_nexus_is_refused(wanted):
    seen = World().seen()
    for changes, words in (
        ({"availability": "drain"}, "ready and drain"),
        ({"state": "down"}, "down and active"),
    ):
        member = dataclasses.replace(seen.members["id-two"], **changes)
        with pytest.raises(Refused, match=words):
            step(wanted).plan(dataclasses.replace(seen, members={**seen.members, "id-two": member}))
    node = NodeSeen("id-two", volume={**OPTIONS, "o": "soft"})
    with pytest.raises(Refused, match="exists with other options"):
        step(wanted).plan(dataclasses.replace(seen, nodes={**seen.nodes, "two": node}))
    with pytest.raises(Unreachable):
        step(wanted).plan(World(silent=("two",)).seen())


@pytest.mark.parametrize(
    ("pending", "words"),
    [
        (UnderWay(held=True, why="restore X"), "an exchange of its data was cut off"),
        (UnderWay(why="backup X"), "is stopped for a while: backup X"),
    ],
)
def test_what_another_run_has_stopped_is_not_started_elsewhere(wanted, pending, words):
    """Its guard may start it at any moment, or its data may be half moved."""
    world = World()
    world.replicas = 0
    seen = dataclasses.replace(world.seen(), pending=pending)

    with pytest.raises(Refused, match=words) as caught:
        step(wanted).plan(seen)

    assert caught.value.hint
    # a note that was left although it runs is no other run's, also once this one has stopped it
    one = step(wanted)
    assert one.plan(dataclasses.replace(seen, replicas=1)).changes
    assert one.plan(seen).changes
