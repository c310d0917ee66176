"""What one plain word of YAML means, and the words that programs read differently.

YAML 1.2 (chapter 10.3, core schema) says what is a number or a boolean. YAML 1.1, which many
programs still read, says otherwise for ``yes``, ``017`` and ``1:30``; such numbers are refused
here, since nobody can tell what was meant.
"""

from __future__ import annotations

import re

_PLAIN_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_INTEGER_BASES = ((re.compile(r"0o[0-7]+"), 8), (re.compile(r"0x[0-9a-fA-F]+"), 16))
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LONGEST = 40


class AmbiguousError(ValueError):
    """A word that YAML programs read differently; the message says how to write it."""


def scalar(kind: str, text: str) -> object:
    """The value of a plain scalar.

    Args:
        kind: the YAML tag without its prefix: ``str``, ``int``, ``float``, ``bool``, ``null``.
        text: the scalar as it is written.

    Raises:
        AmbiguousError: for a number such as ``017`` or ``1_000``.
    """
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "int":
        return _integer(text)
    if kind == "float":
        return _float(text)
    return text


def _integer(text: str) -> int:
    if len(text) > _LONGEST:
        raise AmbiguousError("this number is too long: in quotes it is a text")
    if _PLAIN_INTEGER.fullmatch(text):
        return int(text)
    for form, base in _INTEGER_BASES:
        if form.fullmatch(text):
            return int(text[2:], base)
    raise AmbiguousError(
        f'{text} is read differently by different programs: write "{text}" for a text, '
        "or a plain number without leading zeros, colons or underscores"
    )


def _float(text: str) -> float | str:
    return float(text) if _FLOAT.fullmatch(text) else text
