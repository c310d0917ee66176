"""This machine as a host: the same promises as over SSH."""

from __future__ import annotations

import hashlib
import os

import pytest

from moorage.errors import CommandFailed, Refused, Unreachable
from moorage.quoting import Script
from moorage.transport.local import LocalHost
from moorage.values import Secret

PIECE = os.urandom(2**20)


@pytest.fixture
def here():
    return LocalHost()


def test_a_script_runs_here_with_its_exit_code(here):
    result = here.change(Script("try", "echo out; echo err >&2; exit 7"))

    assert (result.exit_code, result.stdout, result.stderr) == (7, "out\n", "err\n")


def test_a_failure_names_this_machine(here):
    with pytest.raises(CommandFailed) as caught:
        here.read(Script("read", "exit 2"))

    assert "on this machine" in caught.value.lines()[0]


def test_a_command_without_end_is_given_up(here):
    with pytest.raises(Unreachable, match="no end after"):
        here.read(Script("wait", "sleep 600"), timeout=0.2)


def test_a_secret_is_not_in_argv(here):
    body = "tr '\\0' ' ' </proc/$$/cmdline; [ -n \"$password\" ] && echo has it"

    said = here.read(Script("look", body, {"password": Secret("s3cret")}))

    assert "has it" in said
    assert "s3cret" not in said


def test_streams_are_whole(here, tmp_path):
    file = tmp_path / "image"
    file.write_bytes(PIECE * 20)
    expected = hashlib.sha256(PIECE * 20).hexdigest()

    said = here.feed(["sha256sum"], here.output(["cat", str(file)]).pieces())

    assert said.split()[0] == expected


def test_a_source_that_breaks_off_is_a_failure(here):
    with pytest.raises(CommandFailed) as caught:
        list(here.output(["sh", "-c", "echo half; echo why >&2; exit 3"]).pieces())

    assert caught.value.exit_code_seen == 3
    assert "why" in caught.value.output


def test_a_sink_that_ends_early_says_why(here):
    with pytest.raises(CommandFailed, match="could not") as caught:
        here.feed(["sh", "-c", "echo full >&2; exit 1"], iter([PIECE] * 20))

    assert "full" in caught.value.output


def test_a_program_that_is_not_here_is_refused_by_name(here):
    with pytest.raises(Refused, match="no such-program-here command"):
        here.output(["such-program-here", "save"])
