"""Changes single values of an inventory where they stand; all else stays to the letter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from moorage.config.private_files import rename
from moorage.config.yamlfile import Steps, read_yaml


def replaced(text: str, changes: Mapping[Steps, tuple[str, str]]) -> str | None:
    """The text with some values replaced; None where one of them does not stand there as expected.

    Args:
        changes: old and new text of a value, by the way to it.
    """
    document = read_yaml(text)
    lines = text.splitlines(keepends=True)
    if not changes.keys() <= document.values.keys():
        return None
    # from the end, so that places before it stay true
    for steps in sorted(changes, key=lambda one: document.values[one], reverse=True):
        old, new = changes[steps]
        place = document.values[steps]
        line = lines[place.line - 1]
        before, rest = line[: place.column - 1], line[place.column - 1 :]
        # an alias stands elsewhere, and others may mean the same
        elsewhere = place < document.keys[steps]
        if elsewhere or document.written.get(steps) != old or old not in rest:
            return None
        lines[place.line - 1] = before + rest.replace(old, new, 1)
    return "".join(lines)


def write(path: Path, text: str) -> None:
    """Write an inventory beside and rename it, with the permissions that it has.

    Raises:
        OSError: it cannot be written; what was there stays.
    """
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.chmod(path.stat().st_mode & 0o7777)
    rename(beside, path)
