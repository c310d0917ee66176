"""``fab upgrade`` where its run fails: what is brought back by itself, and what is not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from moorage import cli_upgrade, order_upgrade, runner
from moorage.apply import LOCKING
from moorage.errors import Locked, NotConverged, Refused
from moorage.steps.upgrade import Note

NOTE = Note("3.94.0", "3.95.0", "moorage/nexus:3.94.0-a", "2026-01-01T000000Z")


@pytest.fixture
def journey(monkeypatch):
    """An upgrade whose run fails at its gate; what is brought back is remembered."""

    class Upgrades:
        def __init__(self, *_args):
            self.backup = SimpleNamespace(stopped_at=1.0)

        def before(self):
            return {}

    class Journey(cli_upgrade._Upgrade):
        brought_back = False
        note, image = NOTE, NOTE.image

        def _note(self, _version):
            return self.note

        def _runs(self):
            return self.image

        def _written(self):
            return NOTE

        def _work(self, _assembly, _makers, agreed, *, whole=False):
            agreed.given = True

        def bring_back(self, failure, *, since=0.0):
            self.brought_back = True
            raise failure

    def fails(*_args, **_more):
        raise NotConverged("Nexus 3.95.0 has not what was there before", hint="look")

    monkeypatch.setattr(order_upgrade, "Upgrades", Upgrades)
    monkeypatch.setattr(order_upgrade, "site_at", lambda site, *_: site)
    monkeypatch.setattr(runner, "run", fails)
    monkeypatch.setattr(cli_upgrade, "replace", lambda one, **_: one)
    site = SimpleNamespace(stack=SimpleNamespace(name="played"))
    assembly = SimpleNamespace(site=site, manager="boss", dry_run=False)
    return Journey(None, SimpleNamespace(yes=True), assembly, None)


def test_another_one_is_refused_before_anything_and_leaves_the_first_as_it_is(journey):
    for image in (NOTE.image, "moorage/nexus:3.95.0-b"):
        journey.image = image
        with pytest.raises(Refused, match=r"from 3\.94\.0 to 3\.95\.0 is not over") as caught:
            cli_upgrade._Upgrade._note(journey, "3.96.0")
        assert "fab upgrade --to 3.95.0" in caught.value.hint
    assert not journey.brought_back


@pytest.mark.parametrize("step", ["upgrade", LOCKING])
def test_what_its_first_step_or_the_lock_refuses_needs_no_way_back(journey, monkeypatch, step):
    def refuses(*_args, **_more):
        raise Refused("not over", step=step)

    monkeypatch.setattr(runner, "run", refuses)

    with pytest.raises(Refused):
        journey.to("3.95.0", None)

    assert not journey.brought_back


@pytest.mark.parametrize("note", [NOTE, Note("", "3.95.0", "", "2026-01-01T000000Z")])
def test_what_a_run_has_deployed_itself_it_leaves_again(journey, note):
    journey.note = note

    with pytest.raises(NotConverged):
        journey.to("3.95.0", None)

    assert journey.brought_back


def test_where_it_was_killed_before_the_inventory_said_so_that_is_done_now(journey, monkeypatch):
    """Its note was gone already."""
    said, proven = [], []
    monkeypatch.setattr(order_upgrade, "edited", lambda *_: "site.yml")
    monkeypatch.setattr(cli_upgrade, "prove", lambda *_: proven.append("proven"))
    journey.report = SimpleNamespace(line=said.append)
    journey.note = None
    nexus = SimpleNamespace(version="3.94.0")
    journey.assembly.site.nexus = nexus
    later = SimpleNamespace(nexus=SimpleNamespace(version="3.95.0"))
    monkeypatch.setattr(order_upgrade, "site_at", lambda *_: later)

    journey.to("3.95.0", None)

    assert said == ["upgrade: Nexus 3.95.0 runs already",
                    "upgrade: site.yml says nexus.version: 3.95.0 now"]  # fmt: skip
    assert proven == ["proven"]

    nexus.version = "3.95.0"
    journey.to("3.95.0", None)
    assert said[2:] == ["upgrade: Nexus 3.95.0 runs already"]


def test_what_was_deployed_long_ago_is_not_left_with_all_that_was_pushed_to_it(journey):
    """Carried on weeks later, it differs from its backup by all that was done since."""
    journey.image = "moorage/nexus:3.95.0-b"

    with pytest.raises(NotConverged) as caught:
        journey.to("3.95.0", None)

    assert not journey.brought_back
    assert caught.value.hint.startswith("look; ")
    assert "fab upgrade --back brings 3.94.0 back without that" in caught.value.hint
    assert "rm /var/lib/moorage/played/upgrade.json on boss" in caught.value.hint


def test_the_way_back_waits_for_whoever_took_the_lock_meanwhile(monkeypatch, journey):
    """A nightly backup that had waited for it, say."""
    waits, said = [], []
    monkeypatch.setattr(order_upgrade, "site_before", lambda site, _: site)
    monkeypatch.setattr(order_upgrade.Upgrades, "back", lambda *_, **__: {}, raising=False)
    for own in ("bring_back", "_work"):
        monkeypatch.delattr(type(journey), own)

    def work(_report, *, confirm, wait_seconds, vital):
        waits.append(wait_seconds)
        confirm("carry this out?")

    def fails(*_args, **_more):
        if len(waits) == 1:
            journey.image = "moorage/nexus:3.95.0-b"
            raise NotConverged("Nexus 3.95.0 does not come up")
        raise Locked("locked by timer@ops, step backup")

    monkeypatch.setattr(runner, "run", fails)
    journey.assembly.work = work
    journey.report = SimpleNamespace(line=said.append)
    journey.assembly.site.nexus = SimpleNamespace(startup_timeout="20m")
    journey.flags.wait = None

    with pytest.raises(NotConverged) as caught:
        journey.to("3.95.0", None)

    assert waits == [0.0, 20 * 60 + 600]
    assert "locked by timer@ops" in caught.value.message
    assert caught.value.hint == (
        "Nexus 3.95.0 stays deployed; when the other run is over: fab upgrade --back"
    )
