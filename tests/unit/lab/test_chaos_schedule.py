"""The faults of a chaos run: drawn from the seed alone, never more at once than can be survived."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from lab.chaos.schedule import (
    CLOCK,
    EXPORT,
    KINDS,
    MILD,
    NEXUS,
    POWER,
    SSHD,
    Fault,
    compatible,
    schedule,
)
from lab.errors import LabError

SEEDS = range(200)


def at_once(faults):
    return [(one, other) for one, other in combinations(faults, 2)
            if one.at <= other.at + other.lasts and other.at <= one.at + one.lasts]  # fmt: skip


def test_the_same_seed_and_minutes_give_the_same_faults_on_any_python():
    assert [(one.name, one.at, one.lasts) for one in schedule(7, 10)] == [
        ("dockerd on manager killed", 20, 37),
        ("link worker-nfs cut", 97, 45),
        ("export full", 170, 34),
        ("worker switched off", 232, 42),
        ("Nexus killed", 302, 1),
        ("manager cut off", 336, 36),
        ("clock of worker +1 h", 370, 43),
        ("clock of worker -1 h", 444, 67),
    ]
    assert schedule(7, 10) == schedule(7, 10)
    assert schedule(8, 10) != schedule(7, 10)


def test_a_longer_run_begins_as_a_shorter_one_does():
    short = schedule(3, 10)
    assert schedule(3, 60)[: len(short)] == short


def test_all_are_over_within_the_minutes_and_in_order():
    for seed in SEEDS:
        faults = schedule(seed, 10)
        assert all(one.at + one.lasts <= 600 for one in faults)
        assert all(one.at <= other.at for one, other in pairwise(faults))
        assert len({one.key for one in faults}) == len(faults)


def test_two_at_once_are_apart_and_one_of_them_is_mild():
    pairs = [pair for seed in SEEDS for pair in at_once(schedule(seed, 30))]

    # it does happen
    assert len(pairs) > 50
    for one, other in pairs:
        assert one.kind in MILD or other.kind in MILD
        assert not set(one.hosts) & set(other.hosts)
        assert compatible(one, other)


def test_every_kind_on_every_host_comes_about_sooner_or_later():
    faults = [one for seed in SEEDS for one in schedule(seed, 30)]

    assert {one.kind for one in faults} == set(KINDS)
    for kind in (POWER, SSHD, CLOCK):
        assert {one.hosts for one in faults if one.kind == kind} == {
            ("nfs",), ("manager",), ("worker",)}  # fmt: skip
    assert {one.shift for one in faults if one.kind == CLOCK} == {-3600, 3600}


def test_no_kind_is_forgotten_in_a_run_that_is_long_enough():
    for seed in SEEDS:
        assert {one.kind for one in schedule(seed, 30)} == set(KINDS)


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        (Fault(POWER, ("worker",), 0, 9), Fault(CLOCK, ("nfs",), 1, 9), True),
        (Fault(POWER, ("worker",), 0, 9), Fault(CLOCK, ("worker",), 1, 9), False),
        (Fault(POWER, ("worker",), 0, 9), Fault(SSHD, ("nfs",), 1, 9), False),
        (Fault(NEXUS, ("manager", "worker"), 0, 1), Fault(EXPORT, ("nfs",), 0, 9), True),
        (Fault(POWER, ("nfs",), 0, 9), Fault(EXPORT, ("nfs",), 0, 9), False),
    ],
)
def test_what_goes_together(one, other, may):
    assert compatible(one, other) == compatible(other, one) == may


@pytest.mark.parametrize("minutes", [-1, 0, 1, 100_000])
def test_too_short_or_too_long_is_refused(minutes):
    with pytest.raises(LabError, match="2 to 1440"):
        schedule(7, minutes)
