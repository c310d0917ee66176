"""The failures of a plan, told as one error: each once."""

from __future__ import annotations

import pytest

from moorage.change import Outcome
from moorage.errors import Unreachable
from moorage.planning import raise_first


def test_a_host_that_fails_several_steps_is_told_of_once():
    gone = Unreachable("no connection to m", host="m", step="nodes", hint="boot it")
    other = Unreachable("no connection to w", host="w", step="stack")
    first = Unreachable("no connection to nas", host="nas", step="nfs", hint="boot it")
    steps = {"nfs": first, "nodes": gone, "image": gone, "stack": other, "logins": gone}

    with pytest.raises(Unreachable) as caught:
        raise_first([Outcome(step, failure=failure) for step, failure in steps.items()])

    assert caught.value.hint == "boot it"
    assert [(also.host, also.message) for also in caught.value.also] == [
        ("m", "no connection to m"), ("w", "no connection to w"),
    ]  # fmt: skip
