"""Rotation against the stand-in: each place where a run can be cut off, and who else changed it."""

from __future__ import annotations

import base64

import pytest
from played_nexus import PASSWORD, VERSION, PlayedNexus, desired

from moorage.config.age import AgeFile, new_identity
from moorage.config.schema.people import User
from moorage.config.secret_places import AgePlace, FilePlace, KeyringPlace, place_of
from moorage.config.secrets import resolve
from moorage.errors import Refused
from moorage.steps.nexus.rotation import LENGTH, RotateStep, Rotation, generated
from moorage.values import Secret

ROBOT = "the robot's first password"


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    played = PlayedNexus(tmp_path_factory.mktemp("nexus"))
    users = {"ci": User(password="env:CI", roles=["docker-pull"])}
    played.seed(desired(users=users, secret=lambda _: Secret(ROBOT), pull_from="docker-all",
                        push_to="docker-private"))  # fmt: skip
    return played


@pytest.fixture
def site(site, tmp_path):
    """The lab's, as if it had been read from a folder of the test's own."""
    return site.model_copy().read_from(tmp_path / "site.yml")


@pytest.fixture
def nexus(played):
    with played.kept():
        yield played


class Cut(Exception):
    """The run is killed."""


class Rig:
    """A rotation of one user with its secret in one kind of place."""

    def __init__(self, nexus, user, site, reference, environ, first):
        self.nexus, self.user, self.site = nexus, user, site
        self.reference, self.environ = reference, environ
        place = place_of(reference, site, environ)
        place.put_beside(Secret(first))
        place.put_in_place()

    def current(self):
        return resolve(self.reference, self.site, environ=self.environ, ask=None)

    def step(self, given=None, *, writable=True, current=None):
        place = place_of(self.reference, self.site, self.environ) if writable else None
        rotation = Rotation(
            user=self.user, field=f"nexus.users.{self.user}.password", reference=self.reference,
            current=current or self.current, place=place, given_by="env:NEW" if given else "",
            admin=lambda: Secret(PASSWORD), given=(lambda: Secret(given)) if given else None,
        )  # fmt: skip
        return RotateStep(self.nexus.web(), rotation, ready=lambda _: VERSION, seconds=60)

    def run(self, step=None, cut=None):
        """What the engine does: observe, again under the lock, and after each action.

        It is cut off after some actions.
        """
        step = step or self.step()
        step.observe(lambda _: None)
        seen = step.observe(lambda _: None)
        plan = step.plan(seen)
        for number, change in enumerate(plan.changes):
            if number == cut:
                raise Cut
            step.carry_out(change.actions[0], lambda _: None)
            left = step.plan(step.observe(lambda _: None))
            assert change.key not in {one.key for one in left.changes}
        assert step.plan(step.observe(lambda _: None)).empty
        return plan

    def change_by_hand(self, password):
        web = self.nexus.web()
        web.log_in("admin", Secret(PASSWORD))
        web.call("PUT", f"/service/rest/v1/security/users/{self.user}/change-password",
                 text=password)  # fmt: skip

    def taken(self, password):
        web = self.nexus.web()
        web.log_in(self.user, password)
        return web.ask("GET", "/service/rest/v1/security/users").status_code != 401

    def other_logins(self):
        """Passwords that were tried and are none now, in order."""
        good = {(self.user, self.current())}
        if self.user != "admin":
            good.add(("admin", Secret(PASSWORD)))
        found = []
        for _, _, header in self.nexus.asked:
            if header:
                user, _, word = base64.b64decode(header.split()[1]).decode().partition(":")
                if (user, Secret(word)) not in good:
                    found.append(word)
        return found


@pytest.fixture(params=["file", "age", "keyring"])
def kind(request, monkeypatch, tmp_path):
    if request.param == "keyring":
        _play_keyring(monkeypatch)
        return "keyring:moorage/secret"
    if request.param == "age":
        new_identity(tmp_path / "age.txt")
        AgeFile(tmp_path / "s.age", tmp_path / "age.txt").write(b"# ours\nother = x\n")
        return "age:s.age#secret"
    return "file:secret"


def _play_keyring(monkeypatch):
    import sys
    from types import ModuleType

    kept = {}
    module, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    errors.KeyringError = type("KeyringError", (Exception,), {})
    module.get_password = lambda *key: kept.get(key)
    module.set_password = lambda service, name, value: kept.update({(service, name): value})
    module.delete_password = lambda *key: kept.pop(key)
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


@pytest.fixture(params=["ci", "admin"])
def rig(request, nexus, kind, site, tmp_path):
    first = PASSWORD if request.param == "admin" else ROBOT
    environ = {"MOORAGE_AGE_IDENTITY": str(tmp_path / "age.txt")}
    return Rig(nexus, request.param, site, kind, environ, first)


