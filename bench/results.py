"""The rows of the results: their shape, and the two files that hold them."""

from __future__ import annotations

import json
import os
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from bench.pairs import Compared


@dataclass(frozen=True)
class Row:
    """One comparison.

    Args:
        figure: what was measured, and against whom.
        moorage: Moorage's median, in ``unit``.
        peer: the peer's median, in ``unit``.
        ratio: peer / Moorage, the median of the pairs' ratios: higher is better.
        target: the least ratio that is asked for; None where none is.
        unit: of ``moorage`` and ``peer``: ``s``, ``MiB``, ``requests``.
        lowest: the lowest ratio of a pair.
        highest: the highest one.
        pairs: how many pairs there were.
        load: the machine's load average over a minute when the row was taken.
        group: the heading that the row stands under.
    """

    figure: str
    moorage: float
    peer: float
    ratio: float
    target: float | None
    unit: str
    lowest: float
    highest: float
    pairs: int
    load: float
    group: str

    @classmethod
    def of(cls, group: str, figure: str, seen: Compared, target: float | None,
           unit: str = "s") -> Self:  # fmt: skip
        """A row for a comparison that has just been made."""
        return cls(
            figure=figure,
            moorage=round(statistics.median(seen.ours), 3),
            peer=round(statistics.median(seen.theirs), 3),
            ratio=round(seen.ratio, 2),
            target=target,
            unit=unit,
            lowest=round(min(seen.ratios), 2),
            highest=round(max(seen.ratios), 2),
            pairs=len(seen.ours),
            load=round(os.getloadavg()[0], 2),
            group=group,
        )

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        return None if self.target is None else self.ratio >= self.target


def read(path: Path) -> list[Row]:
    """The rows of a results file; none where it is not there."""
    if not path.is_file():
        return []
    return [Row(**row) for row in json.loads(path.read_text())]


def write(path: Path, rows: list[Row]) -> None:
    """Write the rows as a JSON list, one row a line."""
    lines = ",\n".join(f"  {json.dumps(asdict(row))}" for row in rows)
    path.write_text(f"[\n{lines}\n]\n")


def merged(before: list[Row], now: list[Row]) -> list[Row]:
    """The former rows with those taken now in their place; new ones at the end of their group."""
    fresh = {(row.group, row.figure): row for row in now}
    kept = [fresh.pop((row.group, row.figure), row) for row in before]
    groups = list(dict.fromkeys(row.group for row in (*kept, *now)))
    return sorted([*kept, *fresh.values()], key=lambda row: groups.index(row.group))
