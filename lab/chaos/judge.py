"""Whether a chaos run came out well: plain facts in, one verdict a demand out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .client import Image
from .driver import Record
from .events import counted
from .operating import Ran
from .witness import Seen

_LEAST_SAMPLES = 0.2
"""Looks a second at the NFS server, below which it counts as not looked at."""


@dataclass(frozen=True)
class Facts:
    """All that is judged.

    Attributes:
        seconds: How long the faults went on.
        records: The faults and what became of them.
        broken: Names and failures of loops that broke.
        acknowledged: The images that were acknowledged.
        lost: Those of them that are not to be had.
        seen: What the NFS server told.
        containers: Nexus' containers that run in the end, by host.
        locks: Lines about locks, by host.
        left: Temporary files and the like, by host.
        ran: All commands of the operator's.
        ups: The runs of `fab up` after the faults.
        backups: The runs of `fab backup` after them.
        plan: The last `fab plan --check`.
    """

    seconds: float
    records: Sequence[Record]
    broken: dict[str, str]
    acknowledged: Sequence[Image]
    lost: Sequence[Image]
    seen: Seen
    containers: dict[str, list[str]]
    locks: dict[str, list[str]]
    left: dict[str, list[str]]
    ran: Sequence[Ran]
    ups: Sequence[Ran]
    backups: Sequence[Ran]
    plan: Ran


@dataclass(frozen=True)
class Verdict:
    """One demand, and whether it holds.

    Attributes:
        demand: What is to be so.
        holds: Whether it is.
        said: The numbers, or what is wrong.
    """

    demand: str
    holds: bool
    said: str


def judged(facts: Facts) -> list[Verdict]:
    """Hold the facts against all demands."""
    return [
        _faults(facts),
        _verdict("client, operator and watcher went on",
                 [f"{name}: {why}" for name, why in facts.broken.items() if why]),
        _operated(facts),
        _up("up", facts.ups),
        _up("backup", facts.backups),
        _pulls(facts),
        _one_nexus(facts),
        _verdict("no lock is left", _lines(facts.locks)),
        _verdict("no temporary files are left", _lines(facts.left)),
        Verdict("the plan is empty", facts.plan.code == 0, f"plan --check → {facts.plan.code}"),
    ]  # fmt: skip


def _verdict(demand: str, wrong: Sequence[str], said: str = "") -> Verdict:
    return Verdict(demand, not wrong, "; ".join(wrong) or said)


def _faults(facts: Facts) -> Verdict:
    there = [record for record in facts.records if record.began is not None]
    wrong = [f"{record.fault.name} is still there: {record.note}"
             for record in there if not record.gone]  # fmt: skip
    wrong += [f"{record.fault.name} did not come about: {record.note}".rstrip(": ")
              for record in there if record.gone and not record.took]  # fmt: skip
    if not there:
        wrong.append("there was none")
    return _verdict("every fault came about and is undone", wrong, f"{len(there)} of them")


def _operated(facts: Facts) -> Verdict:
    wrong = [said for ran in facts.ran if (said := ran.wrong())]
    ends = counted(f"{ran.name} → {ran.code}" for ran in facts.ran)
    if not facts.ran:
        wrong.append("nothing was run")
    return _verdict("the operator's commands end as documented", counted(wrong), ", ".join(ends))


def _up(name: str, tries: Sequence[Ran]) -> Verdict:
    codes = ", ".join(str(ran.code) for ran in tries)
    done = bool(tries) and tries[-1].code == 0
    return Verdict(f"fab {name} comes through afterwards", done,
                   f"{len(tries)} of 3 tries, exit codes {codes}")  # fmt: skip


def _pulls(facts: Facts) -> Verdict:
    wrong = [f"{one.tag} {one.digest} of {one.at:.0f} s" for one in facts.lost]
    if not facts.acknowledged:
        wrong.append("none was acknowledged, so nothing is proven")
    return _verdict("every acknowledged push pulls", wrong, f"{len(facts.acknowledged)} of them")


def _one_nexus(facts: Facts) -> Verdict:
    wrong = []
    if facts.seen.most > 1:
        wrong.append(f"{facts.seen.most} nodes held its lock at one moment")
    if not facts.seen.holders:
        wrong.append("nobody was ever seen with its lock")
    if facts.seen.samples < facts.seconds * _LEAST_SAMPLES:
        wrong.append(f"the NFS server was looked at only {facts.seen.samples} times")
    running = sum(map(len, facts.containers.values()))
    if running != 1:
        wrong.append(f"{running} containers run in the end")
    said = f"{facts.seen.samples} looks at the NFS server"
    return _verdict("never two of Nexus have its data", wrong, said)


def _lines(by_host: dict[str, list[str]]) -> list[str]:
    return [f"{host}: {line}" for host, lines in by_host.items() for line in lines]
