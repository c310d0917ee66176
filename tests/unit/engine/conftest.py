"""What the tests of the engine share: a site of shells, and what a run on it is made of."""

from __future__ import annotations

import io

import pytest
from lock_seen import ALICE
from played_site import HOME, FileStep, ShellFleet, ShellHost

from moorage.choice import awaited
from moorage.gather import Gatherer
from moorage.identity import Identity
from moorage.lock import Lock
from moorage.planning import Work
from moorage.report.text import Report


@pytest.fixture
def out():
    return io.StringIO()


@pytest.fixture
def report(out):
    return Report(out, live=False)


@pytest.fixture
def hosts(tmp_path):
    """Two hosts."""
    made = []
    for name in ("nas", "boss"):
        (tmp_path / name).mkdir()
        made.append(ShellHost(name, tmp_path / name))
    return ShellFleet(*made)


@pytest.fixture
def work(hosts, report):
    """What a run is made of, for some steps."""

    def make(*steps, confirm=lambda _question: None, me=None, needs=None, known_after=None,
             wait_seconds=0.0) -> Work:  # fmt: skip
        me = me or Identity("alice@laptop", 1, "here")
        locked = ("nas", "boss")

        def where(host):
            return host if host in locked else "boss"

        def lock(outcomes):
            touched = {where(change.host) for outcome in outcomes if outcome.plan
                       for change in outcome.plan.changes}  # fmt: skip
            touched |= {"boss"} if awaited(outcomes) else set()
            names = [name for name in hosts.hosts if name in touched]
            return Lock(hosts, HOME, names, "step played", me=me)

        return Work(
            steps=steps,
            needs=needs or {},
            known_after=known_after or {},
            gatherer=Gatherer(hosts, HOME, locked, report.progress_of),
            report=report,
            confirm=confirm,
            lock=lock,
            where=where,
            wait_seconds=wait_seconds,
        )

    return make


@pytest.fixture
def file_step(hosts):
    def make(wanted, name="files", **options):
        return FileStep(hosts, wanted, name, **options)

    return make


@pytest.fixture
def nas(hosts):
    return hosts.host("nas")


@pytest.fixture
def lock(hosts):
    def make(me=ALICE, doing="step stack"):
        return Lock(hosts, HOME, ["nas"], doing, me=me)

    return make


@pytest.fixture
def take(hosts):
    """Take a lock as a run does."""
    gatherer = Gatherer(hosts, HOME, ["nas"], lambda _step: lambda _text: None)

    def work(lock):
        gatherer.look([], lock)
        return lock

    return work
