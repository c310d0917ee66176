"""Finds the lines of a file that may hold a secret, so that no message ever quotes them.

An operator who writes a password where a reference belongs must not find it again in a terminal
or a CI log. It errs on the side of hiding.
"""

from __future__ import annotations

import re

from moorage.config.yamlfile import Document, Steps

_SECRET_NAME = re.compile(r"pass?w|passphrase|pwd|secret|token|credential|basicauth", re.IGNORECASE)
_SECRET_LINE = re.compile(rf"(?:{_SECRET_NAME.pattern})|://[^/\s]*@", re.IGNORECASE)

_HARMLESS = re.compile(
    r"\s*#.*|\s*[\w-]+:\s*(?:[\"']?(?:env:\w+|(?:file|age|keyring):[^\s\"']+|prompt:[^\"']*)[\"']?"
    r"|null|~)?\s*(?:#.*)?"
)


def is_secret(steps: Steps) -> bool:
    """Whether a value of this name, or below it, is not to be shown."""
    return any(isinstance(step, str) and _SECRET_NAME.search(step) for step in steps)


def has_userinfo(text: str) -> bool:
    """Whether a URL carries a user and password."""
    return re.search(r"://[^/\s]*@", text) is not None


def hidden_lines(document: Document) -> set[int]:
    """Numbers of the lines on which secret values stand."""
    return {
        line
        for steps, spans in document.spans.items()
        if is_secret(steps) or has_userinfo(document.written.get(steps, ""))
        for first, last in spans
        for line in range(first, last + 1)
    }


def may_hold_secret(lines: list[str], number: int) -> bool:
    """The same for a file that could not be parsed: whether a line may belong to a secret.

    Where nothing tells which value a line belongs to, everything from the first suspicious name
    on is taken for a secret, unless what follows the name is a proper reference.
    """
    return any(
        _SECRET_LINE.search(line) and not _HARMLESS.fullmatch(line) for line in lines[:number]
    )
