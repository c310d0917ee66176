"""A Secret shows itself by ``reveal`` alone."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from dataclasses import dataclass

import pytest

from moorage.values import Secret

VALUE = "correct-horse-battery"


@pytest.fixture
def secret():
    return Secret(VALUE)


def test_it_gives_itself_when_asked(secret):
    assert secret.reveal() == VALUE


@pytest.mark.parametrize(
    "show",
    [
        str, repr, ascii, lambda s: f"{s}", lambda s: f"{s!r}", lambda s: f"{s:>40}",
        "%s".__mod__, "%r".__mod__, "{}".format, "{!r:>10}".format,
        lambda s: str([s]), lambda s: str({"password": s}), lambda s: repr((s,)),
    ],
)  # fmt: skip
def test_it_prints_stars_in_every_form(secret, show):
    assert VALUE not in show(secret)
    assert "***" in show(secret)


def test_it_is_hidden_in_a_dataclass(secret):
    @dataclass
    class Login:
        password: Secret

    assert VALUE not in repr(Login(secret))


def test_it_is_hidden_in_a_log(secret, caplog):
    logging.getLogger("x").warning("login with %s", secret)

    assert "login with ***" in caplog.text


def test_it_is_hidden_in_a_traceback_with_locals(secret):
    def fail(password):
        raise ValueError(f"could not log in with {password}")

    try:
        fail(secret)
    except ValueError as failure:
        found = traceback.TracebackException.from_exception(failure, capture_locals=True)

    assert VALUE not in "".join(found.format())


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_never_pickled(secret, protocol):
    with pytest.raises(TypeError):
        pickle.dumps(secret, protocol)


def test_it_is_no_json(secret):
    with pytest.raises(TypeError):
        json.dumps({"password": secret})
    assert VALUE not in json.dumps({"password": secret}, default=str)


def test_it_has_no_dictionary_that_could_be_dumped(secret):
    with pytest.raises(TypeError):
        vars(secret)


def test_a_deep_copy_of_what_holds_it_works(secret):
    assert copy.deepcopy({"password": secret})["password"] == secret


def test_it_equals_its_like_and_no_text(secret):
    assert secret == Secret(VALUE)
    assert secret != Secret("other")
    assert secret != VALUE
    assert len({secret, Secret(VALUE)}) == 1


def test_it_is_hidden_in_a_traceback_with_locals_by_rich(secret):
    import io

    from rich.console import Console
    from rich.traceback import Traceback

    def fail(password, login):
        raise ValueError(f"could not log in with {password}")

    told = io.StringIO()
    try:
        fail(secret, {"admin": [secret]})
    except ValueError as failure:
        shown = Traceback.from_exception(
            type(failure), failure, failure.__traceback__, show_locals=True
        )
        Console(file=told, width=200).print(shown)

    assert "***" in told.getvalue()
    assert VALUE not in told.getvalue()


def test_a_shallow_copy_is_refused_too(secret):
    with pytest.raises(TypeError):
        copy.copy(secret)
