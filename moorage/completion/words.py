"""What may come next on a command line; pure, but for the values that it is handed."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from moorage.completion.table import Table, Words

Values = Callable[[str, str, "Line"], Sequence[str]]
"""Values of an argument by task, argument, and the line before it."""
WITH_COMMAS = {("", "hosts"), ("plan", "step"), ("relocate", "fenced")}
"""Arguments that take several values."""


@dataclass
class Line:
    """What stands before the word that is completed.

    Args:
        program: fab or inv.
        task: the task whose flags may come; empty before the first.
        given: values by argument, of all tasks.
        seen: arguments of this task that were given.
        open: the argument that the word is a value of, where its flag stands before it.
        ended: whether what follows is no business of the program's.
    """

    program: str
    task: str = ""
    given: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    open: str = ""
    ended: bool = False


def split(text: str) -> list[str]:
    """The words of a line up to the cursor; the last is the one at it, and may be empty."""
    for end in ("", '"', "'"):
        try:
            words = shlex.split(text + end)
        except ValueError:
            continue
        return [*words, ""] if not end and text[-1:].isspace() else words
    return []


def candidates(tables: Table, words: Sequence[str], values: Values) -> list[str]:
    """Words that the last one may become.

    Args:
        words: ``fab`` or ``inv``, what follows, and the word at the cursor.
        values: gives an argument's values.
    """
    program, *before, word = words
    table = tables[program]
    line = _read(program, table, before)
    flags = {**table[""].flags, **table[line.task].flags}
    if line.ended:
        return []
    if line.open:
        return _values(line, line.open, word, values)
    flag, sign, begun = word.partition("=")
    if sign and flags.get(flag, ("", False))[1]:
        found = _values(line, flags[flag][0], begun, values)
        return [f"{flag}={value}" for value in found]
    if word.startswith("-"):
        return _begun(word, _flags_left(line, table[line.task]))
    missing = [name for name in table[line.task].positional if name not in line.seen]
    if missing:
        return _values(line, missing[0], word, values)
    return _begun(word, [task for task in table if task])


def _read(program: str, table: dict[str, Words], words: Sequence[str]) -> Line:
    line = Line(program)
    for word in words:
        own = table[line.task]
        flag, sign, value = word.partition("=")
        missing = [name for name in own.positional if name not in line.seen]
        if line.open:
            line.given[line.open] = word
            line.open = ""
        elif word == "--":
            line.ended = True
        elif flag in own.flags or (word.startswith("-") and flag in table[""].flags):
            name, takes = own.flags.get(flag) or table[""].flags[flag]
            line.seen.add(name)
            line.given |= {name: value} if sign else {}
            line.open = name if takes and not sign else ""
        elif missing:
            line.seen.add(missing[0])
            line.given[missing[0]] = word
        elif word in table:
            line.task, line.seen = word, set()
    return line


def _flags_left(line: Line, words: Words) -> list[str]:
    return [
        flag
        for flag, (name, _) in words.flags.items()
        if name not in line.seen or name in words.often
    ]


def _values(line: Line, name: str, word: str, values: Values) -> list[str]:
    # a flag of the program's own may stand behind a task
    known = values(line.task, name, line) or values("", name, line)
    if {(line.task, name), ("", name)}.isdisjoint(WITH_COMMAS):
        return _begun(word, known)
    before, comma, last = word.rpartition(",")
    there = before.split(",")
    return [f"{before}{comma}{value}" for value in _begun(last, known) if value not in there]


def _begun(word: str, known: Sequence[str]) -> list[str]:
    return [one for one in known if one.startswith(word)]
