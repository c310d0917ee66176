"""Faults made and undone on a played lab: each is undone, whatever happens meanwhile."""

from __future__ import annotations

import os
import signal

import pytest

from lab.chaos.driver import Driver, undisturbed
from lab.chaos.faults import Faults
from lab.chaos.schedule import CLOCK, CUT_OFF, EXPORT, LINK, NEXUS, POWER, SSHD, Fault, schedule
from lab.chaos.witness import Witness


@pytest.fixture
def faults(lab, clock):
    return Faults(lab, Witness(lab), clock, now=lambda: 1000.0)


@pytest.fixture
def driver(faults, clock):
    return Driver(faults, clock, lambda _line: None)


def whole(lab):
    return not (lab.off or lab.cut_off or any(lab.there.values()))


@pytest.mark.parametrize("seed", range(12))
def test_every_fault_of_a_schedule_is_made_in_its_time_and_undone(driver, lab, clock, seed):
    planned = schedule(seed, 15)

    driver.run(planned, 900)

    assert whole(lab)
    assert [record.fault for record in driver.records] == list(planned)
    for record in driver.records:
        assert record.took, record
        assert record.gone, record
        assert record.began >= record.fault.at
        assert record.ended - record.began >= record.fault.lasts
    assert clock.now() >= 900


def test_one_that_is_held_up_does_not_come_to_stand_beside_another(driver, lab, clock):
    def slow(host):
        clock.time += 100
        lab.off.discard(host)

    lab.boot = slow
    planned = [Fault(POWER, ("worker",), 10, 10), Fault(SSHD, ("manager",), 60, 30),
               Fault(EXPORT, ("nfs",), 110, 10), Fault(CUT_OFF, ("nfs",), 130, 10)]  # fmt: skip
    driver.run(planned, 300)

    power, sshd, export, cut_off = driver.records
    assert power.ended == 120
    assert sshd.began >= power.ended
    # mild, and on another guest
    assert export.began < sshd.ended
    assert cut_off.began >= max(sshd.ended, export.ended)


def test_a_mild_one_stands_beside_another(driver, lab):
    driver.run([Fault(POWER, ("worker",), 10, 50), Fault(CLOCK, ("nfs",), 20, 10, 3600)], 100)

    power, clock = driver.records
    assert (power.began, clock.began, clock.ended, power.ended) == (10, 20, 30, 60)


def test_what_there_is_no_time_for_is_left_out(driver, lab, clock):
    def slow(host):
        clock.time += 200
        lab.off.discard(host)

    lab.boot = slow
    driver.run([Fault(POWER, ("worker",), 10, 10), Fault(EXPORT, ("nfs",), 60, 40)], 120)

    assert driver.records[1].began is None
    assert "no time" in driver.records[1].note
    assert not [call for call in lab.calls if call[:2] == ("begin", "nfs")]


@pytest.mark.parametrize("word", ["sleep", "begin"])
def test_ctrl_c_undoes_what_is_there(driver, lab, clock, word):
    planned = [Fault(EXPORT, ("nfs",), 5, 60), Fault(POWER, ("worker",), 10, 50)]
    sleep = clock.sleep

    def pressed(seconds):
        if lab.off and word == "sleep":
            raise KeyboardInterrupt
        sleep(seconds)

    clock.sleep = pressed
    if word == "begin":

        def killed(host):
            lab.off.add(host)
            raise KeyboardInterrupt

        lab.kill = killed

    with pytest.raises(KeyboardInterrupt):
        driver.run(planned, 100)

    assert whole(lab)
    assert [record.gone for record in driver.records] == [True, True]


def test_a_second_ctrl_c_does_not_keep_a_fault_from_being_undone():
    said, done = [], []
    before = signal.getsignal(signal.SIGINT)

    with undisturbed(said.append):
        os.kill(os.getpid(), signal.SIGINT)
        done.append("undone")

    assert done == ["undone"]
    assert said
    assert signal.getsignal(signal.SIGINT) is before


