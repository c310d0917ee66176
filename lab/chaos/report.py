"""A chaos run as a table to read and as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .driver import Record
from .events import Event, minutes, summary
from .judge import Verdict

_HEAD = ("when", "lasted", "fault", "what was seen until the next")


@dataclass(frozen=True)
class Report:
    """All that is told of a run.

    Attributes:
        seed: What the faults were drawn from.
        minutes: How long.
        records: The faults.
        events: What was seen.
        ended: Seconds since the begin when the loops had ended.
        settled: Seconds after that until all was there again; None where it took too long.
        verdicts: The demands; none where the run was cut off.
    """

    seed: int
    minutes: int
    records: Sequence[Record]
    events: Sequence[Event]
    ended: float
    settled: float | None = None
    verdicts: Sequence[Verdict] = ()

    @property
    def good(self) -> bool:
        """Whether it was carried to its end and every demand holds."""
        return bool(self.verdicts) and all(verdict.holds for verdict in self.verdicts)

    def text(self) -> str:
        """The table, the demands, and how to do it again."""
        rows = [_HEAD, *(self._row(record) for record in self.records)]
        widths = [max(len(row[place]) for row in rows) for place in range(len(_HEAD) - 1)]
        lines = [f"chaos, seed {self.seed}, {self.minutes} minutes", ""]
        lines += [_laid_out(row, widths) for row in rows]
        again = f"again: ./run inv chaos --minutes {self.minutes} --seed {self.seed}"
        lines += ["", *self._end(), "", again]
        return "\n".join(lines)

    def data(self) -> dict[str, Any]:
        """The same for programs."""
        faults = [
            {
                "fault": record.fault.name, "kind": record.fault.kind,
                "hosts": list(record.fault.hosts), "planned_at": record.fault.at,
                "planned_for": record.fault.lasts, "began": _rounded(record.began),
                "ended": _rounded(record.ended), "took": record.took, "gone": record.gone,
                "note": record.note, "seen": self._seen(record),
            }
            for record in self.records
        ]  # fmt: skip
        return {
            "seed": self.seed, "minutes": self.minutes, "good": self.good,
            "settled_after": _rounded(self.settled), "faults": faults,
            "demands": [asdict(verdict) for verdict in self.verdicts],
            "events": [asdict(event) for event in self.events],
        }  # fmt: skip

    def _row(self, record: Record) -> tuple[str, ...]:
        if record.began is None:
            return (minutes(record.fault.at), "-", record.fault.name, record.note)
        lasted = "-" if record.ended is None else minutes(record.ended - record.began)
        seen = "; ".join(part for part in (self._seen(record), record.note) if part)
        return minutes(record.began), lasted, record.fault.name, seen

    def _seen(self, record: Record) -> str:
        """What was seen from a fault's begin to that of the next one after it."""
        if record.began is None:
            return ""
        over = self.ended if record.ended is None else record.ended
        later = [one.began for one in self.records if one.began is not None and one.began >= over]
        return summary(self.events, record.began, min(later, default=self.ended))

    def _end(self) -> list[str]:
        if not self.verdicts:
            left = [
                one.fault.name for one in self.records if one.began is not None and not one.gone
            ]
            undone = f"NOT UNDONE: {', '.join(left)}" if left else "the faults are undone"
            return [f"cut off: nothing was judged; {undone}"]
        after = ("not within its time" if self.settled is None
                 else f"{self.settled:.0f} s after the last command")  # fmt: skip
        return [f"all is there again: {after}"] + [
            f"{'ok    ' if one.holds else 'FAILED'}  {one.demand}: {one.said or 'none'}"
            for one in self.verdicts
        ]


def _laid_out(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
    return "  ".join([*cells, row[-1]]).rstrip()


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
