"""What ``fab rotate`` refuses before any host is touched, and what follows it."""

from __future__ import annotations

import pytest

from moorage.cli_rotate import _followers, _rotation
from moorage.config.validate import site_from
from moorage.errors import Refused
from moorage.order import Assembly

USERS = """
  admin_password: file:admin
  users:
    ci: {password: "age:secrets.age#ci", roles: [docker-push]}
    old: {password: env:OLD, roles: [docker-pull], status: disabled}
    twin: {password: env:TWIN, roles: [docker-pull]}
    other: {password: env:TWIN, roles: [docker-pull]}
    env: {password: env:ENV, roles: [docker-pull]}"""


@pytest.fixture
def assembly(tmp_path, inventory):
    from pathlib import Path

    text = Path(inventory).read_text().replace(
        "nexus: {version: 3.94.0, domain: nexus.example.com}",
        f"nexus:\n  version: 3.94.0\n  domain: nexus.example.com{USERS}",
    )  # fmt: skip
    site = site_from(tmp_path / "site.yml", text.encode())
    return Assembly(site, None, None, lambda reference: reference, "swarm1")


@pytest.mark.parametrize(
    "who,to,words",
    [
        ("cli", None, "the inventory has no user cli (did you mean ci?)"),
        ("old", None, "nexus.users.old is disabled"),
        ("twin", None, "env:TWIN is that of nexus.users.other.password too"),
        ("env", None, "nexus.users.env.password is env:ENV, and Moorage cannot write to env:"),
        ("env", "hunter2", "--to: a secret's value does not belong"),
    ],
)
def test_refusals(assembly, who, to, words):
    with pytest.raises(Refused) as caught:
        _rotation(assembly, who, to)
    said = "\n".join(caught.value.lines())
    assert words in said
    assert "hunter2" not in said


@pytest.mark.parametrize("who", ["admin", "ci"])
def test_what_can_be_written_needs_no_second_reference(assembly, who):
    rotation = _rotation(assembly, who, None)
    assert rotation.place is not None
    assert rotation.given is None
    assert list(_followers(assembly.site, rotation)) == []


def test_a_second_reference_is_where_the_new_one_comes_from(assembly):
    rotation = _rotation(assembly, "env", "command:pass show new")
    assert rotation.place is None
    assert rotation.given() == "command:pass show new"
    assert rotation.current() == "env:ENV"
