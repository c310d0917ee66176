"""The figures of converging: what is compared, how often, and the least ratio asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bench.converge import ansible, sides
from bench.environment import WORK
from bench.errors import BenchError
from bench.hosts.stage import Stage, staged
from bench.pairs import compare
from bench.results import Row
from bench.side import Side

_MEMORY = "peak memory, unchanged, 100 hosts"
_SCRATCH = WORK / "scratch"
Maker = Callable[[Stage], Side]


def _warm(stage: Stage) -> Side:
    return ansible.tuned(stage, warm=True)


def _curve(stage: Stage) -> Side:
    return sides.ssh(stage, curve=True)


@dataclass(frozen=True)
class Figure:
    """One group of rows: a state of the hosts, a way to them, and the peers.

    Args:
        group: heading.
        hosts: how many.
        delay_ms: round trip time.
        first: from nothing, instead of unchanged.
        peers: makers of the peers' sides, with the least ratio asked for.
        rounds: pairs for each peer; and in a quick run.
    """

    group: str
    hosts: int
    delay_ms: float
    first: bool
    peers: tuple[tuple[Maker, float | None], ...]
    rounds: int
    quick_rounds: int = 0
    slow: tuple[tuple[Maker, float | None], ...] = field(default=())
    """Peers that take a minute a run: once is enough."""


_MANY: tuple[tuple[Maker, float | None], ...] = (
    (sides.pyinfra, None), (sides.ssh, None), (_curve, None), (sides.prototype, None),
)  # fmt: skip
FIGURES = (
    Figure("unchanged, 1 host", 1, 0, False, (
        (ansible.default, 8), (ansible.tuned, 7), (_warm, None), (sides.pyinfra, 3),
        (sides.plain_fabric, 1.6), (sides.ssh, 0.77), (_curve, None), (sides.prototype, None),
    ), rounds=9, quick_rounds=2),
    Figure("from nothing, 1 host", 1, 0, True, (
        (ansible.default, 9), (ansible.tuned, None), (sides.pyinfra, 4),
        (sides.plain_fabric, None), (sides.ssh, None), (_curve, None),
    ), rounds=7, quick_rounds=1),
    Figure("unchanged, 1 host, 20 ms of delay", 1, 20, False, (
        (ansible.default, 9), (ansible.tuned, None), (sides.pyinfra, 3),
        (sides.plain_fabric, None), (sides.ssh, None), (_curve, None), (sides.prototype, None),
    ), rounds=7, quick_rounds=1),
    Figure("from nothing, 1 host, 20 ms of delay", 1, 20, True, (
        (ansible.default, None), (ansible.tuned, None), (sides.pyinfra, None),
        (_curve, None),
    ), rounds=5),
    Figure("unchanged, 10 hosts", 10, 0, False, _MANY, rounds=5,
           slow=((ansible.tuned, None),)),
    Figure("unchanged, 50 hosts", 50, 0, False, _MANY, rounds=5,
           slow=((ansible.tuned, None),)),
    Figure("unchanged, 100 hosts", 100, 0, False, (
        (sides.pyinfra, 2.5), (_curve, None), (sides.prototype, 0.77),
    ), rounds=5, slow=((ansible.tuned, 25),)),
    Figure("unchanged, 100 hosts, 20 ms of delay", 100, 20, False, (
        (sides.pyinfra, None), (_curve, None), (sides.prototype, None),
    ), rounds=3),
)  # fmt: skip


def rows(*, quick: bool, group: str = "") -> Iterator[list[Row]]:
    """Measure all figures, group by group.

    Args:
        quick: the rows of one host, few rounds each.
        group: only groups whose name begins so.

    Raises:
        BenchError: a side did not do its work.
    """
    for figure in FIGURES:
        rounds = figure.quick_rounds if quick else figure.rounds
        if rounds and figure.group.startswith(group):
            yield _measured(figure, rounds)
    if not quick and _MEMORY.startswith(group):
        yield [_memory()]


def _measured(figure: Figure, rounds: int) -> list[Row]:
    taken = []
    with staged(_SCRATCH, figure.hosts, figure.delay_ms) as stage:
        ours = sides.moorage(stage) if figure.hosts == 1 else sides.moorage_many(stage)
        # the work item is done once, so that "unchanged" is so, and its files are compiled
        sides.moorage(stage).run()

        def before() -> None:
            if figure.first:
                stage.hosts.reset()

        def check(side: Side) -> None:
            problem = sides.converged(stage)
            if problem:
                raise BenchError(f"{side.name} ended well, but: {problem}")

        for peers, count in ((figure.peers, rounds), (figure.slow, 1)):
            made = [maker(stage) for maker, _ in peers]
            targets = {side.name: target for side, (_, target) in zip(made, peers, strict=True)}
            warm = peers is not figure.slow
            for seen in compare(ours, made, count, before=before, check=check, warm_up=warm):
                name = f"{figure.group}: {seen.peer}"
                taken.append(Row.of(figure.group, name, seen, targets[seen.peer]))
    return taken


def _memory() -> Row:
    """Peak memory at 100 hosts, pyinfra's against ours."""
    from bench.pairs import Compared

    with staged(_SCRATCH, 100) as stage:
        sides.moorage(stage).run()
        ours, peer = sides.moorage_many(stage), sides.pyinfra(stage)
        seen = Compared(peer.name, (ours.peak(),), (peer.peak(),))
    return Row.of(_MEMORY, f"{_MEMORY}: {peer.name}", seen, 0.8, "MiB")
