"""The move on hosts that play: what is refused, what is done in which order, and what is undone."""

from __future__ import annotations

import pytest
from data_to_move import MOVE, OPTIONS, WANTED

from moorage.errors import (
    CommandFailed,
    NotConverged,
    Unreachable,
    VerificationFailed,
)
from moorage.steps.data import scripts
from moorage.steps.data.move import Mover, state_of
from moorage.transport.base import Result

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
        self.hosts = {
            name: Machine(name, self.told, answers) for name in ("manager", "worker", "nas")
        }

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
UNCLAIM = "end the copy"


def test_it_copies_stops_copies_the_rest_compares_and_switches(moved, heard):
    asked = []
    told, failure = moved(converge=lambda *given: asked.append(given[:2]))

    assert failure is None
    assert told == [*COPY, *STOP, *REST, SWITCH, UNCLAIM]
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

    # a later copy would remove what is pushed to the export from here on
    assert told[-2:] == [SWITCH, UNCLAIM]
    assert "mend it" in failure.hint
    assert "untouched in the volume registry_data" in failure.hint
    assert "docker service update --rollback registry_nexus" in failure.hint


def test_an_nfs_host_that_is_silent_then_undoes_nothing(moved):
    told, failure = moved({UNCLAIM: Unreachable("gone")})

    assert failure is None
    assert told[-2:] == [SWITCH, UNCLAIM]


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
