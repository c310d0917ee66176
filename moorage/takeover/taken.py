"""What has been taken over so far: values for the inventory, and words about what was not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Taken:
    """An inventory in the making.

    Args:
        data: its values.
        comments: lines for the operator by the dotted key that they stand above.
        left: what is there and is not managed, each in one line.
        secrets: references that lead to something when the inventory is used, and what each is.
    """

    data: dict[str, Any] = field(default_factory=dict)
    comments: dict[str, list[str]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)

    def put(self, dotted: str, value: Any) -> None:
        """Set a value by its dotted key."""
        *above, last = dotted.split(".")
        part = self.data
        for step in above:
            part = part.setdefault(step, {})
        part[last] = value

    def lay(self, part: str, values: Mapping[str, Any]) -> None:
        """Set several values of a part."""
        for key, value in values.items():
            self.put(f"{part}.{key}", value)

    def say(self, dotted: str, line: str) -> None:
        """Have a line stand above a key."""
        self.comments.setdefault(dotted, []).append(line)

    def leave(self, line: str) -> None:
        """Name something that is not managed."""
        if line not in self.left:
            self.left.append(line)
