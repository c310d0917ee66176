"""One hundred repositories: made, and recognised as unchanged, with 20 ms to the server."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.environment import WORK
from bench.errors import BenchError
from bench.hosts.stage import ROOT, Stage, free_port, staged
from bench.nexus.server import DELAY_MS, USER, Server, served
from bench.pairs import Compared
from bench.results import Row
from bench.scope import Scope
from bench.side import MOORAGE, Side

COUNT = 100
GROUP = f"Nexus, {COUNT} repositories, {DELAY_MS:g} ms of delay"
_MOST_REQUESTS = 4
_LEAST_RATIO = 0.77
"""1 / 1.3: no more than 1.3 times the time of the bare requests."""
_THREADS = (1, 4, 8, 16, 32)
_SITE = """\
schema: 1
hosts:
  nfs: {{nas: {{address: {host}}}}}
  managers: {{swarm1: {{address: {host}}}}}
ssh: {{user: root, port: {ssh}, key: {key}, config: {ssh_config}, known_hosts: [{known_hosts}]}}
nexus:
  version: 3.94.0
  domain: localhost
  admin_password: env:BENCH_PASSWORD
  accept_eula: true
registry:
  domain: registry.bench.example
  repositories:
{repositories}
storage: {{export: /srv/nexus}}
ingress: {{version: "3.7", tls: null, port: {port}}}
"""


def rows(scope: Scope) -> Iterator[list[Row]]:
    """Measure making and recognising.

    Raises:
        BenchError: a side did not make all repositories.
    """
    if not scope.has(GROUP):
        return
    folder = WORK / "nexus"
    # the manager's lock is taken over SSH, like at a real site
    with staged(WORK / "nexus-manager", 1) as stage, served(folder / "data") as server:
        ours = _moorage(folder, server, stage)
        ours.run()
        bodies = folder / "bodies.json"
        bodies.write_text(json.dumps(server.settings()))
        best = min((_bare(server, bodies, threads) for threads in _THREADS),
                   key=lambda side: _made(server, side)[0])  # fmt: skip
        yield _making(server, ours, best, scope.pairs(5))
        yield [_recognising(server, ours)]


def _making(server: Server, ours: Side, bare: Side, rounds: int) -> list[Row]:
    whole: list[tuple[float, float]] = []
    spans: list[tuple[float, float]] = []
    for turn in range(rounds):
        sides = (bare, ours) if turn % 2 else (ours, bare)
        seen = {side.name: _made(server, side) for side in sides}
        whole.append((seen[ours.name][1], seen[bare.name][1]))
        spans.append((seen[ours.name][0], seen[bare.name][0]))
    return [
        Row.of(GROUP, f"{GROUP}: {bare.name}, first answer to last", _compared(bare, spans),
               _LEAST_RATIO),
        Row.of(GROUP, f"{GROUP}: {bare.name}, whole process", _compared(bare, whole), None),
    ]  # fmt: skip


def _compared(peer: Side, pairs: list[tuple[float, float]]) -> Compared:
    return Compared(peer.name, tuple(here for here, _ in pairs), tuple(there for _, there in pairs))


def _made(server: Server, side: Side) -> tuple[float, float]:
    """Let a side make all repositories; the seconds of the creations, and of its process."""
    server.empty()
    server.forget()
    taken = side.run()
    if len(server.posts()) != COUNT or len(server.settings()) != COUNT:
        raise BenchError(f"{side.name} made {len(server.posts())} repositories, wanted {COUNT}")
    return server.span(), taken


def _recognising(server: Server, ours: Side) -> Row:
    """Requests about repositories on a server that is as the inventory asks."""
    server.forget()
    ours.run()
    count = server.for_repositories()
    if any(request.method != "GET" for request in server.asked):
        raise BenchError("an unchanged server was sent something else than GETs")
    seen = Compared("", (float(count),), (float(_MOST_REQUESTS),))
    figure = f"{GROUP}: at most {_MOST_REQUESTS} requests about them where nothing differs"
    return Row.of(GROUP, figure, seen, 1, "requests")


def _moorage(folder: Path, server: Server, stage: Stage) -> Side:
    inventory = folder / "site.yml"
    hosted = "".join(f"    team-{number:03}: {{type: hosted}}\n" for number in range(COUNT - 2))
    inventory.write_text(_SITE.format(
        host=stage.addresses[0], ssh=stage.port, key=stage.login.key, port=server.port,
        ssh_config=stage.login.ssh_config, known_hosts=stage.login.known_hosts, repositories=(
        f"    docker-private: {{type: hosted, port: {free_port()}}}\n{hosted}"
        f"    docker-all: {{type: group, port: {free_port()}, members: [docker-private]}}"
    )))  # fmt: skip
    argv = [*MOORAGE, "--search-root", str(ROOT),
            "nexus-seed", "--yes", "--inventory", str(inventory)]  # fmt: skip
    return Side("Moorage", argv, {"BENCH_PASSWORD": USER[1]},
                says=r"nexus: (no changes|\d+ changes made and verified)")  # fmt: skip


def _bare(server: Server, bodies: Path, threads: int) -> Side:
    argv = [sys.executable, "-m", "bench.nexus.bare", server.url, str(bodies), str(threads)]
    return Side("bare requests at their best", argv, {"BENCH_PASSWORD": USER[1]}, cwd=ROOT,
                says=f"{COUNT} made")  # fmt: skip
