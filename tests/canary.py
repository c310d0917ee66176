"""Words planted in the place of secrets, and all the forms in which they may come to light."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

CORE = "Kanarie7Zq"
"""Stands in every canary; letters and digits alone, so that no encoding but base64 changes it."""


def canary(name: str) -> str:
    """A secret that every careless encoding changes in its own way.

    Args:
        name: of letters, so that one secret can be told from another.
    """
    return f"{CORE}-{name}'$x \"é&%+/\\"


def forms(value: str, users: Iterable[str] = ()) -> dict[str, str]:
    """A secret in all the forms to look for, by what each is called.

    Args:
        users: whose login it may be in an Authorization header.
    """
    found = {
        "plain": value,
        "reversed": value[::-1],
        "URL-encoded": quote(value, safe=""),
        "URL-encoded with plus": quote_plus(value),
        "URL-encoded path": quote(value),
        "JSON": json.dumps(value)[1:-1],
        "JSON with UTF-8": json.dumps(value, ensure_ascii=False)[1:-1],
        "JSON in JSON": json.dumps(json.dumps(value))[1:-1],
        "quoted for a shell": shlex.quote(value),
        "Python": repr(value)[1:-1],
        "core": CORE,
        "core reversed": CORE[::-1],
    }
    for user in users:
        for word, name in ((value, ""), (value[::-1], " reversed")):
            login = f"{user}:{word}".encode()
            found[f"Basic of {user}{name}"] = base64.b64encode(login).decode().rstrip("=")[:-1]
    found |= {f"base64 at {at}": text for at, text in enumerate(_inside_base64(CORE))}
    found |= {f"reversed base64 at {at}": text
              for at, text in enumerate(_inside_base64(CORE[::-1]))}  # fmt: skip
    return found


def _inside_base64(word: str) -> Iterator[str]:
    """How a word looks within base64, wherever in a group of three bytes it begins."""
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + word.encode()).decode().rstrip("=")
        # the first and the last sign depend on what stands beside the word
        yield text[(0, 2, 3)[shift] : -1]


def leaks(texts: Mapping[str, str], secrets: Iterable[str], users: Iterable[str] = ()) -> list[str]:
    """Where which secret came to light, in words; texts are given by what they are called."""
    return [
        f"{place}: {name}"
        for secret in secrets
        for name, form in forms(secret, users).items()
        for place, text in texts.items()
        if form in text
    ]
