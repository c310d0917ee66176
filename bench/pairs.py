"""Two sides timed against each other: in pairs, one right after the other, in turn first."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.side import Side


@dataclass(frozen=True)
class Compared:
    """What a comparison gave.

    Args:
        peer: the other side's name.
        ours: our measurements, in the order in which they were taken.
        theirs: the peer's, pair by pair.
    """

    peer: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def ratios(self) -> list[float]:
        """Peer / Moorage of each pair: higher is better."""
        return [there / here for here, there in zip(self.ours, self.theirs, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios."""
        return statistics.median(self.ratios)


def compare(
    ours: Side,
    peers: Sequence[Side],
    rounds: int,
    *,
    before: Callable[[], None] = lambda: None,
    check: Callable[[Side], None] = lambda _: None,
    warm_up: bool = True,
) -> list[Compared]:
    """Time our side against each peer.

    Each round takes every peer in turn, and our side anew with each: whatever else the machine
    does hits both halves of a pair alike. In every second round the peer goes first.

    Args:
        ours: Moorage's side.
        peers: the others.
        rounds: pairs for each peer.
        before: run before each run, outside of the time that counts.
        check: raises where a side has not done its work.
        warm_up: run each side once before, without counting it.

    Raises:
        BenchError: a side failed.
    """

    def once(side: Side) -> float:
        before()
        taken = side.run()
        check(side)
        return taken

    if warm_up:
        for side in (ours, *peers):
            once(side)
    times: dict[str, list[tuple[float, float]]] = {peer.name: [] for peer in peers}
    for turn in range(rounds):
        for peer in peers:
            if turn % 2:
                there = once(peer)
                here = once(ours)
            else:
                here = once(ours)
                there = once(peer)
            times[peer.name].append((here, there))
    return [
        Compared(name, tuple(here for here, _ in pairs), tuple(there for _, there in pairs))
        for name, pairs in times.items()
    ]
