"""Begins and ends the faults of a schedule in time, and ends them all whatever happens."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from ..errors import LabError
from .faults import Faults, Undone
from .machines import Clock, in_short
from .schedule import Fault, fits

_LATE_SECONDS = 30.0
"""How much later than the run's end a fault may be over that was held up by those before it."""


@dataclass
class Record:
    """What became of one fault.

    Attributes:
        fault: Which.
        began: Seconds since the run began, or None where it was left out.
        ended: The same, when it was found gone.
        took: Whether it came about.
        gone: Whether nothing of it is left.
        note: What else there is to say.
    """

    fault: Fault
    began: float | None = None
    ended: float | None = None
    took: bool = False
    gone: bool = False
    note: str = ""


class Driver:
    """Carries a schedule out.

    Args:
        faults: Who makes and undoes them.
        clock: Time of the run.
        say: Takes lines for whoever watches.
    """

    def __init__(self, faults: Faults, clock: Clock, say: Callable[[str], None]) -> None:
        self._faults = faults
        self._clock = clock
        self._say = say
        self._standing: list[Record] = []
        self.records: list[Record] = []

    def run(self, faults: Sequence[Fault], seconds: float) -> None:
        """Begin and undo each at its time; those for which there is no time left are left out.

        Args:
            faults: The schedule.
            seconds: How long the run is.
        """
        pending = list(faults)
        try:
            while pending or self._standing:
                if pending and self._is_next(pending[0]):
                    self._begin(pending.pop(0), seconds)
                else:
                    record = min(self._standing, key=_due)
                    self._wait_until(_due(record))
                    self._undo(record)
            self._wait_until(seconds)
        finally:
            with undisturbed(self._say):
                for record in list(self._standing):
                    self._undo(record)

    def _is_next(self, fault: Fault) -> bool:
        """Whether a fault is to begin before another is to be undone."""
        there = [record.fault for record in self._standing]
        return fits(fault, there) and all(fault.at <= _due(one) for one in self._standing)

    def _begin(self, fault: Fault, seconds: float) -> None:
        self._wait_until(fault.at)
        record = Record(fault)
        self.records.append(record)
        if self._clock.now() + fault.lasts > seconds + _LATE_SECONDS:
            record.note = "left out: there was no time for it"
            self._say(f"{fault.name}: {record.note}")
            return
        record.began = self._clock.now()
        self._standing.append(record)
        self._say(f"{fault.name}, for {fault.lasts} s")
        try:
            self._faults.begin(fault)
        except LabError as failure:
            record.note = f"did not begin well: {in_short(failure)}"

    def _undo(self, record: Record) -> None:
        try:
            undone = self._faults.undo(record.fault)
        except Exception as failure:  # noqa: BLE001
            # the others are to be undone all the same
            undone = Undone(record.took, gone=False, note=repr(failure))
        record.took, record.gone = undone.took, undone.gone
        record.note = "; ".join(note for note in (record.note, undone.note) if note)
        record.ended = self._clock.now()
        self._standing.remove(record)
        self._say(f"{record.fault.name}: {'over' if record.gone else 'NOT UNDONE: ' + record.note}")

    def _wait_until(self, moment: float) -> None:
        self._clock.sleep(moment - self._clock.now())


def _due(record: Record) -> float:
    return (record.began or 0.0) + record.fault.lasts


@contextmanager
def undisturbed(say: Callable[[str], None]) -> Iterator[None]:
    """Let Ctrl-C and an end by SIGTERM wait for the block, which is short and bounded."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def told(_number: int, _frame: FrameType | None) -> None:
        say("faults are being undone: a moment more")

    former = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