def test_one_that_cannot_be_undone_keeps_no_other_from_it(driver, lab):
    lab.stubborn.add("nfs")
    off, on = lab.kill, lab.boot
    lab.kill = lambda host: off(host) if host == "worker" else None
    lab.boot = lambda host: on(host) if host == "worker" else None

    driver.run([Fault(EXPORT, ("nfs",), 5, 60), Fault(POWER, ("worker",), 10, 50)], 100)

    export, power = driver.records
    assert (export.gone, power.gone) == (False, True)
    assert "something of" in export.note


def test_even_a_mistake_of_its_own_keeps_no_other_from_it(driver, lab):
    def broken(_host):
        raise ValueError("a mistake")

    lab.boot = broken
    driver.run([Fault(EXPORT, ("nfs",), 5, 60), Fault(POWER, ("worker",), 10, 50)], 100)

    export, power = driver.records
    assert (export.gone, power.gone) == (True, False)
    assert "a mistake" in power.note


def test_a_guest_that_cannot_be_helped_is_switched_off_and_on(faults, lab):
    lab.stubborn.add("worker")
    fault = Fault(CLOCK, ("worker",), 5, 20, 3600)
    faults.begin(fault)

    undone = faults.undo(fault)

    assert undone.gone
    assert undone.took
    assert "switching it off and on" in undone.note
    assert [call[0] for call in lab.calls if call[0] in ("kill", "boot")] == ["kill", "boot"]


def test_a_guest_that_does_not_come_up_is_tried_once_more_and_then_told(faults, lab):
    fault = Fault(POWER, ("worker",), 5, 20)
    faults.begin(fault)
    lab.refused.add("boot")

    undone = faults.undo(fault)

    assert not undone.gone
    assert "does not answer" in undone.note
    assert lab.calls.count(("boot", "worker")) > 1


@pytest.mark.parametrize("kind", [CUT_OFF, SSHD])
def test_a_guest_that_cannot_be_reached_helps_itself(faults, lab, clock, kind):
    fault = Fault(kind, ("manager",), 5, 20)
    faults.begin(fault)
    assert ("forget", "manager") in lab.calls

    undone = faults.undo(fault)

    assert undone.gone
    assert undone.took
    assert 20 <= clock.now() < 40
    assert ("kill", "manager") not in lab.calls


def test_one_that_does_not_come_about_is_told(faults, lab):
    lab.without_effect = True
    fault = Fault(EXPORT, ("nfs",), 5, 20)
    faults.begin(fault)

    assert not faults.undo(fault).took


def test_links_are_cut_at_the_bridge_where_a_guest_has_no_netem(faults, lab):
    lab.netem = False
    fault = Fault(LINK, ("worker", "nfs"), 5, 20)

    faults.begin(fault)

    assert ("cut", "worker", "nfs") in lab.calls
    undone = faults.undo(fault)
    assert undone.gone
    assert undone.took
    assert "no netem" in undone.note
    assert whole(lab)


def test_nexus_is_waited_for_and_killed_where_it_runs(faults, lab, clock):
    fault = Fault(NEXUS, ("manager", "worker"), 5, 1)
    faults.begin(fault)
    assert faults.undo(fault).took
    assert clock.now() == 0

    lab.containers = {"manager": [], "worker": []}
    driver = Driver(faults, clock, lambda _line: None)
    driver.run([Fault(NEXUS, ("manager", "worker"), 9, 1)], 10)
    (record,) = driver.records
    assert not record.took
    assert "did not run" in record.note


def test_what_was_seen_of_the_nfs_server_is_fetched_before_it_is_switched_off(faults, lab):
    fault = Fault(POWER, ("nfs",), 5, 20)
    faults.begin(fault)
    faults.undo(fault)

    assert [call[0] for call in lab.calls] == ["collect", "kill", "boot", "sample"]
