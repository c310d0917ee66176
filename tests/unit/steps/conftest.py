"""What the tests of steps share: the lab's site, what its hosts answered once, hosts that play."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from played_manager import LIMIT, PlayedManager

from moorage.config.inventory import load_site
from moorage.config.render import Templates
from moorage.quoting import Script
from moorage.steps.stack import converge
from moorage.steps.stack.converge import Wait
from moorage.transport.base import Result, sections

ROOT = Path(__file__).resolve().parents[3]


RECORDED = ROOT / "tests" / "recorded"


@pytest.fixture(scope="session")
def site():
    return load_site("lab", root=ROOT, environ={})


@pytest.fixture(scope="session")
def templates():
    return Templates(ROOT)


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], str]:
    """A recording by its path below tests/recorded."""
    return lambda name: (RECORDED / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def recorded_image(recorded) -> dict[str, Any]:
    """What Docker said of the image when the recordings were made."""
    found = sections(recorded("docker/20.10/image.txt"))
    return json.loads(found["image"].text)


@pytest.fixture(scope="session")
def image(recorded_image) -> str:
    """Its name and tag."""
    return recorded_image["RepoTags"][0]


@pytest.fixture(scope="session")
def image_digest(recorded_image) -> str:
    """Digest of the Dockerfile that it was built from."""
    return recorded_image["Config"]["Labels"]["moorage.dockerfile"]


class PlayedHost:
    """Answers every script with what ``answer`` says of it; remembers the scripts."""

    def __init__(self, name: str, answer: Callable[[Script], str]) -> None:
        self.name = name
        self.answer = answer
        self.asked: list[Script] = []
        self.fed: list[tuple[list[str], bytes]] = []

    def read(self, script: Script, *, timeout: float | None = None) -> str:
        self.asked.append(script)
        return self.answer(script)

    def change(self, script: Script, *, timeout: float | None = None) -> Result:
        return Result(0, self.read(script), "")

    def feed(self, argv, pieces) -> str:
        self.fed.append((list(argv), b"".join(pieces)))
        return ""

    def output(self, argv):
        self.asked.append(Script(" ".join(argv), ""))
        content = self.answer(self.asked[-1])

        class Output:
            def pieces(self):
                yield content.encode()

        return Output()

    def close(self) -> None:
        pass


class PlayedFleet:
    """Hosts that play, with the fleet's own way of working on several."""

    def __init__(self, *hosts: PlayedHost) -> None:
        self.hosts = {host.name: host for host in hosts}

    def host(self, name: str) -> PlayedHost:
        return self.hosts[name]

    def each(self, names, work):
        from moorage.errors import MoorageError

        results = {}
        for name in names:
            try:
                results[name] = work(self.hosts[name])
            except MoorageError as failure:
                results[name] = failure
        return results


@pytest.fixture
def played_host():
    return PlayedHost


@pytest.fixture
def played_fleet():
    return PlayedFleet


@pytest.fixture
def heard():
    """Collects what a step says of its progress."""
    lines: list[str] = []

    def progress(text: str) -> None:
        lines.append(text)

    progress.lines = lines
    return progress


@pytest.fixture
def nexus(tmp_path):
    """A fresh stand-in of Nexus in this process."""
    from played_nexus import PlayedNexus

    played = PlayedNexus(tmp_path / "nexus-data")
    yield played
    played.nexus.stop()


@pytest.fixture(scope="module")
def seeded_once(tmp_path_factory, wanted):
    """A stand-in that was seeded with what a module's own ``wanted`` says."""
    from played_nexus import PlayedNexus

    played = PlayedNexus(tmp_path_factory.mktemp("nexus-data"))
    played.plan_at_first = played.seed(wanted)
    yield played
    played.nexus.stop()


@pytest.fixture
def seeded(seeded_once):
    """The same for one test: what it does is undone after it."""
    with seeded_once.kept():
        yield seeded_once


@pytest.fixture
def waiting(monkeypatch):
    """A wait whose time passes with each look, a second at a time."""
    monkeypatch.setattr(converge, "parse", lambda output: output)

    def make(*states, **options):
        time = SimpleNamespace(now=0.0)

        def sleep(seconds):
            time.now += seconds

        wait = Wait(
            PlayedManager(states), "registry_nexus", options.pop("seconds", LIMIT),
            clock=lambda: time.now, sleep=sleep, **options,
        )  # fmt: skip
        wait.time = time
        return wait

    return make
