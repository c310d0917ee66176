"""Says pydantic's findings in the operator's words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from moorage.config.keys import kinds_at, names_at
from moorage.config.redact import has_userinfo, is_secret
from moorage.config.schema.suggest import suggestion
from moorage.config.yamlfile import Document, Steps

_OLD_BOOLEANS = {"yes", "no", "on", "off", "y", "n"}
_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "dict_type": "a map of names, each with its value",
    "model_type": "a map of keys",
    "model_attributes_type": "a map of keys",
    "list_type": "a list",
}


def message(finding: dict[str, Any], steps: Steps, document: Document) -> str:
    """What is wrong at a place and what would be right.

    Args:
        finding: one of pydantic's ``ValidationError.errors()``.
        steps: the place, in the document's own steps.
        document: the file read, for the text as it is written.
    """
    kind = str(finding["type"])
    if kind in _WANTED:
        return _wrong_type(kind, finding["input"], steps, document)
    wording = _WORDINGS.get(kind)
    if wording is not None:
        return wording(finding, steps)
    return str(finding["msg"]).removeprefix("Value error, ")


def quoted(value: object, steps: Steps) -> str:
    """A value as it may be shown; never that of a secret."""
    if is_secret(steps) or (isinstance(value, str) and has_userinfo(value)):
        return "this value"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def _wrong_type(kind: str, value: object, steps: Steps, document: Document) -> str:
    wanted = _WANTED[kind]
    written = document.written.get(steps, str(value))
    if value is None:
        reason = ", there is nothing"
    elif isinstance(value, dict | list):
        reason = f", not a {'map' if isinstance(value, dict) else 'list'}"
    elif is_secret(steps):
        reason = ""
    elif kind == "string_type":
        reason = f', and {written} is none to YAML: write "{written}"'
    elif isinstance(value, str):
        reason = _read_as_text(kind, value)
    else:
        reason = f", not {written}"
    return f"{wanted} is needed here{reason}"


def _read_as_text(kind: str, value: str) -> str:
    """Why a word is a text, where one would not expect it."""
    if kind == "bool_type" and value.lower() in _OLD_BOOLEANS:
        return f": {value} is a text in YAML 1.2"
    if kind == "int_type" and value.lstrip("+-").isdigit():
        return f': "{value}" in quotes is a text'
    if kind == "int_type" and ":" in value:
        return f": {value} is a text in YAML 1.2, not a number to base 60"
    return f", not {quoted(value, ())}"


def _missing(_finding: dict[str, Any], _steps: Steps) -> str:
    return "this key is missing"


def _unknown(_finding: dict[str, Any], steps: Steps) -> str:
    word = str(steps[-1])
    return f'"{word}" is not a key here{suggestion(word, names_at(steps[:-1]))}'


def _choice(finding: dict[str, Any], steps: Steps) -> str:
    expected = str(finding["ctx"]["expected"]).replace("'", '"')
    value = finding["input"]
    meant = suggestion(str(value), re.findall(r'"([^"]*)"', expected), tell_all=False)
    return f"{quoted(value, steps)} is not {expected}{meant}"


def _kind(finding: dict[str, Any], steps: Steps) -> str:
    expected = str(finding["ctx"]["expected_tags"]).replace("'", '"')
    return f"{quoted(finding['ctx']['tag'], steps)} is none of {expected}"


def _no_kind(_finding: dict[str, Any], steps: Steps) -> str:
    *others, last = kinds_at(steps)
    return f'the key "type" is missing: {", ".join(others)} or {last}'


def _bound(words: str, key: str) -> Callable[[dict[str, Any], Steps], str]:
    def say(finding: dict[str, Any], steps: Steps) -> str:
        return f"{quoted(finding['input'], steps)} is out of range: {words} {finding['ctx'][key]}"

    return say


def _large(_finding: dict[str, Any], _steps: Steps) -> str:
    return "this number is too large"


def _few(finding: dict[str, Any], _steps: Steps) -> str:
    return f"at least {finding['ctx']['min_length']} is needed here"


def _many(finding: dict[str, Any], _steps: Steps) -> str:
    return f"at most {finding['ctx']['max_length']} may stand here, there are more"


def _surrogate(_finding: dict[str, Any], _steps: Steps) -> str:
    return "this text has a character that cannot be written"


def _value(finding: dict[str, Any], steps: Steps) -> str:
    text = str(finding["ctx"]["error"])
    value = finding["input"]
    told = isinstance(value, str) and value and value in text
    hidden = told and (is_secret(steps) or has_userinfo(value))
    return "this value is not accepted here" if hidden else text


_WORDINGS: dict[str, Callable[[dict[str, Any], Steps], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _choice,
    "union_tag_invalid": _kind,
    "union_tag_not_found": _no_kind,
    "greater_than_equal": _bound("at least", "ge"),
    "less_than_equal": _bound("at most", "le"),
    "int_parsing_size": _large,
    "too_short": _few,
    "string_too_short": _few,
    "too_long": _many,
    "string_unicode": _surrogate,
    "value_error": _value,
}
