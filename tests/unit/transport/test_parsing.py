"""What parsers are held to: their own annotations, an error with a hint, frames that are whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from moorage.errors import Refused, Unreadable
from moorage.transport.base import Section, sections
from moorage.transport.parsing import parser, require


@dataclass(frozen=True)
class Seen:
    name: str
    size: int | None = None
    tags: tuple[str, ...] = ()
    pair: tuple[int, str] = (1, "x")
    by_name: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kind: Literal["a", "b"] = "a"
    more: Any = None


@parser("Docker")
def parsed(given: Any, host: str) -> Seen:
    return given(host)


def raising(failure):
    def fail(_host):
        raise failure

    return fail


@pytest.mark.parametrize(
    "failure",
    [KeyError("Spec"), IndexError("x"), TypeError("x"), ValueError("x"), AttributeError("x"),
     OverflowError("x"), RecursionError("x")],
)  # fmt: skip
def test_what_a_parser_trips_over_is_an_error_with_host_and_hint(failure):
    with pytest.raises(Unreadable, match="what Docker says cannot be understood") as caught:
        parsed(raising(failure), "worker")
    assert caught.value.host == "worker"
    assert caught.value.hint
    assert caught.value.__cause__ is failure


def test_an_error_of_its_own_stays_as_it_is():
    with pytest.raises(Refused, match="not here"):
        parsed(raising(Refused("not here")), host="worker")


@pytest.mark.parametrize(
    "wrong",
    [{"name": 5}, {"name": None}, {"name": "\ud800"}, {"size": "5"}, {"size": True}, {"size": 1.5},
     {"tags": ["x"]}, {"tags": (1,)}, {"pair": (1,)}, {"pair": ("x", 1)}, {"by_name": {"x": {"y"}}},
     {"by_name": {1: frozenset()}}, {"by_name": {"x": frozenset({1})}}, {"kind": "c"}],
    ids=str,
)  # fmt: skip
def test_what_is_no_such_thing_is_an_error(wrong):
    made = Seen(**{"name": "x", **wrong})

    with pytest.raises(Unreadable):
        parsed(lambda _: made, "worker")


def test_what_fits_is_given_as_it_is():
    made = Seen("é", 5, ("a", "b"), (2, "y"), {"x": frozenset({"y"})}, "b", object())

    assert parsed(lambda _: made, "worker") is made
    require((made, None), tuple[Seen, Seen | None])


@pytest.mark.parametrize("text", ["", "WARNING: no swap limit support", "{", '[{"x": "\\ud800"}]'])
def test_a_part_without_json_is_never_taken_for_an_empty_one(text):
    with pytest.raises(ValueError):
        Section(0, text).json()


def test_json_after_warnings_and_none_at_all_are_read():
    assert Section(0, "WARNING: x\n[1]\nError: no such service").json() == [1]
    assert Section(0, "WARNING: x\nnull").json() is None


def test_a_part_whose_beginning_was_lost_is_not_given_to_the_part_before_it():
    whole = "b\n--b one\n1\n\n--b = 0\n--b two\n2\n\n--b = 0\n"

    assert set(sections(whole.replace("--b two\n", ""))) == {"one"}
    assert sections(whole.replace("--b two\n", ""))["one"].text == "1"
    assert set(sections(whole.replace("= 0\n--b two", "= x\n--b two"))) == {"two"}
