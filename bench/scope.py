"""How much of the bench is run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """What the command line asks for.

    Args:
        quick: the rows of one host, with the peers that a ratio is asked for, few pairs each.
        group: only groups whose name begins so.
        rounds: at most so many pairs a peer.
    """

    quick: bool = False
    group: str = ""
    rounds: int = 99

    def has(self, group: str) -> bool:
        """Whether a group is to be measured."""
        return group.startswith(self.group)

    def pairs(self, usual: int, quick: int = 1) -> int:
        """How many pairs, where ``usual`` are taken in a whole run."""
        return min(quick if self.quick else usual, self.rounds)
