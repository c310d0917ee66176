"""Parsers of what hosts and servers tell: each gives what its annotation says, or an error.

Another version of a program, a wrapper around it or a message in between may change what comes. No
such thing ends in a traceback, and none passes for something that is not there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from functools import cache, wraps
from types import UnionType
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

from moorage.errors import MoorageError, Unreadable

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")

_NOT_AS_EXPECTED = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError,
)  # fmt: skip


def parser(looked_at: str) -> Callable[[Callable[_Given, _Made]], Callable[_Given, _Made]]:
    """Make a function one that gives what its annotation says, or an error of Moorage's own.

    Args:
        looked_at: whose words it reads, as the message names them: ``the node's Docker``.
    """

    def around(function: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
        parameters = list(inspect.signature(function).parameters)

        @wraps(function)
        def held(*given: _Given.args, **named: _Given.kwargs) -> _Made:
            host = {**dict(zip(parameters, given, strict=False)), **named}.get("host")
            try:
                found = function(*given, **named)
                require(found, _hints(function)["return"])
            except MoorageError:
                raise
            except _NOT_AS_EXPECTED as cause:
                raise unreadable(looked_at, cause, str(host) if host else None) from cause
            return found

        return held

    return around


def unreadable(looked_at: str, cause: Exception, host: str | None = None) -> Unreadable:
    """The failure of a parser that came upon something else than it knows."""
    lacks = isinstance(cause, KeyError)
    why = f"it lacks {cause}" if lacks else str(cause) or type(cause).__name__
    return Unreadable(
        f"what {looked_at} says cannot be understood: {' '.join(why.split())[:200]}",
        host=host,
        hint="run again; where it stays so, a version that is not known here answers: fab doctor "
        "tells which, and --debug where it was read",
    )


@cache
def _hints(of: Any) -> dict[str, Any]:
    return get_type_hints(of)


def require(value: object, kind: Any) -> None:
    """Hold a value against an annotation, a dataclass' fields included.

    Raises:
        TypeError: it is something else.
    """
    if not _fits(value, kind):
        raise TypeError(f"{value!r:.80} is no {getattr(kind, '__name__', kind)}")


def _fits(value: object, kind: Any) -> bool:
    origin, of = get_origin(kind), get_args(kind)
    if kind is Any:
        return True
    if origin in (Union, UnionType):
        return any(_fits(value, one) for one in of)
    if origin is Literal:
        return value in of
    if isinstance(origin, type):
        return isinstance(value, origin) and _holds(value, of)
    if not isinstance(kind, type) or getattr(kind, "_is_protocol", False):
        return kind is not None or value is None
    return _is_one(value, kind)


def _is_one(value: object, kind: type) -> bool:
    """Whether it is of a plain type or a dataclass, of which all fields are held too."""
    if kind in (int, float):
        return isinstance(value, (int, kind)) and not isinstance(value, bool)
    if not isinstance(value, kind):
        return False
    if isinstance(value, str):
        return value.isascii() or _is_text(value)
    if is_dataclass(kind):
        told = _hints(kind)
        for field in fields(kind):
            require(getattr(value, field.name), told[field.name])
    return True


def _holds(value: object, of: tuple[Any, ...]) -> bool:
    """Whether what is in a collection fits."""
    if isinstance(value, Mapping) and len(of) == 2:  # noqa: PLR2004
        return all(_fits(key, of[0]) and _fits(one, of[1]) for key, one in value.items())
    if isinstance(value, tuple) and not (len(of) == 2 and of[1] is Ellipsis):  # noqa: PLR2004
        return len(value) == len(of) and all(map(_fits, value, of))
    if isinstance(value, (list, tuple, AbstractSet)) and of:
        return all(_fits(one, of[0]) for one in value)
    return True


def _is_text(value: str) -> bool:
    """Whether it can be shown: JSON can have one half of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