def test_the_new_one_is_made_written_down_taken_and_the_old_one_dead(rig):
    old = rig.current()
    plan = rig.run()

    assert [change.title for change in plan.changes] == [
        f"create new secret for {rig.reference}", f"update user {rig.user}",
        f"update secret {rig.reference}",
    ]  # fmt: skip
    new = rig.current()
    assert new != old
    assert len(new.reveal()) == LENGTH
    assert rig.taken(new)
    assert not rig.taken(old)
    assert place_of(rig.reference, rig.site, rig.environ).beside() is None


@pytest.mark.parametrize("cut", [1, 2])
def test_a_run_that_was_cut_off_is_carried_on_and_tries_each_password_once(rig, cut):
    old = rig.current()
    with pytest.raises(Cut):
        rig.run(cut=cut)
    new = place_of(rig.reference, rig.site, rig.environ).beside()
    rig.nexus.asked.clear()

    plan = rig.run()
    # where the server was still to be changed, it was taken before that, by admin's change too
    taken_before = 0 if cut == 2 else 3 if rig.user == "admin" else 2
    assert rig.other_logins().count(old.reveal()) == 1 + taken_before

    assert rig.current() == new
    assert rig.taken(new)
    assert not rig.taken(old)
    assert len(plan.changes) == 3 - cut
    assert bool(plan.notes) == (cut == 2)


def test_killed_between_the_request_and_its_answer(rig):
    """The server has changed, and this run never heard of it."""
    old, step = rig.current(), rig.step()
    plan = step.plan(step.observe(lambda _: None))
    step.carry_out(plan.changes[0].actions[0], lambda _: None)
    step.carry_out(plan.changes[1].actions[0], lambda _: None)

    rig.run()

    assert rig.taken(rig.current())
    assert not rig.taken(old)


def test_a_password_changed_by_somebody_else_is_recognised_and_not_guessed_at(rig):
    by_hand = "changed in the user interface"
    rig.change_by_hand(by_hand)
    before = rig.current()
    rig.nexus.asked.clear()

    with pytest.raises(Refused, match="somebody else has changed it") as caught:
        rig.run()

    assert [word for word in rig.other_logins() if word != by_hand] == []
    tried = [one for one in rig.nexus.asked if one[2] and _user(one[2]) == rig.user]
    assert len(tried) == 1
    assert rig.taken(Secret(by_hand))
    assert rig.current() == before
    assert by_hand not in "\n".join(caught.value.lines())


def _user(header):
    return base64.b64decode(header.split()[1]).decode().partition(":")[0]


def test_a_given_one_is_written_into_the_place(rig):
    plan = rig.run(rig.step("given from outside"))
    assert rig.current() == Secret("given from outside")
    assert plan.changes[0].differences[0].after == "env:NEW"


def test_where_nothing_can_be_written_the_server_alone_is_changed(rig):
    old = rig.current()
    plan = rig.run(rig.step("given from outside", writable=False))
    again = rig.run(rig.step("given from outside", writable=False))

    assert [change.subject for change in plan.changes] == [f"user {rig.user}"]
    assert "is not for Moorage to write" in plan.notes[-1]
    assert again.empty
    assert rig.current() == old
    assert not rig.taken(old)
    assert rig.taken(Secret("given from outside"))


def test_the_one_in_use_is_no_new_one(rig):
    with pytest.raises(Refused, match="nothing to change"):
        rig.run(rig.step(rig.current().reveal()))


def test_a_server_that_keeps_the_old_one_is_found_out(rig):
    step = rig.step()
    step._way(lambda _: None).change_password = lambda *_: None
    with pytest.raises(AssertionError):
        rig.run(step)


def test_no_plan_has_a_secret_in_it(rig):
    step = rig.step()
    plan = step.plan(step.observe(lambda _: None))
    assert step._new.reveal() not in repr(plan)
    assert rig.current().reveal() not in repr(plan)


def test_a_dry_run_writes_nothing(rig):
    before = rig.current()
    step = rig.step()
    step.plan(step.observe(lambda _: None))
    assert rig.current() == before
    assert place_of(rig.reference, rig.site, rig.environ).beside() is None
    assert rig.taken(before)


def test_new_ones_differ_and_trip_nothing():
    made = {generated().reveal() for _ in range(100)}
    assert len(made) == 100
    assert all(word.isalnum() and word.isascii() for word in made)


def test_a_link_stays_one(tmp_path, site):
    (tmp_path / "real").write_text("old\n")
    (tmp_path / "real").chmod(0o600)
    (tmp_path / "link").symlink_to("real")
    place = place_of("file:link", site, {})
    place.put_beside(Secret("new"))
    place.put_in_place()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new\n"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o600


def test_others_places_are_not_written(site):
    for reference in ("env:A", "command:pass show a", "prompt:a"):
        assert place_of(reference, site, {}) is None
    kinds = [type(place_of(one, site, {})) for one in ("file:a", "age:a#b", "keyring:a/b")]
    assert kinds == [FilePlace, AgePlace, KeyringPlace]
