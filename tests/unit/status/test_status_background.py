"""Nobody waits for what hangs, and nothing unforeseen hides the rest."""

from __future__ import annotations

import threading

from moorage.errors import MoorageError, Refused, Unreachable
from moorage.status.background import Begun, Clock


def test_what_ends_in_time_is_given():
    assert Begun(lambda: 7).within(Clock(5), "why") == 7


def test_what_does_not_is_an_error_that_says_why_and_no_longer_in_the_way():
    never = threading.Event()
    begun = Begun(never.wait)
    answer = begun.within(Clock(0.05), "no answer within 0 s")
    assert isinstance(answer, Unreachable)
    assert answer.message == "no answer within 0 s"
    assert all(thread.daemon for thread in threading.enumerate()
               if thread is not threading.main_thread())  # fmt: skip
    never.set()


def _raise(failure):
    raise failure


def test_a_failure_is_given_and_not_raised():
    answer = Begun(lambda: _raise(Refused("no"))).within(Clock(5), "why")
    assert (type(answer), answer.message) == (Refused, "no")


def test_what_nobody_foresaw_is_one_more_thing_that_is_not_known():
    for failure, words in ((KeyError("x"), "KeyError"), (TimeoutError("own"), "TimeoutError: own")):
        answer = Begun(lambda failure=failure: _raise(failure)).within(Clock(5), "why")
        assert isinstance(answer, MoorageError)
        assert words in answer.message


def test_time_that_is_over_is_none_and_not_less():
    clock = Clock(0)
    assert clock.left() == clock.left(5) == 0
    assert Clock(10).left(4) <= 6
