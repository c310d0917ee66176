"""The inventory's file: what stands at its head, and how it comes to its place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from moorage.config.private_files import write_new
from moorage.takeover.found import Found
from moorage.takeover.taken import Taken
from moorage.takeover.text import inventory_text


def head(found: Found, taken: Taken) -> list[str]:
    """The first comment: what it is, what is not managed, what has to be set."""
    day = datetime.now(UTC).astimezone().strftime("%Y-%m-%d")
    lines = [
        f"The site of the stack {found.stack} as it ran on {day}, read by fab import.",
        "docs/inventory.md explains each key; fab plan shows what Moorage would change.",
    ]
    if taken.secrets:
        lines += ["", "Set before use:", *(f"  {name}: {what}"
                                           for name, what in taken.secrets.items())]  # fmt: skip
    if taken.left:
        lines += ["", "Not managed:", *(f"  {line}" for line in taken.left)]
    return lines


def write(path: Path, taken: Taken, lines: Sequence[str], *, replacing: bool) -> Path | None:
    """Write the file beside its place and rename it there.

    Args:
        lines: of its first comment.
        replacing: whether one that is there may go; it is kept beside.

    Returns:
        Where the former file is, if there was one.

    Raises:
        OSError: it cannot be written; what was there stays.
        FileExistsError: one came to be there meanwhile.
    """
    aside = None
    if replacing and path.exists():
        aside = path.with_name(f"{path.name}.{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    write_new(path, inventory_text(taken.data, taken.comments, lines), aside=aside)
    return aside
