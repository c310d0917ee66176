"""Inventories made from the schema load as they are meant; mangled ones are judged, never more."""

from __future__ import annotations

import copy
import io
from functools import cache
from pathlib import Path
from random import Random
from typing import Literal, Union, get_args, get_origin

import pytest
from examples import examples, seeds
from hypothesis import event, given
from mangled_inventories import SHIPPED, TRAPS, judged, mangled
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML

from moorage.config.schema.site import Site
from moorage.config.validate import site_from
from moorage.errors import InventoryError

LARGEST = max(SHIPPED, key=len)
"""The example, which has every key."""


@cache
def example():
    return YAML(typ="safe", pure=True).load(LARGEST.decode())


@cache
def fields():
    """Each field of the example: the way to its holder, its key, its declaration."""
    return tuple(_fields(Site.model_validate(example()), ()))


def _fields(model, way):
    for name, field in type(model).model_fields.items():
        key = field.alias or name
        if name not in model.model_fields_set:
            continue
        yield way, key, field
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _fields(value, (*way, key))
        elif isinstance(value, dict):
            for inner, one in value.items():
                if isinstance(one, BaseModel):
                    yield from _fields(one, (*way, key, inner))


def held(data, way):
    """What is at a place; None where an alteration before has taken it away or put it otherwise."""
    for step in way:
        if not isinstance(data, dict):
            return None
        data = data.get(step)
    return data if isinstance(data, dict) else None


def altered(random, data):
    """An inventory with a few fields left out, or otherwise in a way that their type allows."""
    data = copy.deepcopy(data)
    for _ in range(random.randint(1, 6)):
        way, key, field = random.choice(fields())
        holder = held(data, way)
        if holder is None or key not in holder:
            continue
        others = list(_others(field, holder[key]))
        if not field.is_required() and (not others or random.random() < 0.5):
            del holder[key]
        elif others:
            holder[key] = random.choice(others)
    return data


def _others(field, value):
    """Other values that the declaration lets through; texts of a form of their own have none."""
    kinds = get_args(field.annotation) if get_origin(field.annotation) is Union else ()
    for kind in (field.annotation, *kinds):
        if get_origin(kind) is Literal:
            yield from (one for one in get_args(kind) if one != value)
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        least = next((mark.ge for mark in field.metadata if hasattr(mark, "ge")), value)
        most = next((mark.le for mark in field.metadata if hasattr(mark, "le")), value)
        yield from {least, most, value + 1} - {value}
    elif isinstance(value, (dict, list)) and len(value) > 1:
        yield type(value)(list(value.items() if isinstance(value, dict) else value)[:-1])


def written(data):
    out = io.StringIO()
    YAML(typ="safe", pure=True).dump(data, out)
    return out.getvalue().encode()


@examples(8)
@given(seeds)
def test_what_the_schema_takes_loads_as_it_is_meant_and_all_else_is_told(seed):
    data = altered(Random(seed), example())
    try:
        meant = Site.model_validate(data)
    except ValidationError:
        meant = None
    event("valid" if meant else "refused")

    found = judged(written(data))

    if meant is None:
        assert isinstance(found, InventoryError)
    else:
        assert found == meant.read_from(Path("site.yml"))


def test_many_of_them_are_valid():
    valid = 0
    for seed in range(40):
        try:
            Site.model_validate(altered(Random(seed), example()))
        except ValidationError:
            continue
        valid += 1

    assert valid >= 10


@examples(20)
@given(seeds)
def test_a_mangled_inventory_is_a_site_or_is_told_with_file_line_and_hint(seed):
    random = Random(seed)

    judged(mangled(random, random.choice(SHIPPED)))


SMALLEST = min(SHIPPED, key=len)


@pytest.mark.parametrize("trap", TRAPS, ids=range(len(TRAPS)))
def test_each_trap_in_the_place_of_a_value_and_of_a_key(trap):
    lines = SMALLEST.split(b"\n")
    at = next(number for number, line in enumerate(lines) if line.startswith(b"  domain:"))

    for line in (b"  domain: " + trap, b"  " + trap + b": x", trap):
        judged(b"\n".join([*lines[:at], line, *lines[at + 1 :]]))


@pytest.mark.parametrize(
    "whole",
    [
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"),
        lambda text: b"---\n" + text + b"\n...\n",
    ],
    ids=["mark", "line ends of Windows", "both", "marks of a document"],
)
def test_what_editors_do_to_a_file_changes_nothing(whole):
    assert site_from(Path("site.yml"), whole(SMALLEST)) == site_from(Path("site.yml"), SMALLEST)
