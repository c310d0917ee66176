"""Prints what the word at the cursor may become, one a line; the scripts of the shells start it.

__main__.py -- WORD...             the words of the line, the last one at the cursor
__main__.py --line TEXT BREAKS     the line up to the cursor, and bash's COMP_WORDBREAKS
__main__.py --inventories          names of inventories, for MOORAGE_INVENTORY
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("demo", "test", "setup", "fab", "inv", "lab")
"""What ``./run`` takes."""


def main(arguments: list[str]) -> None:
    """Print the candidates; nothing where the program is not this project's."""
    from moorage.completion.words import split

    mode, *rest = arguments
    if mode == "--inventories":
        from moorage.completion.values import Known

        found = Known(ROOT).inventories()
    else:
        found = completed(split(rest[0]) if mode == "--line" else rest)
    if mode == "--line":
        found = [_after_breaks(word, split(rest[0])[-1], rest[1]) for word in found]
    print("\n".join(found))


def completed(words: list[str]) -> list[str]:
    """What the last word may become."""
    from moorage.completion.table import table
    from moorage.completion.values import Known
    from moorage.completion.words import candidates

    if len(words) < 2:  # noqa: PLR2004  a program and the word at the cursor
        return []
    program, *others = words
    name = Path(program).name
    if name == "run":
        if not _is_ours(program):
            return []
        if len(others) == 1:
            return [command for command in COMMANDS if command.startswith(others[0])]
        name, *others = others
    elif not Path.cwd().is_relative_to(ROOT):
        return []
    name = "inv" if name == "invoke" else name
    return candidates(table(ROOT), [name, *others], Known(ROOT)) if name in ("fab", "inv") else []


def _is_ours(program: str) -> bool:
    """Whether a program called run is this project's."""
    found = shutil.which(os.path.expanduser(program))  # noqa: PTH111  a word, not yet a path
    return found is not None and Path(found).resolve() == ROOT / "run"


def _after_breaks(word: str, current: str, breaks: str) -> str:
    """The part of a word that bash replaces: what stands behind the last break in it."""
    cut = max((current.rfind(mark) for mark in breaks if mark in "=:"), default=-1)
    return word[cut + 1 :]


if __name__ == "__main__":
    main(sys.argv[1:])
