"""What a key of the inventory takes, in words: its default, its few words, its form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from moorage.config.schema.base import Form

REQUIRED = "required"
OF_ITS_KEYS = "—"


def default_text(field: FieldInfo) -> str:
    """The default as one writes it; that of a whole part is that of its keys."""
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        return REQUIRED
    if hasattr(default, "model_dump") or (isinstance(default, dict) and default):
        return OF_ITS_KEYS
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, list):
        return f"[{', '.join(default)}]"
    return "null" if default is None else str(default)


def choices(annotation: Any) -> list[str]:
    """The words of a field that takes a few only."""
    parts = [annotation, *get_args(annotation)]
    words = [str(word) for part in parts if get_origin(part) is Literal for word in get_args(part)]
    return words if len(words) > 1 else []


def forms(field: FieldInfo) -> list[str]:
    """What the texts of a field are to be."""
    return list(dict.fromkeys(_forms([*reversed(field.metadata), field.annotation])))[:1]


def _forms(parts: list[Any]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Form):
            yield part.words
        yield from _forms([*reversed(getattr(part, "__metadata__", ())), *get_args(part)])
