"""The step against a real core, from its first boot on; the tests go in order."""

from __future__ import annotations

import pytest

from moorage.config.schema.blobstores import FileStore
from moorage.config.schema.people import Role, User
from moorage.errors import Refused, RequestRefused
from moorage.steps.nexus import NexusDesired, NexusStep
from moorage.values import Secret

pytestmark = pytest.mark.core

PASSWORD, ROBOT = "configured-ü-by-the-inventory", "of-the-robot"
REALMS = "realms"
WANTED = NexusDesired(
    anonymous=False,
    base_url="https://nexus.example.com",
    blob_stores={"images": FileStore(type="file", path="images",
                                     quota={"type": "used", "limit": "10g"})},
    roles={"readers": Role(description="read all", privileges=["nx-repository-view-*-*-read"])},
    users={"ci": User(password="env:CI", roles=["readers"])},
    mail_domain="example.com",
    secret=lambda _: Secret(ROBOT),
)  # fmt: skip


def silent(_text):
    """Progress that nobody sees."""


@pytest.fixture
def step(core):
    file = core.data / "admin.password"

    def initial():
        return Secret(file.read_text()) if file.exists() else None

    def make(wanted=WANTED, password=PASSWORD):
        return NexusStep(core.web(), wanted, ready=lambda _: core.version,
                         password=Secret(password), initial_password=initial)  # fmt: skip

    return make


def carry_out(step, plan):
    """All but the realm of Docker, which the open core does not have."""
    for change in plan.changes:
        for action in change.actions if change.subject != REALMS else ():
            step.carry_out(action, silent)


def test_the_first_boot_is_brought_to_what_is_wanted(core, step):
    first = step()
    seen = first.observe(silent)
    assert seen.login == "initial"
    assert seen.edition == "OSS"
    assert "ConfigureAnonymousAccess" in seen.onboarding
    plan = first.plan(seen)
    carry_out(first, plan)
    assert not (core.data / "admin.password").exists()
    again = step()
    seen = again.observe(silent)
    assert seen.login == "configured"
    assert seen.right_passwords == {"ci"}
    assert not {"ConfigureAnonymousAccess", "ChangeAdminPassword"} & seen.onboarding
    assert [change.subject for change in again.plan(seen).changes] == [REALMS]


def test_the_realm_that_the_core_lacks_is_refused_by_its_name(step):
    here = step()
    (change,) = here.plan(here.observe(silent)).changes
    with pytest.raises(RequestRefused, match="realms") as caught:
        here.carry_out(change.actions[0], silent)
    assert caught.value.status == 400
    assert "DockerToken" in caught.value.body


def test_a_password_that_is_not_admins_is_told(step):
    with pytest.raises(Refused, match="no password known for admin"):
        step(password="another").observe(silent)


def test_another_password_of_a_user_and_another_quota_are_changed(step):
    quota = FileStore(type="file", path="images", quota={"type": "used", "limit": "20g"})
    changed = {**vars(WANTED), "blob_stores": {"images": quota},
               "secret": lambda _: Secret("a new one")}  # fmt: skip
    wanted = NexusDesired(**changed)
    here = step(wanted)
    plan = here.plan(here.observe(silent))
    assert {change.subject for change in plan.changes} == {REALMS, "blob store images", "user ci"}
    carry_out(here, plan)
    left = step(wanted)
    assert [change.subject for change in left.plan(left.observe(silent)).changes] == [REALMS]
