"""Hosts whose sudo refuses are all named at once, before anything is changed."""

from __future__ import annotations

import pytest

from moorage.errors import SudoRefused
from moorage.runner import run

ASKS = "sudo refused: sudo: a password is required"


def refusing(host, message=ASKS):
    def before(_script):
        raise SudoRefused(message, host=host.name, hint="add --prompt-for-sudo-password")

    host.before = before


def test_they_are_told_together(work, hosts, file_step):
    for host in hosts.hosts.values():
        refusing(host)

    with pytest.raises(SudoRefused) as caught:
        run(work(file_step({"nas": {"a": "1"}, "boss": {"a": "1"}})), dry_run=False)

    assert caught.value.message == f"{ASKS} (on nas, boss)"
    assert caught.value.hint == "add --prompt-for-sudo-password"
    assert caught.value.exit_code == 3


def test_one_of_them_stops_the_others_too(work, hosts, file_step):
    refusing(hosts.host("boss"), "sudo did not take the password")

    with pytest.raises(SudoRefused, match=r"did not take the password \(on boss\)"):
        run(work(file_step({"nas": {"a": "1"}, "boss": {"a": "1"}})), dry_run=False)

    assert not (hosts.host("nas").root / "a").exists()
