"""The rows of a whole site that is unchanged."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from bench.converge import ansible
from bench.converge.sides import moorage as export
from bench.converge.whole import sides
from bench.converge.whole.site import whole
from bench.environment import WORK
from bench.hosts.stage import staged
from bench.nexus.server import served
from bench.pairs import compare
from bench.results import Row
from bench.scope import Scope

GROUP = "whole site, unchanged"
_PEERS = ((sides.ansible_default, 8), (sides.ansible_tuned, 7), (sides.pyinfra, 3))
"""The least ratios are those of one unchanged host."""
_ROUNDS = 3


def rows(scope: Scope) -> Iterator[list[Row]]:
    """Measure it; a quick run leaves it out.

    Raises:
        BenchError: a side did not look at everything, or found something changed.
    """
    if scope.quick or not scope.has(GROUP):
        return
    with (
        staged(WORK / "whole", 3) as stage,
        served(WORK / "whole" / "nexus", delay_ms=0) as server,
        contextlib.ExitStack() as stack,
    ):
        stack.callback(ansible.clean_up, stage)
        site = whole(stage, server)
        # done once, so that "unchanged" is so
        export(site.stage).run()
        made = [(maker(site), target) for maker, target in _PEERS]
        targets = {side.name: target for side, target in made}
        seen = compare(sides.moorage(site), [side for side, _ in made], scope.pairs(_ROUNDS),
                       before=site.forget, check=site.check)  # fmt: skip
        yield [Row.of(GROUP, f"{GROUP}: {one.peer}", one, targets[one.peer]) for one in seen]
