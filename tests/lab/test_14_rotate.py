"""A robot's and admin's password rotated by the operator's command, met by a real Docker client."""

from __future__ import annotations

import os
import shlex
import signal

import pytest

from lab.errors import LabError

pytestmark = [pytest.mark.lab, pytest.mark.long]

FIRST = "the robot's first password"
USERS = """accept_eula: true
  users:
    ci: {password: "file:ci_password", roles: [docker-push]}
    ops: {password: "env:OPS_PASSWORD", roles: [docker-pull]}"""


@pytest.fixture
def site(variant, tmp_path, lab, fab, site_up):
    """The lab's with two robots: one's password in a file, the other's in the environment."""
    path = variant(("accept_eula: true", USERS), (str(lab.paths.secrets / "admin_password"),
                                                  "admin_password"))  # fmt: skip
    for name, value in (
        ("ci_password", FIRST),
        ("admin_password", (lab.paths.secrets / "admin_password").read_text().strip()),
    ):
        file = path.parent / name
        file.write_text(value + "\n")
        file.chmod(0o600)
    seeded = fab("nexus-seed", inventory=path, OPS_PASSWORD=FIRST)
    assert seeded.code == 0, seeded.text
    yield path
    # admin's new password goes to where the other tests look for it
    (lab.paths.secrets / "admin_password").write_text((path.parent / "admin_password").read_text())
    last = fab("nexus-seed", "--prune")
    assert last.code == 0, last.text


def _login(lab, user, password):
    word = f"printf %s {shlex.quote(password)}"
    return lab.run("worker", f"{word} | docker login -u {user} --password-stdin registry.lab 2>&1;"
                   "c=$?; docker logout registry.lab >/dev/null; exit $c")  # fmt: skip


def test_a_robot_gets_a_new_password_and_the_old_one_is_dead(lab, fab, site):
    dry = fab("rotate", "ci", "--dry-run", inventory=site)
    ran = fab("rotate", "ci", "--verbose", inventory=site)
    new = (site.parent / "ci_password").read_text().strip()

    assert dry.code == 0, dry.text
    assert "update user ci" in dry.out
    assert ran.code == 0, ran.text
    assert new != FIRST
    assert not (site.parent / "ci_password.next").exists()
    assert "Login Succeeded" in _login(lab, "ci", new)
    with pytest.raises(LabError, match=r"unauthorized|401|denied"):
        _login(lab, "ci", FIRST)
    assert fab("plan", "--check", inventory=site, OPS_PASSWORD=FIRST).code == 0
    journal = fab("history", "--lines", "3", inventory=site).out
    assert "user ci" in journal
    for word in (FIRST, new):
        assert word not in dry.text + ran.text + journal


def test_a_run_that_was_killed_is_carried_on(lab, fab, start, site):
    """Nexus' answer to the change of the password is never heard by the run that asked for it."""
    run = start("rotate", "ci", inventory=site)
    run.until("set the password of ci")
    os.kill(run.process.pid, signal.SIGKILL)
    run.ended()
    beside = (site.parent / "ci_password.next").read_text().strip()

    ran = fab("rotate", "ci", inventory=site)

    assert ran.code == 0, run.text + ran.text
    assert (site.parent / "ci_password").read_text().strip() == beside
    assert "Login Succeeded" in _login(lab, "ci", beside)


def test_where_the_secret_is_kept_elsewhere_it_comes_by_a_second_reference(lab, fab, site):
    new = {"OPS_PASSWORD": FIRST, "NEW": "the second password of ops"}
    refused = fab("rotate", "ops", inventory=site, **new)
    ran = fab("rotate", "ops", "--to", "env:NEW", inventory=site, **new)
    again = fab("rotate", "ops", "--to", "env:NEW", inventory=site, **new)

    assert refused.code == 3
    assert "--to env:" in refused.err
    assert ran.code == 0, ran.text
    assert "have env:OPS_PASSWORD lead to what env:NEW does" in ran.out
    assert again.code == 0, again.text
    assert "rotate: no changes" in again.out
    assert "Login Succeeded" in _login(lab, "ops", new["NEW"])


def test_a_password_that_somebody_else_changed_is_not_guessed_at(lab, fab, site):
    admin = (site.parent / "admin_password").read_text().strip()
    lab.run("manager", f"curl -sfk --resolve nexus.lab:443:127.0.0.1 -u admin:{shlex.quote(admin)} "
            "-X PUT -H 'Content-Type: text/plain' -d by-hand "
            "https://nexus.lab/service/rest/v1/security/users/ci/change-password")  # fmt: skip

    ran = fab("rotate", "ci", inventory=site)

    assert ran.code == 3, ran.text
    assert "somebody else has changed it" in ran.err
    assert "Login Succeeded" in _login(lab, "ci", "by-hand")


def test_admins_own_is_rotated_and_everything_goes_on_with_it(lab, fab, site):
    old = (site.parent / "admin_password").read_text().strip()

    ran = fab("rotate", "admin", inventory=site)
    new = (site.parent / "admin_password").read_text().strip()

    assert ran.code == 0, ran.text
    assert "Login Succeeded" in _login(lab, "admin", new)
    with pytest.raises(LabError, match=r"unauthorized|401|denied"):
        _login(lab, "admin", old)
    verified = fab("verify", inventory=site)
    assert verified.code == 0, verified.text
    assert new not in ran.text + verified.text
