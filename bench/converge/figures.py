"""The figures of converging: what is compared, how often, and the least ratio asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bench.converge import ansible, sides
from bench.converge.nodes import figures as nodes
from bench.converge.whole import figures as whole
from bench.environment import WORK
from bench.errors import BenchError
from bench.hosts.stage import Stage, staged
from bench.pairs import compare
from bench.results import Row
from bench.scope import Scope
from bench.side import Side

MEMORY = "peak memory, unchanged, 100 hosts"
_SCRATCH = WORK / "scratch"
Maker = Callable[[Stage], Side]
Peers = tuple[tuple[Maker, float | None], ...]


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
        peers: makers of the peers' sides, with the least ratio asked for.
        rounds: pairs for each peer.
        first: from nothing, instead of unchanged.
        quick: whether a quick run has it, with the peers that a ratio is asked for, few pairs each.
    """

    group: str
    hosts: int
    delay_ms: float
    peers: Peers
    rounds: int
    first: bool = False
    quick: bool = False
    slow: Peers = field(default=())
    """Peers that take a minute a run: once is enough."""


_MANY: Peers = (
    (sides.pyinfra, None), (sides.ssh, None), (_curve, None), (sides.prototype, None),
)  # fmt: skip
FIGURES = (
    Figure("unchanged, 1 host", 1, 0, (
        (ansible.default, 8), (ansible.tuned, 7), (_warm, None), (sides.pyinfra, 3),
        (sides.plain_fabric, 1.6), (sides.ssh, 0.77), (_curve, None), (sides.prototype, None),
    ), rounds=7, quick=True),
    Figure("from nothing, 1 host", 1, 0, (
        (ansible.default, 9), (ansible.tuned, None), (sides.pyinfra, 4),
        (sides.plain_fabric, None), (sides.ssh, None), (_curve, None),
    ), rounds=5, quick=True, first=True),
    Figure("unchanged, 1 host, 20 ms of delay", 1, 20, (
        (ansible.default, 9), (ansible.tuned, None), (sides.pyinfra, 3),
        (sides.plain_fabric, None), (sides.ssh, None), (_curve, None), (sides.prototype, None),
    ), rounds=7, quick=True),
    Figure("from nothing, 1 host, 20 ms of delay", 1, 20, (
        (ansible.default, None), (ansible.tuned, None), (sides.pyinfra, None),
        (_curve, None),
    ), rounds=3, first=True),
    Figure("unchanged, 10 hosts", 10, 0, _MANY, rounds=3,
           slow=((ansible.tuned, None),)),
    Figure("unchanged, 50 hosts", 50, 0, _MANY, rounds=3,
           slow=((ansible.tuned, None),)),
    Figure("unchanged, 100 hosts", 100, 0, (
        (sides.pyinfra, 2.5), (_curve, None), (sides.prototype, 0.77),
    ), rounds=5, slow=((ansible.tuned, 25),)),
    Figure("unchanged, 100 hosts, 20 ms of delay", 100, 20, (
        (sides.pyinfra, None), (_curve, None), (sides.prototype, None),
    ), rounds=3),
)  # fmt: skip


def rows(scope: Scope) -> Iterator[list[Row]]:
    """Measure all figures, group by group.

    Raises:
        BenchError: a side did not do its work.
    """
    for figure in FIGURES:
        if (figure.quick or not scope.quick) and scope.has(figure.group):
            yield _measured(figure, scope)
    if not scope.quick and scope.has(MEMORY):
        yield [_memory()]
    yield from nodes.rows(scope)
    yield from whole.rows(scope)


def _turns(figure: Figure, scope: Scope) -> list[tuple[Peers, int]]:
    """Peers with the number of their pairs."""
    if not scope.quick:
        return [(figure.peers, scope.pairs(figure.rounds)), (figure.slow, 1)]
    asked = [(maker, target) for maker, target in figure.peers if target is not None]
    slow = {ansible.default, ansible.tuned}
    return [
        (tuple(pair for pair in asked if pair[0] not in slow), scope.pairs(0, quick=2)),
        (tuple(pair for pair in asked if pair[0] in slow), 1),
    ]


def _measured(figure: Figure, scope: Scope) -> list[Row]:
    taken = []
    with staged(_SCRATCH, figure.hosts, figure.delay_ms) as stage, contextlib.ExitStack() as stack:
        stack.callback(ansible.clean_up, stage)
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

        for peers, rounds in _turns(figure, scope):
            made = [maker(stage) for maker, _ in peers]
            targets = {side.name: target for side, (_, target) in zip(made, peers, strict=True)}
            warm_up = not scope.quick and peers is figure.peers
            for seen in compare(ours, made, rounds, before=before, check=check, warm_up=warm_up):
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
    return Row.of(MEMORY, f"{MEMORY}: {peer.name}", seen, 0.8, "MiB")
