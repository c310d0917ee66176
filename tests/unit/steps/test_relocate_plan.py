"""A move, cut off after each of its actions and carried on: never two nodes with the data."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from moorage.errors import Refused, Unreachable
from moorage.quoting import Script
from moorage.steps.relocate import RelocateDesired, Scripts
from moorage.steps.relocate.desired import AwaitStart, Machine
from moorage.steps.relocate.observe import Member, NodeSeen, RelocateObserved, ServerSeen
from moorage.steps.relocate.step import RelocateStep
from moorage.transport.nexus_status import NexusStatus

PATH, OPEN, CLOSED = "/srv/nexus", "to two\n", "closed, to two\n"
ADDRESS = {"one": "10.0.0.1", "two": "10.0.0.2", "boss": "10.0.0.3"}
OPTIONS = {"type": "nfs", "o": "addr=10.0.0.10", "device": ":/srv/nexus"}


@pytest.fixture
def wanted():
    return RelocateDesired(
        to="two",
        fenced=(),
        swarm={name: Machine(address, f"host-{name}") for name, address in ADDRESS.items()},
        service="registry_nexus",
        label=("moorage.registry", "nexus"),
        path=PATH,
        file="/etc/exports.d/x.exports",
        text=OPEN,
        closed=CLOSED,
        clients=(ADDRESS["two"],),
        listed=False,
        servers=("10.0.0.10",),
        volume="registry-data-1",
        options=OPTIONS,
        grace_seconds=120,
        scripts=Scripts(
            label=lambda node, _hostname, on: Script(f"label {node} {on}", ""),
            let_in=Script("let in", ""),
            prove=Script("prove", ""),
            wait=lambda *_: None,
        ),
    )


class World:
    """A site whose Nexus runs on the first node; does what actions say.

    Args:
        silent: nodes that do not answer, and go on with what they do.
    """

    def __init__(self, silent=()):
        self.silent = silent
        self.file, self.clients = "to one\n", {ADDRESS["one"]}
        self.labels = {"one"}
        self.containers = {"one"}
        self.mounts = {"one"}
        self.holders = {ADDRESS["one"]}
        self.replicas = 1
        self.waited = False

    def seen(self):
        there = "two" in self.containers
        return RelocateObserved(
            server=ServerSeen(
                self.file, frozenset(self.clients), {}, frozenset(self.holders),
                {address: frozenset({address}) for address in ADDRESS.values()},
            ),
            nodes={
                name: NodeSeen(
                    f"id-{name}",
                    ("c1",) if name in self.containers else (),
                    (f"/var/{name}",) if name in self.mounts else (),
                )
                for name in ADDRESS if name not in self.silent
            },
            silent={name: Unreachable("no SSH connection", host=name) for name in self.silent},
            members={
                f"id-{name}": Member(
                    f"host-{name}", "down" if name in self.silent else "ready", "active",
                    name in self.labels,
                )
                for name in ADDRESS
            },
            replicas=self.replicas,
            nexus=NexusStatus(self.waited, "writable" if self.waited else "starting")
            if there else None,
        )  # fmt: skip

    def carry_out(self, action):
        if isinstance(action, AwaitStart):
            self.containers |= {"two"}
            self.mounts |= {"two"}
            self.holders |= {ADDRESS["two"]}
            self.waited = True
            return
        summary = action.script.summary
        if summary.startswith("stop "):
            self.replicas = 0
            stopped = self.containers - set(self.silent)
            self.containers -= stopped
            self.holders -= {ADDRESS[name] for name in stopped}
        elif summary.startswith("prove that registry_nexus is stopped"):
            self.containers.discard(action.host)
            self.mounts.discard(action.host)
        elif summary.startswith("let nobody in"):
            self.file, self.clients = CLOSED, set()
            self.holders -= set(action.script.variables["names"])
            assert not self.holders, "the script would have failed"
        elif summary.startswith("label id-"):
            _, node, on = summary.split()
            name = node.removeprefix("id-")
            (self.labels.add if on == "True" else self.labels.discard)(name)
        elif summary == "let in":
            assert not self.holders
            self.file, self.clients = OPEN, {ADDRESS["two"]}
        elif summary == "prove":
            assert ADDRESS["two"] in self.clients
        elif summary.startswith("start "):
            assert self.labels == {"two"}
            self.replicas = 1
        else:
            raise AssertionError(summary)
        self.check()

    def check(self):
        """Whoever holds the data is the only one, and nobody who may write is another."""
        assert len(self.holders) <= 1
        assert len(self.clients) <= 1
        if ADDRESS["two"] in self.clients:
            assert not self.holders - {ADDRESS["two"]}


def step(wanted):
    return RelocateStep(None, "boss", "nas", None, wanted)


def moved(world, wanted, most=None):
    """Carry out what is planned, at most so many actions; give how many there were."""
    plan = step(wanted).plan(world.seen())
    actions = [action for change in plan.changes for action in change.actions]
    for action in actions[:most]:
        world.carry_out(action)
    return len(actions)


def finished(world):
    return (world.file, world.clients, world.labels, world.containers, world.replicas) == (
        OPEN, {ADDRESS["two"]}, {"two"}, world.containers & {"two", *world.silent}, 1,
    )  # fmt: skip


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
