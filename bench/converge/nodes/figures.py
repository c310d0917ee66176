"""The rows of many machines with Docker that are unchanged."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from bench.converge import ansible
from bench.converge.nodes import sides
from bench.converge.nodes.site import nodes
from bench.environment import WORK
from bench.hosts.stage import staged
from bench.pairs import compare
from bench.results import Row
from bench.scope import Scope

_HOSTS = 100
GROUP = f"nodes, unchanged, {_HOSTS} hosts"
_PEERS = ((sides.pyinfra, 2.5), (sides.ssh, None))
_SLOW = ((sides.ansible_tuned, 25),)
"""A run of it takes a minute: once is enough."""
_ROUNDS = 5


def rows(scope: Scope) -> Iterator[list[Row]]:
    """Measure them; a quick run leaves them out.

    Raises:
        BenchError: a side did not look at every machine, or found something changed.
    """
    if scope.quick or not scope.has(GROUP):
        return
    with staged(WORK / "nodes", _HOSTS) as stage, contextlib.ExitStack() as stack:
        stack.callback(ansible.clean_up, stage)
        site = nodes(stage)
        taken = []
        for peers, rounds in ((_PEERS, scope.pairs(_ROUNDS)), (_SLOW, 1)):
            made = [(maker(site), target) for maker, target in peers]
            targets = {side.name: target for side, target in made}
            seen = compare(
                sides.moorage(site), [side for side, _ in made], rounds,
                before=site.forget, check=site.check, warm_up=peers is _PEERS,
            )  # fmt: skip
            taken += [Row.of(GROUP, f"{GROUP}: {one.peer}", one, targets[one.peer]) for one in seen]
        yield taken
