"""One mistake in one of the operator's files, with its place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake in a file of the operator's.

    Args:
        file: path as the operator would type it.
        line: 1 for the first line; 0 when the mistake has no place.
        column: 1 for the first column; 0 when unknown.
        field: dotted path of the field, such as ``storage.clients[0]``.
        message: what is wrong and what would be right.
        excerpt: the source line concerned, without its line break.
    """

    file: str
    line: int
    column: int
    field: str
    message: str
    excerpt: str = ""

    def lines(self) -> list[str]:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        first = ": ".join(part for part in (place, self.field, self.message) if part)
        if not self.excerpt:
            return [first]
        return [first, f"    {self.excerpt}", f"    {' ' * (max(self.column, 1) - 1)}^"]
