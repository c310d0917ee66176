"""The plan of a move of data: what it says, and what is refused before anything is copied."""

from __future__ import annotations

import dataclasses

import pytest
from data_to_move import MOVE, WANTED

from moorage.errors import (
    Refused,
)
from moorage.steps.data.observe import (
    DataObserved,
    ExportData,
    NodeData,
    Place,
    ServiceData,
    _places,
)
from moorage.steps.data.step import DataStep
from moorage.steps.data.words import bytes_in_words
from moorage.transport.base import Section

NODE = NodeData("debian", root=True, rsync=True)
HAS = dataclasses.replace(
    NODE, runs=True, used=frozenset({MOVE.path}), volumes={"registry_data": MOVE.path},
    places={MOVE.path: Place(MOVE.path, "ext2/ext3", 5_000_000, 12)},
)  # fmt: skip
EMPTY = ExportData(there=True, uid=200, entries=(), used=0, free=10**9, inodes=10**6,
                   exported=True, mark="")  # fmt: skip
SEEN = DataObserved(
    ServiceData(1, "volume", "registry_data", by_nfs=False, update="then"), frozenset({"old"}),
    {"manager": NODE, "worker": HAS}, EMPTY,
)  # fmt: skip


def planned(seen=SEEN, **wanted):
    step = DataStep(None, "manager", dataclasses.replace(WANTED, **wanted), lambda *_: None)
    return step.plan(seen)


def seen_with(worker=None, manager=None, service=None, **export):
    nodes = {"manager": dataclasses.replace(NODE, **(manager or {})),
             "worker": dataclasses.replace(HAS, **(worker or {}))}  # fmt: skip
    told = dataclasses.replace(SEEN.service, **(service or {}))
    return DataObserved(told, SEEN.tasks, nodes, dataclasses.replace(EMPTY, **export))


def test_the_plan_says_from_where_to_where_and_what_is_kept():
    plan = planned()

    [change] = plan.changes
    assert change.title == "update data of Nexus"
    place = change.differences[0]
    assert place.before == "the volume registry_data on worker"
    assert place.after == ":/srv/nexus of 10.0.0.10, volume registry-data-1"
    assert plan.notes == ("5.0 MB in 12 files to copy; the export has 1.0 GB free",)
    claim, move, unclaim = change.actions
    assert move == MOVE
    assert (claim.host, unclaim.host) == ("nas", "nas")


def test_the_plan_stays_the_same_while_nexus_writes():
    more = {MOVE.path: Place(MOVE.path, "ext2/ext3", 6_000_000, 99)}
    assert planned().same_as(planned(seen_with({"places": more}, free=10**8)))


def test_rsync_is_installed_where_it_is_missing():
    first, second = planned(seen_with({"rsync": False})).changes
    assert (first.subject, first.host) == ("package rsync", "worker")
    assert second.subject == "data of Nexus"


def test_data_on_an_nfs_server_are_left_and_a_note_of_a_move_goes():
    assert planned(seen_with(service={"by_nfs": True})).empty
    [change] = planned(seen_with(service={"by_nfs": True}, mark="x")).changes
    assert (change.verb, change.host) == ("remove", "nas")


def test_a_move_that_was_cut_off_is_carried_on():
    seen = seen_with({"runs": False}, service={"replicas": 0}, entries=("db",),
                     mark="the volume registry_data on worker")  # fmt: skip
    [change] = planned(seen).changes
    assert change.actions[1].replicas == 1


def test_a_directory_of_the_node_is_moved_too():
    path = "/opt/nexus"
    worker = {"used": frozenset({path}), "places": {path: Place(path, "xfs", 9, 1)}, "volumes": {}}
    seen = seen_with(worker, service={"kind": "bind", "source": path})
    [change] = planned(seen).changes
    assert change.differences[0].before == "the directory /opt/nexus on worker"
    assert change.actions[1].volume == ""


BOTH = {"volumes": {"registry_data": MOVE.path}, "used": frozenset({MOVE.path})}


@pytest.mark.parametrize(
    "seen,words",
    [
        (dataclasses.replace(SEEN, service=None), "there is no service"),
        (seen_with(there=False), "fab nfs-setup|not exported yet"),
        (seen_with(exported=False), "not exported yet"),
        (seen_with(uid=0), "not exported yet"),
        (seen_with(entries=("db", "blobs")), "has files in it: db, blobs"),
        (seen_with(entries=("db",), mark="the volume other on worker"), "has files in it"),
        (seen_with(free=1000), "1.0 kB free"),
        (seen_with(inodes=3), "3 inodes free"),
        (seen_with({"root": False}), "takes root"),
        (seen_with({"lacking": ("setpriv",)}), "setpriv is missing"),
        (seen_with({"places": {MOVE.path: Place(MOVE.path, "nfs")}}), "on an NFS server already"),
        (
            seen_with({"places": {MOVE.path: Place(MOVE.path, "ext2/ext3", within="/d/blobs")}}),
            "/d/blobs is mounted in",
        ),
        (seen_with({"runs": False}, BOTH), "not clear where"),
        (seen_with({"volumes": {}, "used": frozenset()}), "nowhere"),
    ],
)
def test_what_could_go_wrong_is_refused_before_anything_is_copied(seen, words):
    with pytest.raises(Refused, match=words) as caught:
        planned(seen)
    assert caught.value.hint


def test_the_node_is_named_where_it_is_not_clear():
    seen = seen_with({"runs": False}, BOTH)
    assert planned(seen, source="worker").changes[0].actions[1].host == "worker"
    with pytest.raises(Refused, match="on other"):
        planned(seen, source="other")


def test_sizes_in_words():
    assert [bytes_in_words(size) for size in (0, 999, 1500, 2 * 10**9, 3 * 10**17)] == [
        "0 bytes", "999 bytes", "1.5 kB", "2.0 GB", "300.0 PB",
    ]  # fmt: skip


def test_what_is_mounted_in_a_place_is_read():
    found = _places(Section(0, "/d|ext2/ext3|9|1\nwithin|/d|/d/blobs\n/e|xfs|8|1"))

    assert (found["/d"].within, found["/e"].within) == ("/d/blobs", "")
