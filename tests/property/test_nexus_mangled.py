"""Nexus tells something else than any known version: an error with a hint, or a plan; never nothing
to do where a managed field is otherwise.
"""

from __future__ import annotations

import copy
import dataclasses
from random import Random

from examples import examples, seeds
from hypothesis import given, reject
from mangled_outputs import VALUES, places
from nexus_model import NexusModel
from nexus_strategies import inventories

from moorage.errors import MoorageError, Refused
from moorage.steps.nexus.api import ChangePassword
from moorage.steps.nexus.repositories import wanted_body
from moorage.steps.nexus.step import plan
from moorage.values import Secret

PASSWORD = Secret("configured")


def applied(wanted):
    """What a server tells that is as the inventory asks."""
    model = NexusModel()
    try:
        changes = plan(wanted, model.read(wanted.scope(), "configured"), PASSWORD).changes
    except Refused:
        reject()
    for action in (action for change in changes for action in change.actions):
        if isinstance(action, ChangePassword):
            model.change_password(action.user, action.password)
        else:
            model.send(action)
    return copy.deepcopy(model.read(wanted.scope(), "configured"))


def is_empty(wanted, seen):
    """Whether the plan has nothing; an error is something."""
    made, failure = None, None
    try:
        made = plan(wanted, seen, PASSWORD)
    except MoorageError as caught:
        failure = caught
    if failure is not None:
        assert failure.hint
        "\n".join(failure.lines()).encode("utf-8", "backslashreplace")
        return False
    repr([(change.title, change.differences) for change in made.changes])
    return made.empty


@examples(15)
@given(inventories(), seeds)
def test_what_nexus_tells_otherwise_is_a_plan_or_an_error_with_a_hint(wanted, seed):
    seen, random = applied(wanted), Random(seed)
    fields = [
        field.name
        for field in dataclasses.fields(seen)
        if isinstance(getattr(seen, field.name), (dict, tuple)) and field.name != "version"
    ]
    for _ in range(10):
        name = random.choice(fields)
        value = copy.deepcopy(getattr(seen, name))
        holder = list(value) if isinstance(value, tuple) else value
        ways = list(places(holder))
        if not ways:
            continue
        inside, key = random.choice(ways)
        if isinstance(inside, dict) and random.random() < 0.4:
            del inside[key]
        else:
            inside[key] = random.choice(VALUES)
        made = tuple(holder) if isinstance(value, tuple) else holder
        is_empty(wanted, dataclasses.replace(seen, **{name: made}))


@examples(15)
@given(inventories(), seeds)
def test_each_managed_field_of_a_repository_that_is_otherwise_is_a_change_or_an_error(wanted, seed):
    seen, random = applied(wanted), Random(seed)
    assert is_empty(wanted, seen)
    for name, repository in wanted.repositories.items():
        body = wanted_body(name, repository, Secret)
        there = copy.deepcopy(seen.repositories[name])
        managed = [(holder, key) for holder, key in same_places(body, there)
                   if isinstance(holder[key], (bool, int, str)) and key != "name"]  # fmt: skip
        if not managed:
            continue
        holder, key = random.choice(managed)
        holder[key] = (not holder[key]) if isinstance(holder[key], bool) else (
            holder[key] + 1 if isinstance(holder[key], int) else f"{holder[key]}x")  # fmt: skip

        other = {**seen.repositories, name: there}
        assert not is_empty(wanted, dataclasses.replace(seen, repositories=other)), (name, key)


def same_places(body, there):
    """Places of what is there at which the wanted body has a value too."""
    for key, value in body.items():
        if key not in there:
            continue
        if isinstance(value, dict) and isinstance(there[key], dict):
            yield from same_places(value, there[key])
        elif not isinstance(value, (dict, list, Secret)) and value is not None:
            yield there, key
