"""Every expected failure ends in its lines on stderr and its exit code, and in no traceback."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from invoke.exceptions import Exit

from moorage import cli, cli_locks, cli_runs, errors
from moorage.problem import Problem
from moorage.report.text import Report
from moorage.tasks_begin import site_schema
from moorage.values import Secret

FAILURES = [
    (errors.MoorageError("x"), 1),
    (errors.Refused("x"), 3),
    (errors.InventoryError([Problem("site.yml", 1, 1, "a", "x")]), 3),
    (errors.TemplateError("x"), 3),
    (errors.SecretUnavailable("x"), 3),
    (errors.HostKeyRefused("x"), 3),
    (errors.CommandFailed("x", command="c", exit_code_seen=9, output="why"), 1),
    (errors.RequestRefused("x", request="GET /", status=500), 1),
    (errors.Unreachable("x"), 4),
    (errors.NotConverged("x", evidence=["task failed"]), 5),
    (errors.Locked("x"), 6),
    (errors.VerificationFailed("x"), 1),
]


@pytest.mark.parametrize(("failure", "code"), FAILURES, ids=lambda value: type(value).__name__)
def test_each_failure_becomes_its_exit_code_with_all_its_lines(failure, code):
    with pytest.raises(Exit) as caught, cli.told(debug=False):
        raise failure

    assert caught.value.code == code
    assert caught.value.message == "\n".join(failure.lines())
    assert caught.value.__suppress_context__


def test_ctrl_c_is_130_and_says_that_the_work_can_go_on():
    with pytest.raises(Exit) as caught, cli.told(debug=False):
        raise KeyboardInterrupt

    assert caught.value.code == 130
    assert "run the same command again" in caught.value.message


@pytest.mark.parametrize(
    ("number", "what", "to_do"),
    [
        (errno.ENOSPC, "no space left on device", "make room"),
        (errno.EACCES, "permission denied", "this account may write to"),
        (errno.EROFS, "read-only file system", "this account may write to"),
        (errno.ENAMETOOLONG, "file name too long", "a shorter one"),
        (errno.EEXIST, "file exists", "not that of a file"),
        (errno.ENOTDIR, "not a directory", "not that of a file"),
    ],
)
def test_what_the_system_refuses_is_told_with_the_file_and_what_to_do(number, what, to_do):
    with pytest.raises(Exit) as caught, cli.told(debug=False):
        raise OSError(number, os.strerror(number), "/srv/units")

    first, second = caught.value.message.splitlines()
    assert caught.value.code == 1
    assert first == f"error: /srv/units: {what}"
    assert second.startswith("  what to do: ")
    assert to_do in second


def test_a_message_of_the_system_without_a_file_is_told_as_it_is():
    with pytest.raises(Exit) as caught, cli.told(debug=False):
        raise OSError("cannot")

    assert caught.value.message == "error: cannot"


def test_an_output_that_has_no_room_for_a_sign_is_told_with_what_to_do():
    out = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    with pytest.raises(Exit) as caught, cli.told(debug=False):
        print("→", file=out)

    assert caught.value.code == 1
    assert "latin-1" in caught.value.message
    assert "LC_ALL=C.UTF-8" in caught.value.message


def test_a_text_that_is_wrong_otherwise_is_a_fault_of_the_program():
    with pytest.raises(UnicodeDecodeError), cli.told(debug=False):
        b"\xff".decode()


def test_the_schema_is_told_of_like_everything_else(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    with pytest.raises(Exit, match="LC_ALL"):
        site_schema.body(None)


def test_debug_shows_the_traceback_besides(capsys):
    with pytest.raises(Exit), cli.told(debug=True):
        raise errors.Refused("x")

    assert "Traceback" in capsys.readouterr().err


def test_without_debug_there_is_no_traceback(capsys):
    with pytest.raises(Exit), cli.told(debug=False):
        raise errors.Refused("x")

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_what_the_output_cannot_show_ends_no_run(monkeypatch, encoding):
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr("sys.stdout", out)

    with cli.told(debug=False):
        Report().line("mode: 0755 → 0750")

    assert out.buffer.getvalue() == b"mode: 0755 \\u2192 0750\n"


@pytest.mark.parametrize("lines", ["²", "0", "-1", "x", ""])
def test_a_number_of_lines_that_is_none_is_refused(inventory, lines):
    with pytest.raises(Exit) as caught:
        cli_locks.history(context(), cli.Flags(inventory), lines=lines)

    assert (caught.value.code, f"--lines: {lines} is not" in caught.value.message) == (3, True)


def test_a_fault_of_the_program_is_not_hidden():
    with pytest.raises(ZeroDivisionError), cli.told(debug=False):
        raise ZeroDivisionError


def test_an_exit_that_is_one_already_passes():
    with pytest.raises(Exit) as caught, cli.told(debug=False):
        raise Exit("x", 7)

    assert caught.value.code == 7


def context(**config):
    return SimpleNamespace(config=config)


def test_a_password_of_the_prompt_becomes_a_secret():
    given = cli.options(context(sudo={"password": "s3cret"}))

    assert given.sudo_password == Secret("s3cret")
    assert "s3cret" not in repr(given)
    assert cli.options(context()).sudo_password is None


def test_key_files_of_the_flag_are_passed_on_and_empty_settings_are_not():
    given = cli.options(context(connect_kwargs={"key_filename": ["/k"], "password": None}))

    assert given.connect_kwargs == {"key_filename": ["/k"]}


def run(steps, inventory, *, hosts=(), **flags):
    with pytest.raises(Exit) as caught:
        cli_runs.run(context(moorage={"hosts": hosts}), steps, cli.Flags(inventory, **flags))
    return caught.value


@pytest.mark.parametrize("hosts", [("swarm1",), ("edge",), ("nas", "swarm1")])
def test_the_nfs_step_refuses_hosts_that_are_not_the_nfs_host(inventory, hosts):
    end = run(["nfs"], inventory, hosts=hosts)

    assert end.code == 3
    assert "is not the NFS host" in end.message
    assert "-H nas" in end.message


@pytest.mark.parametrize("steps", [["image"], ["stack"], ["nexus"]])
def test_the_other_steps_refuse_the_nfs_host(inventory, steps):
    end = run(steps, inventory, hosts=("nas",))

    assert end.code == 3
    assert "nas is the NFS host" in end.message


def test_a_node_in_a_managers_place_is_refused(inventory):
    end = run(["stack"], inventory, hosts=("edge",))

    assert end.code == 3
    assert "edge is a node" in end.message


def test_a_secret_that_leads_nowhere_is_refused_before_any_host(inventory, monkeypatch):
    text = Path(inventory).read_text()
    password = "domain: nexus.example.com, admin_password: env:NOT_SET_HERE}"
    Path(inventory).write_text(text.replace("domain: nexus.example.com}", password))
    monkeypatch.delenv("NOT_SET_HERE", raising=False)

    end = run(["nexus"], inventory)

    assert end.code == 3
    assert "NOT_SET_HERE" in end.message


def test_an_inventory_with_mistakes_tells_all_of_them(inventory):
    text = Path(inventory).read_text()
    Path(inventory).write_text(f"{text}nonsense: 1\nmore: 2\n")

    end = run(["nfs"], inventory)

    assert end.code == 3
    assert "nonsense" in end.message
    assert "more" in end.message


def test_an_unreachable_host_is_four(inventory, tmp_path):
    text = Path(inventory).read_text()
    Path(inventory).write_text(text.replace("10.0.0.10", "127.0.0.1, port: 1"))

    end = run(["nfs"], inventory)

    assert end.code == 4
    assert "nfs on nas" in end.message
    assert "127.0.0.1:1" in end.message


def test_failures_are_plain_data_too():
    """Their lines hold nothing but text, for whoever wants them in a log."""
    assert all(json.dumps(failure.lines()) for failure, _ in FAILURES)
