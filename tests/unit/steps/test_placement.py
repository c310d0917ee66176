"""A Nexus that stays on one of several nodes: whom the export lets in, and who has the label."""

from __future__ import annotations

import pytest

from moorage.errors import Refused, Unreachable
from moorage.steps.nfs.desired import NfsDesired
from moorage.steps.nfs.observe import Directory, NfsObserved
from moorage.steps.nfs.step import NfsStep
from moorage.steps.stack.observe import NodeObserved, SwarmNode
from moorage.steps.stack.placement import holder, where_to

FULL = frozenset({"rw"})


ADDRESS = {"one": "10.0.0.1", "two": "10.0.0.2"}


def _file(clients):
    return f"/srv/nexus {' '.join(f'{client}(rw)' for client in clients)}\n"


def on(nodes):
    clients = [ADDRESS[name] for name in nodes or ["one"]]
    text = _file(clients)
    return NfsDesired(
        path="/srv/nexus", uid=200, mode="0750", adopt=False, file="/e", text=text,
        clients=dict.fromkeys(clients, FULL), pinned=ADDRESS,
    )  # fmt: skip


@pytest.fixture
def clients():
    """Who is let in after a run of the step, from who is and who has the data open."""

    def after(exported, *, holding=(), file=None):
        seen = NfsObserved(
            distribution="debian", package=True, active=True, enabled=True, realpath="/srv/nexus",
            directory=Directory("directory", 200, 200, "0750"), entries=("db",),
            export_file=file if file is not None else _file(exported),
            exported=dict.fromkeys(exported, FULL), other_exports=(), free_percent=90,
            free_inodes_percent=90, holders=frozenset(holding),
        )  # fmt: skip
        plan = NfsStep(None, "nas", on(()), on).plan(seen)
        if plan.empty:
            return list(exported)
        (change,) = plan.changes
        return list(change.actions[0].script.variables["clients"])

    return after


@pytest.mark.parametrize(
    ("exported", "holding", "after"),
    [
        ([], [], ["10.0.0.1"]),
        (["10.0.0.1"], [], ["10.0.0.1"]),
        (["10.0.0.2"], [], ["10.0.0.2"]),
        (["10.0.0.1", "10.0.0.2"], [], ["10.0.0.1", "10.0.0.2"]),
        (["10.0.0.1", "10.0.0.2"], ["10.0.0.2"], ["10.0.0.2"]),
        (["10.0.0.1", "10.0.0.9"], [], ["10.0.0.1"]),
        ([], ["10.0.0.2"], ["10.0.0.2"]),
    ],
)
def test_the_export_lets_in_the_node_that_nexus_is_on(clients, exported, holding, after):
    assert clients(exported, holding=holding) == after


@pytest.mark.parametrize("exported", [None, {}])
def test_where_the_kernel_tells_nothing_the_file_says_who_is_let_in(exported):
    """Asked by an account that is not root, and with the server stopped."""
    seen = NfsObserved(
        distribution="debian", package=True, active=True, enabled=True, realpath="/srv/nexus",
        directory=Directory("directory", 200, 200, "0750"), entries=("db",),
        export_file="/srv/nexus 10.0.0.2(rw)\n", exported=exported, other_exports=(),
        free_percent=90, free_inodes_percent=90,
    )  # fmt: skip
    changes = NfsStep(None, "nas", on(()), on).plan(seen).changes

    assert [change.actions[0].script.variables["clients"] for change in changes] == (
        [] if exported is None else [["10.0.0.2"]])  # fmt: skip


def test_a_nexus_that_runs_is_never_cut_off(clients):
    with pytest.raises(Refused, match=r"10\.0\.0\.9 has Nexus' data open") as caught:
        clients(["10.0.0.9"], holding=["10.0.0.9"])
    assert "fab relocate" in caught.value.hint

    with pytest.raises(Refused, match=r"10\.0\.0\.9 has Nexus' data open"):
        clients(["10.0.0.0/24"], holding=["10.0.0.9"])


def test_who_has_it_open_and_is_not_let_in_is_no_reason_to_stop(clients):
    """A machine that died with its lock, and was fenced."""
    assert clients(["10.0.0.2"], holding=["10.0.0.9"]) == ["10.0.0.2"]


def test_a_move_that_is_under_way_is_not_undone(clients):
    text = "# Nexus is being moved to two: fab relocate --to two lets it in.\n"

    with pytest.raises(Refused, match="is being moved to two") as caught:
        clients([], file=text)
    assert "fab relocate --to two" in caught.value.hint


class Wanted:
    label = ("moorage.registry", "nexus")
    pinned = {"one": "host-one", "two": "host-two"}


def swarm(*labelled):
    return {
        f"id-{name}": SwarmNode(f"host-{name}", "ready", "active",
                                {"moorage.registry": "nexus"} if name in labelled else {})
        for name in ("one", "two", "three")
    }  # fmt: skip


def nodes(*names, runs=()):
    return {name: NodeObserved(f"id-{name}", None, None, runs="x" if name in runs else "")
            for name in names}  # fmt: skip


@pytest.mark.parametrize(
    ("answering", "runs", "labelled", "found"),
    [
        (("one", "two"), (), (), "one"),
        (("one", "two"), (), ("two",), "two"),
        (("one", "two"), ("two",), ("one", "two"), "two"),
        (("one", "two"), ("two",), (), "two"),
        (("one", "two"), ("one",), ("two",), "two"),
        (("one",), (), ("two",), "two"),
        (("two",), (), ("one", "three"), "one"),
        ((), (), (), "one"),
    ],
)
def test_nexus_stays_where_its_label_is(answering, runs, labelled, found):
    assert holder(Wanted, nodes(*answering, runs=runs), swarm(*labelled)) == found


def test_a_node_that_is_away_leaves_two_ways_and_both_are_told():
    hint = where_to(Unreachable("no SSH connection", host="one"), "one", Wanted).hint

    assert "bring it back" in hint
    assert "fab relocate --to two --fenced one" in hint


def test_a_site_lets_in_the_nodes_of_its_placement(site):
    def let_in(on=(), **placement):
        stack = site.stack.model_copy(update={
            "placement": site.stack.placement.model_copy(update=placement)})  # fmt: skip
        return site.model_copy(update={"stack": stack}).export_clients(on)

    assert let_in() == ["10.77.0.11", "10.77.0.12"]
    assert let_in(failover=False) == ["10.77.0.12"]
    assert let_in(["manager"], failover=False) == ["10.77.0.11"]
    listed = site.model_copy(update={"storage": site.storage.model_copy(update={
        "clients": ["10.77.0.11", "10.77.0.12", "10.9.9.0/24"]})})  # fmt: skip
    assert listed.export_clients() == ["10.77.0.11", "10.77.0.12", "10.9.9.0/24"]
    pinned = listed.stack.placement.model_copy(update={"failover": False})
    stack = listed.stack.model_copy(update={"placement": pinned})
    assert listed.model_copy(update={"stack": stack}).export_clients(["manager"]) == [
        "10.77.0.11", "10.9.9.0/24"]  # fmt: skip
