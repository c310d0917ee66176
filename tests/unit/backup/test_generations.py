"""Which generations stay, and what is read of a manifest."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from backup_scripts import manifest
from hypothesis import given
from hypothesis import strategies as st

from moorage.steps.backup.generations import (
    Generation,
    Rule,
    human,
    kept,
    manifest_of,
    name_at,
    surplus,
    time_of,
)

DAY = datetime(2026, 3, 31, 2, 0, tzinfo=UTC)


def days(*ago):
    return [name_at(DAY - timedelta(days=number)) for number in ago]


def test_a_name_is_the_time():
    assert name_at(DAY) == "2026-03-31T020000Z"
    assert time_of("2026-03-31T020000Z") == DAY


def test_the_newest_ones_stay():
    assert kept(days(0, 1, 2, 3), Rule(last=2), ()) == set(days(0, 1))


def test_of_each_day_week_and_month_the_newest_one_stays():
    twice = [name_at(DAY - timedelta(hours=12))]
    names = [*days(0, 1, 2, 8, 15, 40, 75), *twice]

    assert kept(names, Rule(daily=2), ()) == {*days(0), *twice}
    assert kept(names, Rule(weekly=2), ()) == set(days(0, 2))
    assert kept(names, Rule(monthly=3), ()) == set(days(0, 40, 75))
    assert kept(names, Rule(last=1, daily=3, monthly=2), ()) == {*days(0, 2, 40), *twice}


def test_the_only_one_that_is_proven_stays():
    assert kept(days(0, 1, 30), Rule(last=1), days(30)) == set(days(0, 30))
    assert kept(days(0, 1, 30), Rule(last=1), days(1, 30)) == set(days(0, 1))


def generation(name, proven=""):
    return Generation(name, manifest(name), proven)


def test_what_is_too_many_counts_the_one_that_is_being_made():
    there = [generation(name) for name in days(3, 2, 1)]
    new = days(0)[0]

    assert [one.name for one in surplus(there, Rule(last=3), new)] == days(3)
    assert surplus(there, Rule(last=3), None) == []


@given(
    st.lists(st.integers(0, 400), unique=True, min_size=1),
    st.builds(Rule, *[st.integers(0, 5)] * 4),
    st.data(),
)
def test_never_the_newest_nor_the_newest_proven_goes(ago, rule, data):
    names = days(*ago)
    proven = data.draw(st.sets(st.sampled_from(names)))
    there = [generation(name, "then" if name in proven else "") for name in names]

    gone = {one.name for one in surplus(there, rule, None)}

    assert max(names) not in gone
    if proven:
        assert max(proven) not in gone
    assert len(names) - len(gone) >= min(max(rule.last, 1), len(names))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": 2}', '{"schema": 1, "name": 3}'])
def test_what_is_no_manifest_is_none(text):
    assert manifest_of(text) is None


@pytest.mark.parametrize(
    "wrong",
    [{"name": ["x"]}, {"name": "2026-13-40T250000Z"}, {"bytes": "12"}, {"version": None},
     {"content": {"repositories": {"r": 1}, "assets": []}}],
    ids=str,
)  # fmt: skip
def test_a_manifest_with_values_of_another_kind_is_none(wrong):
    whole = {**generation("2026-01-01T000000Z", "").manifest.data(), "files": 1, "bytes": 1}

    assert manifest_of(json.dumps(whole)) is not None
    assert manifest_of(json.dumps({**whole, **wrong})) is None


def test_sizes_are_told_as_people_read_them():
    assert [human(size) for size in (0, 1023, 1024, 5 * 1024**3, 3 * 1024**5)] == [
        "0 B", "1023 B", "1.0 KiB", "5.0 GiB", "3072.0 TiB",
    ]  # fmt: skip
