"""Mangles what hosts and servers print, by bytes, lines, parts and JSON values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

SCRAPS = [
    "", "\n", "|", "||||", " ", "{", "}", "[", "]", "[]", "{}", "null", '"', "-1", "9" * 30, "²",
    "9" * 5000, "1e400", "%", "\t", "\x00", "\x1b[2J", "\ufeff", "\ud7ff", "é", "\u2028",
    "WARNING: Error loading config file: permission denied\n", "no such service",
    "permission denied", "= 0", "--", "error", "@", ":", ",", "sha256:", "active",
    "directory|a|b|c", "ended x", "file|", "image|", "generation x - {}", "blocks",
    "inodes 1 2 3 - 5",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, -1, 10**30, -(10**400), 1.5, float("inf"), float("nan"), "", "x",
    "\ud800", "\x1b[2J", [], {}, [None], [[]], [{}], {"x": None}, "9" * 5000,
]  # fmt: skip


def mangled(random: Random, text: str) -> str:
    """The same output after a few accidents; always the same for one state of ``random``."""
    for _ in range(random.randint(1, 3)):
        text = random.choice(_ACCIDENTS)(random, text)
    return text


def _bytes_lost(random: Random, text: str) -> str:
    begin = random.randrange(len(text) + 1)
    return text[:begin] + text[begin + random.choice([1, 1, 1, 3, 20, 200]) :]


def _scrap(random: Random, text: str) -> str:
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(SCRAPS) + text[at:]


def _cut(random: Random, text: str) -> str:
    return text[: random.randrange(len(text) + 1)]


def _lines(random: Random, text: str) -> str:
    lines = text.split("\n")
    one, other = random.randrange(len(lines)), random.randrange(len(lines))
    how = random.choice(["lost", "doubled", "swapped", "cut", "emptied"])
    if how == "lost":
        del lines[one]
    elif how == "doubled":
        lines.insert(one, lines[one])
    elif how == "swapped":
        lines[one], lines[other] = lines[other], lines[one]
    elif how == "cut":
        lines[one] = lines[one][: random.randrange(len(lines[one]) + 1)]
    else:
        lines[one] = ""
    return "\n".join(lines)


def _word(random: Random, text: str) -> str:
    """One word of a line, between bars or spaces, by something else."""
    lines = text.split("\n")
    at = random.randrange(len(lines))
    sign = "|" if "|" in lines[at] else " "
    words = lines[at].split(sign)
    words[random.randrange(len(words))] = random.choice(SCRAPS)
    lines[at] = sign.join(words)
    return "\n".join(lines)


def _part(random: Random, text: str) -> str:
    """A whole part lost, doubled, emptied, or ended otherwise."""
    places = list(frames(text))
    if not places:
        return text
    begin, inside, end, after = random.choice(places)
    return random.choice([
        lambda: text[:begin] + text[after:],
        lambda: text[:after] + text[begin:],
        lambda: text[:inside] + text[end:],
        lambda: text[: after - 2] + random.choice(["1", "124", "99", "x", ""]) + text[after - 1 :],
    ])()  # fmt: skip


def frames(text: str) -> Iterator[tuple[int, int, int, int]]:
    """Where each part begins, its own text begins and ends, and the next part begins."""
    mark = f"--{text.partition(chr(10))[0]} "
    at = text.find(f"\n{mark}") + 1
    while at and not text.startswith(f"{mark}= ", at):
        inside = text.find("\n", at) + 1
        end = text.find(f"\n{mark}= ", inside)
        after = text.find("\n", end + 1) + 1
        if not (inside and end > 0 and after):
            return
        yield at, inside, end, after
        at = after if text.startswith(mark, after) else 0


def _json_value(random: Random, text: str) -> str:
    """One value somewhere in some JSON by another one, or its key by another name."""
    found = list(documents(text))
    if not found:
        return text
    begin, end, value = random.choice(found)
    ways = list(places(value))
    if not ways:
        return text[:begin] + json.dumps(random.choice(VALUES)) + text[end:]
    holder, key = random.choice(ways)
    if isinstance(holder, dict) and random.random() < 0.3:
        inner = holder.pop(key)
        if random.random() < 0.5:
            holder[f"{key}x"] = inner
    else:
        holder[key] = random.choice(VALUES)
    return text[:begin] + json.dumps(value) + text[end:]


def documents(text: str) -> Iterator[tuple[int, int, Any]]:
    """Where JSON stands in a text, and what it is."""
    at = 0
    while at < len(text):
        ends = [place for place in (text.find("{", at), text.find("[", at)) if place >= 0]
        if not ends:
            return
        begin = min(ends)
        try:
            value, at = json.JSONDecoder().raw_decode(text, begin)
        except ValueError:
            at = begin + 1
            continue
        yield begin, at, value


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each place in plain data: what holds it, and by which key."""
    items = list(value.items()) if isinstance(value, dict) else (
        list(enumerate(value)) if isinstance(value, list) else [])  # fmt: skip
    for key, inner in items:
        yield value, key
        yield from places(inner)


_ACCIDENTS: list[Callable[[Random, str], str]] = [
    _bytes_lost, _scrap, _cut, _lines, _lines, _word, _word, _part, _part, _json_value, _json_value,
    _json_value,
]  # fmt: skip
