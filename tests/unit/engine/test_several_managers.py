"""Two operators through two managers of one Swarm: one of them changes it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from lock_seen import ALICE, BOB, found
from played_site import HOME, FileStep, ShellFleet, ShellHost

from moorage.apply import LOCKING
from moorage.errors import Locked, Refused, Unfinished, Unreachable
from moorage.gather import Gatherer
from moorage.lock import Lock
from moorage.order_locks import lock_of
from moorage.runner import run


@pytest.fixture
def hosts(tmp_path):
    made = []
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        made.append(ShellHost(name, tmp_path / name))
    return ShellFleet(*made)


@pytest.fixture
def through(work, hosts, report):
    """Change a file on one manager, by whom."""
    site = SimpleNamespace(
        named_hosts=lambda: hosts.hosts, hosts=SimpleNamespace(managers=list(hosts.hosts))
    )

    def make(manager, me=ALICE, name="files", also=(), **options):
        step = FileStep(hosts, {host: {"a": me.who} for host in (manager, *also)}, name)

        def lock(outcomes):
            return replace(lock_of(outcomes, site, hosts, HOME, manager), me=me)

        gatherer = Gatherer(hosts, HOME, list(hosts.hosts), report.progress_of)
        made = replace(work(step, **options), lock=lock, gatherer=gatherer, where=lambda host: host)
        return run(made, dry_run=False)

    return make


def test_all_managers_are_locked_while_one_is_worked_through(through, hosts):
    seen = []
    hosts.host("one").before = lambda script: (
        seen.append({name: found(host) is not None for name, host in hosts.hosts.items()
                     if name != "one"}) if script.summary == "write a" else None)  # fmt: skip

    (outcome,) = through("one")

    assert outcome.failure is None
    assert seen == [{"two": True, "three": True}]
    assert [found(host) for host in hosts.hosts.values()] == [None] * 3


def test_who_works_through_another_one_is_told_who_has_it(through, hosts):
    held = Lock(hosts, HOME, ["three"], "step stack", me=BOB)
    hosts.host("three").change(held.probe("three").script())

    with pytest.raises(Locked, match="locked by bob@desk") as caught:
        through("one")

    assert caught.value.host == "three"
    assert not (hosts.host("one").root / "a").exists()
    assert [found(hosts.host(name)) for name in ("one", "two")] == [None, None]


def test_a_manager_that_is_away_is_told_of_once_and_stops_nobody(through, hosts, out):
    def away():
        raise Unreachable("no SSH connection", host="two")

    hosts.host("two").open = away

    (outcome,) = through("one")

    assert outcome.failure is None
    assert out.getvalue().count("note: two is not locked: no SSH connection") == 1


def test_the_one_worked_through_has_to_answer(through, hosts):
    def away():
        raise Unreachable("no SSH connection", host="one")

    hosts.host("one").open = away

    with pytest.raises(Unreachable):
        through("one")


@pytest.mark.parametrize(
    ("file", "what"),
    [("upgrade.json", "an upgrade"), ("stopped.hold", "an exchange of data"),
     ("stopped", "a standstill"), ("stopped.guard", "a standstill"), ("guard", "a standstill")],
)  # fmt: skip
@pytest.mark.parametrize("also", [(), ("two",)], ids=["alone", "with the other one"])
def test_what_is_begun_through_one_is_gone_on_with_through_it(through, hosts, file, what, also):
    folder = hosts.host("two").root / "moorage/played"
    folder.mkdir(parents=True)
    (folder / file).write_text("{}")

    with pytest.raises(Refused, match=what) as caught:
        through("one", also=also)
    assert (caught.value.host, caught.value.hint) == ("two", "go on through it: -H two")
    assert caught.value.step == LOCKING
    assert not (hosts.host("one").root / "a").exists()

    (outcome,) = through("two")
    assert outcome.failure is None
    assert [found(host) for host in hosts.hosts.values()] == [None] * 3


@pytest.mark.parametrize("name", ["one", "two"])
def test_one_machine_by_two_names_is_one_manager(through, hosts, name):
    """With what is noted there."""
    two = hosts.host("two")
    two.root = hosts.host("one").root
    _noted(two)

    (outcome,) = through(name)

    assert outcome.failure is None
    assert found(two) is None


def _noted(host):
    folder = host.root / "moorage/played"
    folder.mkdir(parents=True)
    (folder / "upgrade.json").write_text("{}")


def test_another_manager_is_one_by_any_of_its_names(through, hosts):
    """The machine of two is a host that is changed too, and is locked by that name first."""
    hosts.host("three").root = hosts.host("two").root
    _noted(hosts.host("two"))

    with pytest.raises(Refused, match="an upgrade"):
        through("one", also=("two",))


@pytest.mark.parametrize("name", ["nodes", "logins"])
def test_what_is_done_on_one_machine_is_not_done_to_the_swarm(through, hosts, name):
    _noted(hosts.host("two"))
    seen = []
    hosts.host("one").before = lambda script: seen.append(found(hosts.host("two")))

    (outcome,) = through("one", name=name)

    assert outcome.failure is None
    assert set(seen) == {None}


def test_a_manager_that_does_not_end_what_it_is_asked_is_left_out(through, hosts, out):
    two = hosts.host("two")
    run_there = two.run

    def run(script, *, timeout=None):
        if script.summary == "take the lock":
            raise Unfinished("it did not end within 120 s", host="two", output="")
        return run_there(script, timeout=timeout)

    two.run = run

    (outcome,) = through("one")

    assert outcome.failure is None
    assert "note: two is not locked: it did not end within 120 s" in out.getvalue()
