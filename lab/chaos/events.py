"""What was seen during a chaos run, by whom and when; several threads tell it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .machines import Clock

PUSH, PULL, ANSWER = "push", "pull", "answer"


@dataclass(frozen=True)
class Event:
    """One thing that was tried and how it ended.

    Attributes:
        at: Seconds since the run began, when it had ended.
        what: PUSH, PULL, ANSWER (of Nexus), or the operator's command.
        good: Whether it did what it was to do.
        said: Its exit code, or why it failed, in a few words.
    """

    at: float
    what: str
    good: bool
    said: str = ""


class Events:
    """All events so far.

    Args:
        clock: When they are.
        log: File for every word of it, or None.
    """

    def __init__(self, clock: Clock, log: Path | None = None) -> None:
        self._clock = clock
        self._log = log
        self._all: list[Event] = []
        self._guard = threading.Lock()

    def add(self, what: str, good: bool, said: str = "", text: str = "") -> None:
        """Tell of something that has just ended.

        Args:
            what: What it was.
            good: Whether it went well.
            said: In a few words.
            text: All that was printed, for the log.
        """
        event = Event(self._clock.now(), what, good, said)
        with self._guard:
            self._all.append(event)
        if what != ANSWER or not good:
            self.note(f"{what}: {'ok' if good else 'failed'} {said}", text)

    def note(self, line: str, text: str = "") -> None:
        """Write a line into the log alone, with what was printed below it."""
        if self._log is None:
            return
        below = "".join(f"    {one}\n" for one in text.strip().splitlines())
        with self._guard, self._log.open("a", encoding="utf-8") as log:
            log.write(f"{minutes(self._clock.now())} {line.strip()}\n{below}")

    def all(self) -> list[Event]:
        """The events so far, in the order in which they ended."""
        with self._guard:
            return list(self._all)


def minutes(seconds: float) -> str:
    """Seconds as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def summary(events: Sequence[Event], since: float, until: float) -> str:
    """What was seen between two moments, in one line."""
    within = [event for event in events if since <= event.at < until]
    away = _away([event for event in within if event.what == ANSWER], until)
    parts = [f"Nexus away {away:.0f} s"] if away else []
    for what, plural in ((PUSH, "pushes"), (PULL, "pulls")):
        tried = [event for event in within if event.what == what]
        if tried:
            parts.append(f"{plural} {sum(event.good for event in tried)}/{len(tried)}")
    told = {PUSH, PULL, ANSWER}
    parts += counted(f"{event.what} → {event.said}" for event in within if event.what not in told)
    return ", ".join(parts) or "nothing"


def counted(words: Iterable[str]) -> list[str]:
    """Each word once, with how often it came where that is more than once."""
    return [
        word if often == 1 else f"{word} ({often} times)" for word, often in Counter(words).items()
    ]


def _away(answers: Sequence[Event], until: float) -> float:
    """Seconds from answers that did not come to the next ones."""
    ends = [*(event.at for event in answers[1:]), until]
    return sum(end - event.at for event, end in zip(answers, ends, strict=False) if not event.good)
