"""Reads YAML into plain data and keeps where each key and value stands.

The only file that imports ruamel.yaml. The text is composed to nodes and the nodes are read
here, because every duplicate key and every doubtful word is to be found in one go, each with its
place; a constructor would stop at the first.
"""

from __future__ import annotations

import contextlib
import re
import warnings
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError

from moorage.config.scalars import AmbiguousError, scalar

Steps = tuple[str | int, ...]
"""The way to a value: names of keys and indexes of list items."""

_PREFIX = "tag:yaml.org,2002:"
_COLLECTIONS = {"map", "seq"}
_MOST_VALUES = 20_000  # aliases of aliases grow without bound
_DEEPEST = 40  # the schema has eight levels
_TOO_DEEP = "lists and maps are nested too deeply"
_SCALARS = {"str", "int", "float", "bool", "null", "timestamp", "value", "merge"}


@dataclass(frozen=True, order=True)
class Place:
    """Line and column, both from 1."""

    line: int
    column: int


class YamlSyntaxError(ValueError):
    """The text is no YAML.

    Args:
        place: where reading stopped; None when the reader does not say.
        message: what was found there, in the reader's words.
    """

    def __init__(self, message: str, place: Place | None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place


@dataclass
class Document:
    """Plain data with places.

    ``written`` has each scalar's own text, ``spans`` the first and last lines of each key and
    value (an alias has its value elsewhere, a duplicate key has two), ``mistakes`` what is wrong
    in itself: duplicate keys and doubtful words.
    """

    data: Any = None
    keys: dict[Steps, Place] = field(default_factory=dict)
    values: dict[Steps, Place] = field(default_factory=dict)
    written: dict[Steps, str] = field(default_factory=dict)
    spans: dict[Steps, list[tuple[int, int]]] = field(default_factory=dict)
    mistakes: list[tuple[Steps, Place, str]] = field(default_factory=list)


def read_yaml(text: str) -> Document:
    """Read one YAML document.

    Raises:
        YamlSyntaxError: the text is not one YAML document.
    """
    directive = re.search(r"^%", text, re.MULTILINE)
    if directive is not None:
        place = Place(text.count("\n", 0, directive.start()) + 1, 1)
        raise YamlSyntaxError("leave the line with % out: YAML 1.2 is read here", place)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            yaml = YAML(typ="safe", pure=True)
            yaml.max_depth = _DEEPEST
            node = yaml.compose(text)
        reader = _Reader()
        if node is not None:
            reader.document.data = reader.value((), node)
    except MaxDepthExceededError as error:
        place = _of_mark(error.problem_mark)
        raise YamlSyntaxError(_TOO_DEEP, place) from error
    except MarkedYAMLError as error:
        raise _unparsed(error) from error
    except YAMLError as error:
        raise _unreadable(text, error) from error
    except (OverflowError, AttributeError, IndexError) as error:
        # what the reader itself trips over has no mark
        raise YamlSyntaxError("an escape or tag in it is not YAML", _reached(text)) from error
    return reader.document


def _unparsed(error: MarkedYAMLError) -> YamlSyntaxError:
    mark, message = error.problem_mark or error.context_mark, error.problem or error.context or ""
    if "end of stream" in message or "stream end" in message:
        mark, message = error.context_mark or mark, "what begins here has no end"
    return YamlSyntaxError(message, _of_mark(mark) if mark else None)


def _of_mark(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _reached(text: str) -> Place:
    """Where the last token before a failure of the reader's own ends."""
    place = Place(1, 1)
    with contextlib.suppress(Exception):
        for token in YAML(typ="safe", pure=True).scan(text):
            place = _of_mark(token.end_mark)
    return place


def _unreadable(text: str, error: YAMLError) -> YamlSyntaxError:
    position = getattr(error, "position", None)
    if not isinstance(position, int):
        return YamlSyntaxError("a character in it is not allowed", None)
    before = text[:position]
    place = Place(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)
    code = f"U+{ord(text[position]):04X}"
    return YamlSyntaxError(f"the control character {code} is not allowed", place)


class _Reader:
    """Turns nodes into data; one for one document."""

    def __init__(self) -> None:
        self.document = Document()
        self._open: set[int] = set()

    def value(self, steps: Steps, node: Any) -> Any:
        place = _place(node)
        if len(self.document.values) > _MOST_VALUES:
            raise YamlSyntaxError(f"there are more than {_MOST_VALUES} values here", place)
        self.document.values[steps] = place
        self.document.spans.setdefault(steps, []).append((place.line, _last_line(node)))
        kind = str(node.tag).removeprefix(_PREFIX)
        if kind not in _COLLECTIONS | _SCALARS:
            self._mistake(steps, place, "a type with ! is not read here: leave it out")
            return None
        if isinstance(node.value, str):
            self.document.written[steps] = node.value
            return self._scalar(steps, place, kind, node.value)
        if id(node) in self._open:
            self._mistake(steps, place, "this alias leads back to itself")
            return None
        if len(self._open) >= _DEEPEST:  # by aliases of aliases
            raise YamlSyntaxError(_TOO_DEEP, place)
        self._open.add(id(node))
        try:
            return self._collection(steps, node)
        finally:
            self._open.discard(id(node))

    def _scalar(self, steps: Steps, place: Place, kind: str, text: str) -> object:
        try:
            return scalar(kind, text)
        except AmbiguousError as error:
            self._mistake(steps, place, str(error))
            return None

    def _collection(self, steps: Steps, node: Any) -> Any:
        if node.id == "sequence":
            return [self.value((*steps, index), item) for index, item in enumerate(node.value)]
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(steps, key_node)
            if key is None:
                continue
            below = (*steps, key)
            if key in found:
                first = self.document.keys[below].line
                self._mistake(below, _place(key_node), f"{key} is there already, on line {first}")
                self._spans(below, key_node, value_node)
                continue
            self.document.keys[below] = _place(key_node)
            self._spans(below, key_node, value_node)
            found[key] = self.value(below, value_node)
        return found

    def _key(self, steps: Steps, node: Any) -> str | None:
        if not isinstance(node.value, str):
            self._mistake(steps, _place(node), "a key is one word: lists and maps cannot be keys")
            return None
        if node.value == "<<":
            self._mistake(steps, _place(node), "<< is not read here: write the keys out")
            return None
        if node.tag != f"{_PREFIX}str":
            message = f'{node.value} is not a text to YAML: as a key write "{node.value}"'
            self._mistake((*steps, node.value), _place(node), message)
        return str(node.value)

    def _spans(self, steps: Steps, key_node: Any, value_node: Any) -> None:
        first = _place(key_node).line
        spans = self.document.spans.setdefault(steps, [])
        spans += [(first, _last_line(value_node)), (first, _last_line(key_node))]

    def _mistake(self, steps: Steps, place: Place, message: str) -> None:
        self.document.mistakes.append((steps, place, message))


def _place(node: Any) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _last_line(node: Any) -> int:
    mark = node.end_mark
    return int(mark.line) + 1 if mark.column else max(int(mark.line), node.start_mark.line + 1)
