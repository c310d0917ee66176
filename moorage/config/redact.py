"""Finds the lines of a file that may hold a secret, so that no message ever quotes them.

An operator who writes a password where a reference belongs must not find it again in a terminal
or a CI log. It errs on the side of hiding.
"""

from __future__ import annotations

import re

from moorage.config.yamlfile import Document, Steps

# patterns, not compiled: those of lines are needed for a file that is no YAML only
_TELLTALE = r"pass?w|passphrase|pwd|secret|token|credential|basicauth"
_TELLTALE_LINE = rf"(?:{_TELLTALE})|://[^/\s]*@"
_HARMLESS = (
    r"\s*#.*|\s*[\w-]+:\s*"
    r"(?:[\"']?(?:env:\w+|(?:file|age|keyring):[^\s\"']+|prompt:[^\"']*)[\"']?|null|~)?\s*(?:#.*)?"
)


def is_secret(steps: Steps) -> bool:
    """Whether a value of this name, or below it, is not to be shown."""
    return any(
        isinstance(step, str) and re.search(_TELLTALE, step, re.IGNORECASE) for step in steps
    )


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
        re.search(_TELLTALE_LINE, line, re.IGNORECASE) and not re.fullmatch(_HARMLESS, line)
        for line in lines[:number]
    )
