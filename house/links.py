"""The links in the project's Markdown lead to files and headings that are there; no network."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[1]
NOT_OURS = {
    ".git", ".venv", ".lab", ".bench", ".audit", ".fuzz", "__pycache__", ".hypothesis",
    ".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache",
}  # fmt: skip
"""Folders of what is made here and belongs to this machine alone, as `.gitignore` has them."""
_OPERATORS = "inventories/prod/"
_FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(
    r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|<(?:a|img)\b[^>]*?(?:href|src)=\"([^\"]+)\""
)
_HEADING = re.compile(r"^#{1,6}[ \t]+(.*?)[ \t]*#*$", re.MULTILINE)
# a file or a folder in a sentence, such as tests/lab/test_15_leaks.py or lab/guest/
_PATH = re.compile(r"(?:[\w.-]+/)+(?:[\w-]+\.\w+)?")


def markdown(root: Path) -> list[Path]:
    """All Markdown files of the project."""
    return sorted(
        path
        for path in root.rglob("*.md")
        if not NOT_OURS.intersection(path.relative_to(root).parts)
    )


def broken(root: Path) -> list[str]:
    """Every link that leads nowhere, as ``file: link``."""
    return [f"{file.relative_to(root)}: {link}" for file in markdown(root)
            for link in _broken_in(file, root)]  # fmt: skip


def _broken_in(file: Path, root: Path) -> Iterator[str]:
    text = _FENCE.sub("", file.read_text(encoding="utf-8"))
    for match in _LINK.finditer(_CODE.sub("", text)):
        target = match[1] or match[2]
        if not re.match(r"[a-z][a-z0-9+.-]*:", target) and not _leads(file, target):
            yield target
    for match in _CODE.finditer(text):
        path = match[1].partition("::")[0]
        if _PATH.fullmatch(path) and not _is_there(path, file, root):
            yield match[1]


def _leads(file: Path, target: str) -> bool:
    name, _, anchor = unquote(target).partition("#")
    there = (file.parent / name).resolve() if name else file
    if not there.exists():
        return False
    return (
        not anchor or there.suffix != ".md" or anchor in anchors(there.read_text(encoding="utf-8"))
    )


def _is_there(path: str, file: Path, root: Path) -> bool:
    """Whether a path in a sentence is a file; one that begins with no folder of ours is not meant.

    Paths are written from the root, from the program's folder, or from the document's own.
    """
    first = path.partition("/")[0]
    # what is made here is there after some runs, and in no clone
    if path.startswith(_OPERATORS) or first in NOT_OURS:
        return True
    homes = [root, root / "moorage", file.parent]
    meant = [home for home in homes if (home / first).is_dir()]
    return not meant or any((home / path).exists() for home in meant)


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to a document's headings."""
    found: dict[str, int] = {}
    for match in _HEADING.finditer(_FENCE.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match[1]).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
        if found[slug]:
            found[f"{slug}-{found[slug]}"] = 0
    return set(found)


def main() -> int:
    """Print what is broken.

    Returns:
        0 where nothing is, else 1.
    """
    lines = broken(ROOT)
    print("\n".join(lines) or f"the links of {len(markdown(ROOT))} documents lead somewhere")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
