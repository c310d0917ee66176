"""Values and comments as the text of an inventory; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*(?::[A-Za-z0-9_./-]+)?", re.ASCII)
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_ORDER = (
    "schema", "hosts", "ssh", "nexus", "registry", "storage", "ingress", "stack", "nodes",
    "private_ca", "backup", "api",
)  # fmt: skip


def inventory_text(
    data: Mapping[str, Any], comments: Mapping[str, Sequence[str]], head: Sequence[str]
) -> str:
    """The text of a ``site.yml``.

    Args:
        data: its values.
        comments: lines by the dotted key that they stand above.
        head: lines of its first comment.
    """
    lines = [f"# {line}".rstrip() for line in head]
    for key in sorted(data, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER)):
        if not isinstance(data[key], Mapping) or not data[key]:
            lines += _entry(key, data[key], key, comments, "")
            continue
        lines += ["", *_entry(key, data[key], key, comments, "")]
    return "\n".join(lines) + "\n"


def _entry(
    key: str, value: Any, dotted: str, comments: Mapping[str, Sequence[str]], indent: str
) -> Iterator[str]:
    yield from (f"{indent}# {line}".rstrip() for line in comments.get(dotted, ()))
    if isinstance(value, Mapping) and value:
        yield f"{indent}{_scalar(key)}:"
        for inner, item in value.items():
            yield from _entry(str(inner), item, f"{dotted}.{inner}", comments, indent + "  ")
    else:
        yield f"{indent}{_scalar(key)}: {_flow(value)}"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_scalar(str(key))}: {_flow(item)}" for key, item in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flow, value))}]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return str(value)
    return json.dumps(value, ensure_ascii=not value.isprintable())
