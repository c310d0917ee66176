"""How long each program takes until it does anything at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from bench.environment import program
from bench.hosts.stage import ROOT
from bench.pairs import compare
from bench.results import Row
from bench.scope import Scope
from bench.side import AS_RUN, MOORAGE, Side

HERE = Path(__file__).resolve().parent
_OURS = Path(sys.executable).parent
GROUP = "start-up"


def rows(scope: Scope) -> Iterator[list[Row]]:
    """Measure ``fab -l`` and ``inv -l`` beside the least that comparable programs do.

    Raises:
        BenchError: a program failed.
    """
    if not scope.has(GROUP):
        return
    rounds = scope.pairs(11, quick=2)
    argv = [*MOORAGE, "--search-root", str(ROOT), "-l"]
    listed = Side("fab -l", argv, says="nfs-setup")
    # with nothing to list it ends with 1
    argv = [str(_OURS / "fab"), *AS_RUN, "--search-root", str(HERE / "empty"), "-l"]
    empty = Side("fab -l of an empty fabfile", argv, codes=(0, 1))
    python = Side("python -c pass", [sys.executable, "-c", "pass"])
    ansible = Side("ansible --version", [program("ansible"), "--version"])
    pyinfra = Side("pyinfra --version", [program("pyinfra"), "--version"])
    yield _rows(listed, [(empty, 0.87), (ansible, None), (pyinfra, None), (python, None)], rounds)
    argv = [str(_OURS / "inv"), *AS_RUN, "--search-root", str(ROOT), "-l"]
    inv = Side("inv -l", argv, says="render")
    yield _rows(inv, [(ansible, None), (pyinfra, None), (python, None)], rounds)
    run = Side("./run fab -l", [str(ROOT / "run"), "fab", "-l"], says="nfs-setup")
    yield _rows(run, [(listed, None)], rounds)


def _rows(ours: Side, peers: list[tuple[Side, float | None]], rounds: int) -> list[Row]:
    targets = {side.name: target for side, target in peers}
    return [
        Row.of(GROUP, f"{GROUP}: {ours.name}: {seen.peer}", seen, targets[seen.peer])
        for seen in compare(ours, [side for side, _ in peers], rounds)
    ]
