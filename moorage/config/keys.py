"""Every key that an inventory may have, walked from the models themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from moorage.config.docstrings import attribute_docs
from moorage.config.schema.later import Later
from moorage.config.schema.site import Site

ANY_NAME = "<name>"
"""Stands for a name of the operator's choice, as of a host or a repository."""


@dataclass(frozen=True)
class Key:
    """One key.

    Args:
        steps: the way to it, with ``<name>`` for names of the operator's choice.
        description: what the model says about it.
        field: the model's own field.
        kind: the value of ``type`` that the key is for, empty where there is none.
    """

    steps: tuple[str, ...]
    description: str
    field: FieldInfo
    kind: str = ""

    @property
    def dotted(self) -> str:
        return ".".join(self.steps)


@cache
def all_keys() -> tuple[Key, ...]:
    """All keys in the order of the models."""
    return tuple(_walk(Site, (), ""))


def names_at(steps: tuple[str | int, ...]) -> list[str]:
    """The keys that are known below a place, for suggesting one."""
    known = [
        key.steps[-1]
        for key in all_keys()
        if len(key.steps) == len(steps) + 1 and _same(key.steps[:-1], steps)
    ]
    return [name for name in dict.fromkeys(known) if name != ANY_NAME]


def kinds_at(steps: tuple[str | int, ...]) -> list[str]:
    """What ``type`` may say at a place."""
    kinds = [
        key.kind
        for key in all_keys()
        if key.steps[-1] == "type" and len(key.steps) == len(steps) + 1
        and _same(key.steps[:-1], steps)
    ]  # fmt: skip
    return list(dict.fromkeys(kinds))


def matches(pattern: tuple[str, ...], steps: tuple[str | int, ...]) -> bool:
    """Whether the way to a key is that of a pattern, in which ``<name>`` is any."""
    return len(pattern) == len(steps) and _same(pattern, steps)


def _same(pattern: tuple[str, ...], steps: tuple[str | int, ...]) -> bool:
    return all(wanted in (ANY_NAME, step) for wanted, step in zip(pattern, steps, strict=True))


def _walk(model: type[BaseModel], above: tuple[str, ...], kind: str) -> Iterator[Key]:
    told = attribute_docs(model)
    for name, field in model.model_fields.items():
        steps = (*above, field.alias or name)
        yield Key(steps, told.get(name, ""), field, kind)
        for below, is_named in _models_in(field.annotation):
            inner = _kind_of(below)
            yield from _walk(below, (*steps, ANY_NAME) if is_named else steps, inner)


def _models_in(annotation: Any, *, named: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:
    origin = get_origin(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, named
    elif origin is Annotated:
        plain, *marks = get_args(annotation)
        meant = next((mark.type for mark in marks if isinstance(mark, Later)), plain)
        yield from _models_in(meant, named=named)
    elif origin in (Union, UnionType):
        for part in get_args(annotation):
            yield from _models_in(part, named=named)
    elif origin is dict:
        yield from _models_in(get_args(annotation)[1], named=True)


def _kind_of(model: type[BaseModel]) -> str:
    field = model.model_fields.get("type")
    values = get_args(field.annotation) if field else ()
    return str(values[0]) if len(values) == 1 else ""
