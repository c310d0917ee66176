"""The record of backups: absent, whole, of another form, and from several managers."""

from __future__ import annotations

import json

import pytest

from moorage.status import backups
from moorage.status.model import Backups
from moorage.transport.base import Section

LAST = {"name": "b2", "at": "2026-01-10T03:00:00Z", "bytes": 12, "kind": "full", "where": "/b"}
PROVEN = {"name": "b1", "at": "2026-01-09T03:00:00Z"}


def record(**changes):
    return Section(0, json.dumps({"schema": 1, "last": LAST, "proven": PROVEN, **changes}))


def test_a_whole_record():
    seen = backups.parse(record())
    assert (seen.known, seen.last.name, seen.last.bytes, seen.last.where) == (True, "b2", 12, "/b")
    assert (seen.proven.name, seen.proven.bytes, seen.proven.kind) == ("b1", None, "")


def test_an_absent_record_means_that_none_was_ever_made():
    assert backups.parse(Section(0, "")) == Backups(known=True)


def test_either_may_be_missing():
    seen = backups.parse(record(proven=None))
    assert seen.last.name == "b2"
    assert seen.proven is None
    assert backups.parse(record(last=None)).last is None


@pytest.mark.parametrize(
    "section",
    [None, Section(1, "cat: no"), Section(0, "{"), Section(0, "[]"), record(schema=2)],
)
def test_what_cannot_be_read_is_not_known_and_not_none(section):
    assert backups.parse(section) == Backups()


def test_a_field_of_another_kind_is_left_out():
    assert backups.parse(record(last={**LAST, "bytes": "many"})).last.bytes is None
    assert backups.parse(record(last={"name": "x"})).last is None
    assert backups.parse(record(last={**LAST, "at": "yesterday"})).last is None


@pytest.mark.parametrize(
    "at", ["2026-01-10T03:00:00", "2026-01-10T03:00:00.123+00:00", "2026-01-10T04:00:00+01:00"]
)
def test_moments_are_all_in_utc(at):
    assert backups.parse(record(last={**LAST, "at": at})).last.at == "2026-01-10T03:00:00+00:00"


def test_of_several_managers_the_latest_counts():
    older = backups.parse(record(last={**LAST, "at": "2026-01-08T00:00:00Z", "name": "old"}))
    seen = backups.newest([Backups(), older, backups.parse(record(proven=None))])
    assert (seen.known, seen.last.name, seen.proven.name) == (True, "b2", "b1")
    assert backups.newest([Backups()]) == Backups()
