"""Flags that bind to one task alone, made to hold for the whole line or refused."""

from __future__ import annotations

import pytest


def test_the_inventory_of_one_task_holds_for_all_of_the_line(fab, inventory):
    for words in (
        ("one", "--inventory", inventory, "two"),
        ("one", "two", "--inventory", inventory),
    ):
        assert [told["inventory"] for told in fab(*words).told] == [inventory, inventory]


def test_the_same_inventory_twice_is_fine(fab, inventory):
    ran = fab("one", "--inventory", inventory, "two", "--inventory", inventory)

    assert ran.code == 0


def test_two_inventories_on_one_line_are_refused_before_anything(fab):
    ran = fab("one", "--inventory", "prod", "two", "--inventory", "test")

    assert (ran.code, ran.told) == (3, [])
    assert "prod and test" in ran.err


def test_a_dry_run_of_one_task_alone_is_that_tasks(fab):
    ran = fab("one", "--dry-run")

    assert ran.code == 0
    assert ran.told[0]["dry_run"] is True


@pytest.mark.parametrize(
    "words", [("one", "--dry-run", "two"), ("one", "two", "--dry-run"),
              ("one", "--dry-run", "two", "--dry-run")]
)  # fmt: skip
def test_a_dry_run_of_one_of_several_tasks_is_refused(fab, words):
    """It would hold for that one, and the others would change hosts."""
    ran = fab(*words)

    assert (ran.code, ran.told) == (3, [])
    assert "MOORAGE_DRY_RUN=1" in ran.err


def test_the_environment_makes_the_whole_line_a_dry_run(fab, monkeypatch):
    monkeypatch.setenv("MOORAGE_DRY_RUN", "1")

    assert [told["dry"] for told in fab("one", "two").told] == [True, True]


@pytest.mark.parametrize("value", ["", "0", "no", "false"])
def test_an_environment_that_says_no_is_no_dry_run(fab, monkeypatch, value):
    monkeypatch.setenv("MOORAGE_DRY_RUN", value)

    assert fab("one").told[0]["dry"] is False


def test_fabs_own_dry_means_plan_only_too(fab):
    assert [told["dry"] for told in fab("--dry", "one", "two").told] == [True, True]


def test_the_sudo_password_of_the_prompt_reaches_every_task(fab, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda *_: "s3cret")

    ran = fab("--prompt-for-sudo-password", "one", "two")

    assert [told["password"] for told in ran.told] == ["s3cret", "s3cret"]


def test_a_key_file_of_the_flag_reaches_every_task(fab):
    ran = fab("--identity", "/keys/ops", "one", "two")

    assert [told["connect"] for told in ran.told] == [{"key_filename": ["/keys/ops"]}] * 2


def test_debug_is_passed_on(fab, monkeypatch):
    assert fab("one").told[0]["debug"] is False
    monkeypatch.setenv("MOORAGE_DEBUG", "1")
    assert fab("one").told[0]["debug"] is True


def test_tasks_run_in_the_order_of_the_line_and_once_each(fab):
    assert [told["task"] for told in fab("two", "one").told] == ["two", "one"]


def test_a_task_that_is_none_of_ours_is_left_as_fabric_has_it(fab):
    assert fab("plain").code == 0
