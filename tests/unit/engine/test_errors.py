"""Failures as the operator sees them: where, what, the command, what to do, the exit code."""

from __future__ import annotations

import pytest

from moorage import errors
from moorage.errors import (
    CommandFailed,
    HostKeyRefused,
    InventoryError,
    MoorageError,
    NotConverged,
    Refused,
    RequestRefused,
    Unreachable,
    VerificationFailed,
)
from moorage.exit_codes import ExitCode
from moorage.problem import Problem


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (MoorageError("x"), 1),
        (Refused("x"), 3),
        (InventoryError([]), 3),
        (errors.TemplateError("x"), 3),
        (errors.SecretUnavailable("x"), 3),
        (HostKeyRefused("x"), 3),
        (CommandFailed("x", command="c", exit_code_seen=1, output=""), 1),
        (RequestRefused("x", request="GET /", status=500), 1),
        (Unreachable("x"), 4),
        (NotConverged("x"), 5),
        (errors.Locked("x"), 6),
        (VerificationFailed("x"), 1),
    ],
)
def test_each_cause_has_its_exit_code(failure, code):
    assert failure.exit_code == code


def test_the_exit_codes_are_those_that_are_documented():
    assert {code.name: int(code) for code in ExitCode} == {
        "DONE": 0, "FAILED": 1, "DRIFT": 2, "REFUSED": 3, "UNREACHABLE": 4, "NOT_CONVERGED": 5,
        "LOCKED": 6, "INTERRUPTED": 130,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("step", "host", "first"),
    [
        ("nfs", "nas", "error: nfs on nas: it broke"),
        ("nfs", None, "error: nfs: it broke"),
        (None, "nas", "error: on nas: it broke"),
        (None, None, "error: it broke"),
    ],
)
def test_the_first_line_says_where_and_what(step, host, first):
    assert MoorageError("it broke", step=step, host=host).lines() == [first]


def test_what_to_do_comes_last():
    assert Refused("no", hint="say yes").lines()[-1] == "  what to do: say yes"


def test_a_command_shows_its_code_and_the_end_of_what_it_said():
    output = "\n".join(f"line {number}\n" for number in range(100))
    failure = CommandFailed("could not", command="docker x", exit_code_seen=9, output=output)

    assert failure.lines()[1] == "  command: docker x (exit code 9)"
    assert failure.lines()[-1] == "  | line 99"
    assert len(failure.lines()) == 22


def test_a_request_shows_its_status_and_what_the_server_said():
    failure = RequestRefused("no", request="PUT /x", status=400, body="bad\n\nport")

    assert failure.lines()[1:] == ["  request: PUT /x (HTTP 400)", "  | bad", "  | port"]


def test_all_mistakes_of_an_inventory_come_at_once_and_in_order():
    second = Problem("site.yml", 9, 3, "b", "wrong", "b: x")
    first = Problem("site.yml", 2, 1, "a", "missing")

    lines = InventoryError([second, first]).lines()

    assert lines[0] == "error: 2 mistakes in the inventory"
    assert lines[1] == "  site.yml:2:1: a: missing"
    assert lines[2] == "  site.yml:9:3: b: wrong"
    assert lines[4].index("^") - lines[3].index("b: x") == 2


def test_one_mistake_is_not_two():
    assert InventoryError([Problem("f", 1, 1, "a", "x")]).message == "1 mistake in the inventory"
