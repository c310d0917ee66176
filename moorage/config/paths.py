"""File names as the operator would type them."""

from __future__ import annotations

from pathlib import Path


def shown(path: Path) -> str:
    """The path from the current directory where it lies below it, else in full."""
    try:
        here = Path.cwd()
    except FileNotFoundError:
        return str(path)
    whole = path if path.is_absolute() else here / path
    return str(whole.relative_to(here) if whole.is_relative_to(here) else whole)
