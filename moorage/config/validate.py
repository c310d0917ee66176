"""From a file's bytes to a validated site, or to every mistake in it with its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from moorage.config.paths import shown
from moorage.config.redact import hidden_lines, is_secret, may_hold_secret
from moorage.config.schema.base import Contradictions
from moorage.config.schema.site import Site
from moorage.config.wording import message
from moorage.config.yamlfile import Document, Place, Steps, YamlSyntaxError, read_yaml
from moorage.errors import InventoryError
from moorage.problem import Problem

MOST_BYTES = 128 * 1024
"""The largest inventory: one of hundreds of hosts has a tenth of it; it bounds reading."""
_NAMED = re.compile(r"([A-Za-z0-9_.-]+(?:\[\d+\])?)\t(.+)", re.DOTALL)
"""A field below a part, and what is wrong with it."""


def site_from(path: Path, content: bytes) -> Site:
    """Validate an inventory.

    Args:
        path: the file it was read from, for messages and relative references.
        content: its bytes.

    Raises:
        InventoryError: with every mistake found.
    """
    source = _Source(path)
    text = source.decode(content)
    document = source.parse(text)
    found = [source.problem(document, *mistake) for mistake in document.mistakes]
    if not isinstance(document.data, dict):
        raise InventoryError(found or [source.at(Place(1, 1), "", _no_map(document.data))])
    site, findings = _validated(document.data)
    known = {(problem.line, problem.column) for problem in found}
    found += [
        problem
        for finding in findings
        for problem in _problems(source, document, finding)
        if (problem.line, problem.column) not in known
    ]
    if found or site is None:
        raise InventoryError(found)
    return site.read_from(path)


class _Source:
    """One file, for making problems of what is found in it."""

    def __init__(self, path: Path) -> None:
        self.file = shown(path)
        self.lines: list[str] = []
        self.hidden: set[int] = set()

    def decode(self, content: bytes) -> str:
        if len(content) > MOST_BYTES:
            message = f"this file is larger than {MOST_BYTES // 1024} KiB, and so no inventory"
            raise InventoryError([self.at(Place(1, 0), "", message)])
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = content[: error.start]
            place = Place(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
            message = f"this file is not UTF-8: byte 0x{content[error.start]:02x} is not text"
            raise InventoryError([self.at(place, "", message)]) from None
        self.lines = re.split(r"\r\n|\n|\r", text)
        return text

    def parse(self, text: str) -> Document:
        if not text.strip():
            message = "this file is empty: copy inventories/example/site.yml and edit it"
            raise InventoryError([self.at(Place(1, 0), "", message)])
        try:
            document = read_yaml(text)
        except YamlSyntaxError as error:
            raise InventoryError([self._no_yaml(error)]) from None
        self.hidden = hidden_lines(document)
        return document

    def _no_yaml(self, error: YamlSyntaxError) -> Problem:
        place = error.place or Place(0, 0)
        line = self.lines[place.line - 1] if 0 < place.line <= len(self.lines) else ""
        if may_hold_secret(self.lines, place.line):
            self.hidden.add(place.line)
            return self.at(place, "", "this is not YAML")
        if "\t" in line[: len(line) - len(line.lstrip())]:
            return self.at(place, "", "a tab cannot indent in YAML: use spaces")
        if "another document" in error.message:
            return self.at(place, "", "a second document begins here: one file is one site")
        return self.at(place, "", f"this is not YAML: {error.message}")

    def problem(self, document: Document, steps: Steps, place: Place, text: str) -> Problem:
        if is_secret(steps) and document.written.get(steps, "\0") in text:
            text = "this value is not accepted here"
        return self.at(place, dotted(steps), text)

    def at(self, place: Place, field: str, text: str) -> Problem:
        inside = 0 < place.line <= len(self.lines) and place.line not in self.hidden
        excerpt = self.lines[place.line - 1] if inside and place.column else ""
        return Problem(
            self.file, place.line, place.column, field, printable(text), _same_width(excerpt)
        )


def printable(text: str) -> str:
    """The text with whatever a terminal or a UTF-8 file cannot take written as escapes."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def _same_width(line: str) -> str:
    """A source line with one visible character for each, so that the caret stays in place."""
    shown_tabs = line.replace("\t", "→")
    return "".join(char if char.isprintable() else "�" for char in shown_tabs)


def dotted(steps: Steps) -> str:
    """A place as the messages name it, such as ``storage.clients[0]``."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return printable(text.removeprefix("."))


def _validated(data: dict[str, Any]) -> tuple[Site | None, list[Any]]:
    try:
        return Site.model_validate(data), []
    except ValidationError as error:
        return None, list(error.errors(include_url=False))


def _problems(source: _Source, document: Document, finding: dict[str, Any]) -> list[Problem]:
    steps = _steps(finding["loc"], document.data)
    if finding["type"] == "union_tag_invalid":
        steps = (*steps, "type")
    found = _contradictions(finding)
    if not found:
        text = message(finding, steps, document)
        return [source.at(_place(document, steps, finding["type"]), dotted(steps), text)]
    problems = []
    for field, text in found:
        below = (*steps, *_parsed(document, field))
        problems.append(source.at(_place(document, below, "value_error"), dotted(below), text))
    return problems


def _contradictions(finding: dict[str, Any]) -> list[tuple[str, str]]:
    """Fields and messages of a part's own check, which points below the part."""
    if finding["type"] != "value_error":
        return []
    error = finding["ctx"]["error"]
    if isinstance(error, Contradictions):
        return error.found
    # a value that the operator wrote may have a tab in it too, but stands in quotes
    named = _NAMED.fullmatch(str(error))
    return [(named[1], named[2])] if named else []


def _steps(location: tuple[str | int, ...], data: Any) -> Steps:
    """The way to a finding, without the steps that pydantic adds for a key or a ``type``."""
    steps: list[str | int] = []
    for step in location:
        if step == "[key]":
            continue
        if isinstance(data, dict) and step not in data and step == data.get("type"):
            continue
        steps.append(step)
        data = _below(data, step)
    return tuple(steps)


def _below(data: Any, step: str | int) -> Any:
    if isinstance(data, dict):
        return data.get(step)
    return data[step] if isinstance(data, list) and isinstance(step, int) else None


def _parsed(document: Document, field: str) -> Steps:
    """The steps of a dotted field; names may have dots themselves, so known places go first."""
    known = {dotted(steps): steps for steps in document.values}
    rest: tuple[str | int, ...] = ()
    while field and field not in known:
        if field.endswith("]"):
            field, _, index = field[:-1].rpartition("[")
            rest = (int(index), *rest)
        else:
            field, _, name = field.rpartition(".")
            rest = (name, *rest)
    return (*known.get(field, ()), *rest)


def _place(document: Document, steps: Steps, kind: str) -> Place:
    """Where to point: at the value, at an unknown key, or at the nearest place above."""
    if kind == "extra_forbidden" and steps in document.keys:
        return document.keys[steps]
    if steps in document.values and document.data is not None:
        return document.values[steps]
    for length in range(len(steps) - 1, 0, -1):
        above = steps[:length]
        if kind == "missing" and above in document.keys:
            return document.keys[above]
        if above in document.values:
            return document.values[above]
    return Place(1, 0)


def _no_map(data: object) -> str:
    if data is None:
        return "there is no key in this file: copy inventories/example/site.yml and edit it"
    kind = "a list" if isinstance(data, list) else "a single value"
    return f"an inventory is a map of keys such as hosts: and nexus:, not {kind}"
