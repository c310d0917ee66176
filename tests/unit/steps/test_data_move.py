"""The move on hosts that play: what is refused, what is done in which order, and what is undone."""

from __future__ import annotations

import dataclasses

import pytest

from moorage.errors import (
    CommandFailed,
    NotConverged,
    Refused,
    Unreachable,
    VerificationFailed,
)
from moorage.steps.data import scripts
from moorage.steps.data.desired import DataDesired, Move
from moorage.steps.data.move import Mover, state_of
from moorage.steps.data.observe import (
    DataObserved,
    ExportData,
    NodeData,
    Place,
    ServiceData,
)
from moorage.steps.data.step import DataStep
from moorage.steps.data.words import bytes_in_words
from moorage.transport.base import Result

OPTIONS = {"type": "nfs", "o": "addr=10.0.0.10,nfsvers=4.2,hard", "device": ":/srv/nexus"}
WANTED = DataDesired(
    stack="registry", service="registry_nexus", volume="registry-data-1", options=OPTIONS,
    nocopy=True, export="/srv/nexus", nfs="nas", uid=200, mode="0750", home="/var/lib/moorage/r",
    machines=("manager", "worker"),
)  # fmt: skip
MOVE = Move("worker", "manager", "the volume registry_data", "/v/registry_data/_data",
            "registry_data", 1, "then", frozenset({"old"}))  # fmt: skip
DONE = "ended 0\nout from 3 9\nout to 3 9\nout checked 3"


class Machine:
    """Answers each script by its summary; an exception is raised, a text printed."""

    def __init__(self, name, told, answers):
        self.name, self.told, self.answers = name, told, answers

    def change(self, script, *, timeout=None):
        self.told.append((self.name, script.summary))
        answer = self.answers.get(script.summary, "")
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer if isinstance(answer, Result) else Result(0, answer, "")

    def read(self, script, *, timeout=None):
        return self.change(script).require(script, self.name)


class Machines:
    def __init__(self, answers):
        self.told = []
        self.hosts = {name: Machine(name, self.told, answers) for name in ("manager", "worker")}

    def host(self, name):
        return self.hosts[name]

    def each(self, names, work):
        return {name: work(self.hosts[name]) for name in names}


@pytest.fixture
def moved(heard):
    """Carry the move out on hosts that answer so; what they were told, and the failure."""

    def run(answers=None, converge=lambda *_: None):
        fleet = Machines({"look at the copy": DONE, **(answers or {})})
        mover = Mover(fleet, WANTED, MOVE, converge, heard, sleep=lambda _: None)
        try:
            mover.carry_out()
        except BaseException as failure:  # noqa: BLE001  what ended it is looked at
            return [words for _, words in fleet.told], failure
        return [words for _, words in fleet.told], None

    return run


COPY = ["begin the first copy, while Nexus runs", "look at the copy"]
STOP = ["stop registry_nexus", *["see that registry_nexus is stopped"] * 2]
REST = ["begin the second copy", "look at the copy", "begin the comparison", "look at the copy"]
AGAIN = ["end the copy", "start registry_nexus again"]
SWITCH = "start registry_nexus with its data on the export"


def test_it_copies_stops_copies_the_rest_compares_and_switches(moved, heard):
    asked = []
    told, failure = moved(converge=lambda *given: asked.append(given[:2]))

    assert failure is None
    assert told == [*COPY, *STOP, *REST, SWITCH]
    assert asked == [("then", frozenset({"old"}))]
    assert any("the same on both sides: 3 files, 9 bytes" in line for line in heard.lines)
    assert any("kept in the volume registry_data on worker" in line for line in heard.lines)


def test_what_fails_while_nexus_runs_stops_nothing(moved):
    told, failure = moved({"look at the copy": "ended 11\nerr No space left on device"})

    assert isinstance(failure, CommandFailed)
    assert "No space left" in failure.output
    assert "full" in failure.hint
    assert told == COPY


@pytest.mark.parametrize("at", ["stop registry_nexus", "see that registry_nexus is stopped",
                                "begin the second copy", "begin the comparison"])  # fmt: skip
@pytest.mark.parametrize("cause", [
    KeyboardInterrupt(), Unreachable("gone"), Result(1, "", "no"), Result(124, "", "it still runs"),
])  # fmt: skip
def test_whatever_comes_in_between_starts_nexus_as_it_was(moved, at, cause):
    told, failure = moved({at: cause})

    assert failure is not None
    assert told[-2:] == AGAIN
    assert SWITCH not in told


@pytest.mark.parametrize("state", [
    "ended 91\nerr >fc......... db/nexus.mv.db", "ended 23\nerr x", "lost", "ended 90\nerr mount",
])  # fmt: skip
@pytest.mark.parametrize("part", [1, 2])
def test_a_copy_that_is_not_the_same_is_never_switched_to(moved, state, part):
    answers = [DONE] * part + [state]

    told, failure = moved({"look at the copy": answers})

    assert failure is not None
    assert isinstance(failure, VerificationFailed) is state.startswith("ended 91")
    assert "started again as it was" in failure.hint
    assert told[-2:] == AGAIN
    assert SWITCH not in told


def test_where_it_cannot_be_started_again_the_command_is_told(moved):
    told, failure = moved(
        {
            "begin the second copy": Unreachable("gone"),
            "start registry_nexus again": Unreachable("the manager is gone"),
        }
    )

    assert failure.message == "gone"
    assert "docker service scale registry_nexus=1" in failure.hint
    assert told[-1] == "start registry_nexus again"


def test_after_the_switch_nothing_is_undone_and_the_way_back_is_told(moved):
    def fails(*_):
        raise NotConverged("it does not run", hint="mend it")

    told, failure = moved(converge=fails)

    assert told[-1] == SWITCH
    assert "mend it" in failure.hint
    assert "untouched in the volume registry_data" in failure.hint
    assert "docker service update --rollback registry_nexus" in failure.hint


def test_a_node_that_is_silent_for_a_while_loses_nothing(moved):
    answers = [Unreachable("gone"), Unreachable("gone"), "running\nout 5 MB", DONE, DONE, DONE]

    _, failure = moved({"look at the copy": answers})

    assert failure is None


def test_a_node_that_stays_silent_is_given_up(heard):
    fleet = Machines({"look at the copy": Unreachable("gone")})
    times = iter(range(0, 10_000, 50))
    mover = Mover(fleet, WANTED, MOVE, lambda *_: None, heard, clock=lambda: float(next(times)),
                  sleep=lambda _: None)  # fmt: skip

    with pytest.raises(Unreachable):
        mover.carry_out()

    assert fleet.told[-1] == ("worker", "end the copy")


def test_the_state_of_a_copy():
    state = state_of("running\nout   1,000  5%\nout \nerr odd")
    assert (state.ended, state.lost, state.out, state.err) == (
        None,
        False,
        ("1,000  5%",),
        ("odd",),
    )
    assert state_of("").lost
    assert state_of("ended 24").ended == 24


def test_the_new_mount_is_the_one_that_the_stack_makes():
    text = scripts.mount("registry", "registry-data-1", OPTIONS, nocopy=True)

    assert text == (
        "type=volume,source=registry-data-1,target=/nexus-data,volume-opt=type=nfs,"
        '"volume-opt=o=addr=10.0.0.10,nfsvers=4.2,hard",volume-opt=device=:/srv/nexus,'
        "volume-label=com.docker.stack.namespace=registry,volume-nocopy=true"
    )


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
