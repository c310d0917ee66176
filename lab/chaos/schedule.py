"""Which faults a chaos run has, and when: a pure function of its seed and minutes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..errors import LabError

POWER, LINK, CUT_OFF, EXPORT = "power", "link", "cutoff", "export"
NEXUS, DOCKERD, SSHD, CLOCK = "nexus", "dockerd", "sshd", "clock"
KINDS = (POWER, LINK, CUT_OFF, EXPORT, NEXUS, DOCKERD, SSHD, CLOCK)
MILD = frozenset({EXPORT, CLOCK})
"""Kinds that leave everybody running, so that one of them may come beside another fault."""

NODES = ("manager", "worker")
ALL = ("nfs", *NODES)
LEAST_MINUTES, MOST_MINUTES = 2, 24 * 60
SHIFT_SECONDS = 3600

_FIRST = 20
_PAUSE = (25, 60)
_LASTS = {
    POWER: (5, 45),
    LINK: (10, 60),
    CUT_OFF: (10, 45),
    EXPORT: (20, 60),
    NEXUS: (1, 1),
    DOCKERD: (5, 40),
    SSHD: (10, 40),
    CLOCK: (20, 90),
}
_HIT: dict[str, tuple[tuple[str, ...], ...]] = {
    POWER: tuple((name,) for name in ALL),
    LINK: (("worker", "nfs"), ("worker", "manager"), ("manager", "nfs")),
    CUT_OFF: tuple((name,) for name in ALL),
    EXPORT: (("nfs",),),
    # wherever it runs
    NEXUS: (NODES,),
    DOCKERD: tuple((name,) for name in NODES),
    SSHD: tuple((name,) for name in ALL),
    CLOCK: tuple((name,) for name in ALL),
}
_ONE_IN = 3
"""One in so many faults that are not mild has a mild one beside it."""


@dataclass(frozen=True)
class Fault:
    """One thing that is broken for a while, and then put right.

    Attributes:
        kind: One of KINDS.
        hosts: The guests concerned.
        at: Seconds after the run's begin.
        lasts: Seconds until it is undone.
        shift: How far a clock is set wrong, in seconds; else 0.
    """

    kind: str
    hosts: tuple[str, ...]
    at: int
    lasts: int
    shift: int = 0

    @property
    def key(self) -> str:
        """What it is called in the guests: units, files."""
        return f"{self.kind}-{self.at}"

    @property
    def name(self) -> str:
        """What it is called in the report."""
        host = self.hosts[0]
        return {
            POWER: f"{host} switched off",
            LINK: f"link {'-'.join(self.hosts)} cut",
            CUT_OFF: f"{host} cut off",
            EXPORT: "export full",
            NEXUS: "Nexus killed",
            DOCKERD: f"dockerd on {host} killed",
            SSHD: f"sshd on {host} stopped",
            CLOCK: f"clock of {host} {self.shift / SHIFT_SECONDS:+.0f} h",
        }[self.kind]


def schedule(seed: int, minutes: int) -> tuple[Fault, ...]:
    """Draw the faults of a run, in the order in which they begin.

    Every kind comes once before any comes twice, but for those beside others. All are to be over
    within the minutes.

    Raises:
        LabError: There are too few or too many minutes.
    """
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise LabError(f"{minutes} minutes: {LEAST_MINUTES} to {MOST_MINUTES} are possible")
    chance = random.Random(seed)
    found: list[Fault] = []
    at = _FIRST
    for kind in _kinds(chance):
        drawn = [_fault(chance, kind, at)]
        if kind not in MILD and not chance.randrange(_ONE_IN):
            drawn += _beside(chance, drawn[0])
        over = max(one.at + one.lasts for one in drawn)
        if over > minutes * 60:
            return tuple(sorted(found, key=lambda one: one.at))
        found += drawn
        at = over + chance.randint(*_PAUSE)
    raise AssertionError


def compatible(one: Fault, other: Fault) -> bool:
    """Whether two faults may be there at the same time: apart, and one of them mild at least."""
    mild = one.kind in MILD or other.kind in MILD
    return mild and not set(one.hosts) & set(other.hosts)


def fits(fault: Fault, standing: Sequence[Fault]) -> bool:
    """Whether a fault may begin beside those that are there."""
    return all(compatible(fault, one) for one in standing)


def _kinds(chance: random.Random) -> Iterator[str]:
    while True:
        yield from chance.sample(KINDS, len(KINDS))


def _fault(chance: random.Random, kind: str, at: int) -> Fault:
    hosts = chance.choice(_HIT[kind])
    shift = chance.choice((-SHIFT_SECONDS, SHIFT_SECONDS)) if kind == CLOCK else 0
    return Fault(kind, hosts, at, chance.randint(*_LASTS[kind]), shift)


def _beside(chance: random.Random, main: Fault) -> list[Fault]:
    """A mild fault that begins while another is there, where one is compatible."""
    at = main.at + chance.randint(0, main.lasts)
    kind = chance.choice(sorted(MILD))
    drawn = _fault(chance, kind, at)
    return [drawn] if compatible(drawn, main) else []
