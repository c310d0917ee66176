"""``fab logs`` and ``fab shell --command`` over a real SSH server, with a Docker that plays."""

from __future__ import annotations

import json
import threading
import time
from types import SimpleNamespace

import pytest
from invoke.exceptions import Exit
from test_ssh_follow import gone
from test_status_over_ssh import SITE, program

from moorage import cli_logs, cli_shell
from moorage.cli import Flags

CONTEXT = SimpleNamespace(config={})
RUNNING = {"ID": "t" * 25, "Node": "boss", "Image": "moorage/nexus:1", "DesiredState": "Running",
           "CurrentState": "Running 3 minutes ago", "Error": ""}  # fmt: skip
SERVICE = [{"Spec": {"Name": "registry_nexus", "Mode": {"Replicated": {"Replicas": 1}},
                     "TaskTemplate": {"ContainerSpec": {"Image": "moorage/nexus:1"}}}}]  # fmt: skip


@pytest.fixture
def inventory(inventory_of, monkeypatch):
    monkeypatch.setenv("NEXUS_ADMIN_PASSWORD", "correct horse")
    return inventory_of(SITE)


@pytest.fixture
def docker(sshd, tmp_path):
    """A Docker with one running task; what it was asked is written down."""

    def put(*, task=RUNNING, containers="c" * 64, more=""):
        program(
            sshd,
            "docker",
            f"""
echo "$*" >>{tmp_path}/docker
case "$*" in
  "service inspect -- "*) printf %s '{json.dumps(SERVICE)}' ;;
  "service inspect "*) ;;
  "service ps "*) printf %s '{json.dumps(task)}' ;;
  "service logs --follow"*) echo first; exec tail -n +1 -f {tmp_path}/more ;;
  "service logs "*) echo "one"; echo "two: correct horse" >&2 ;;
  "ps "*) printf %s '{containers}' ;;
  exec*) shift 2; echo "in $1"; shift; {more} "$@" ;;
esac""",
        )

    return put


def ended(call, *args, **flags):
    try:
        call(CONTEXT, *args, **flags)
    except Exit as end:
        if end.message:
            print(end.message)
        return end.code
    return 0


def test_what_the_service_prints_without_the_secret(inventory, docker, capsys):
    docker()
    assert ended(cli_logs.logs, Flags(inventory)) == 0
    assert capsys.readouterr().out.splitlines() == ["one", "two: ***"]


def test_nexus_own_file_on_the_nfs_host(inventory, tmp_path, capsys):
    folder = tmp_path / "export/log"
    folder.mkdir(parents=True)
    (folder / "nexus.log").write_text("a\nb\n")
    (folder / "request.log").write_text("r\n")
    assert ended(cli_logs.logs, Flags(inventory), nexus=True, grep="b") == 0
    assert ended(cli_logs.logs, Flags(inventory), file="request") == 0
    assert capsys.readouterr().out.splitlines() == ["b", "r"]
    assert ended(cli_logs.logs, Flags(inventory), file="jvm") == 1
    assert "there are: nexus.log, request.log" in capsys.readouterr().out


def test_following_ends_with_130_and_leaves_nothing_on_the_host(
    inventory, docker, tmp_path, capsys, monkeypatch
):
    docker()
    (tmp_path / "more").write_text("second\n")
    seen = []

    def clean(line, _known):
        seen.append(line)
        if line == "third":
            raise KeyboardInterrupt
        return line

    monkeypatch.setattr(cli_logs, "_clean", clean)

    def later():
        for _ in range(500):
            if "second" in seen:
                break
            time.sleep(0.02)
        with (tmp_path / "more").open("a") as file:
            file.write("third\n")

    threading.Thread(target=later, daemon=True).start()
    assert ended(cli_logs.logs, Flags(inventory), follow=True) == 130
    assert seen == ["first", "second", "third"]
    assert gone(f"{tmp_path}/more")
    assert "interrupted" not in capsys.readouterr().out


def test_one_command_in_the_container(inventory, docker, capsys, tmp_path):
    docker()
    assert ended(cli_shell.shell, Flags(inventory), command="echo 'it''s'; pwd") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"in {'c' * 64}", "its"]
    assert f"exec -- {'c' * 64} sh -c echo 'it''s'; pwd" in (tmp_path / "docker").read_text()


def test_a_command_that_fails_ends_with_one_and_tells_its_own_code(inventory, docker, capsys):
    docker()
    assert ended(cli_shell.shell, Flags(inventory), command="echo out; echo err >&2; exit 7") == 1
    assert capsys.readouterr().out.splitlines() == [
        f"in {'c' * 64}", "out", "err", "shell: it ended with exit code 7",
    ]  # fmt: skip


def test_one_command_on_a_host(inventory, capsys):
    assert ended(cli_shell.shell, Flags(inventory), host="nas", command="echo $((6 * 7))") == 0
    assert capsys.readouterr().out == "42\n"


@pytest.mark.parametrize(
    ("played", "words"),
    [
        ({"task": {**RUNNING, "CurrentState": "Pending 1 minute ago", "Node": "",
                   "Error": "no suitable node"}}, "no suitable node"),
        ({"task": {**RUNNING, "Node": "stranger"}}, "which is no host of the inventory"),
        ({"containers": ""}, "has no running container"),
    ],
)  # fmt: skip
def test_where_there_is_no_container_it_is_refused_with_the_reason(
    inventory, docker, capsys, played, words
):
    docker(**played)
    assert ended(cli_shell.shell, Flags(inventory), command="true") == 3
    assert words in capsys.readouterr().out


def test_without_a_terminal_and_without_a_command_nothing_is_asked(inventory, docker, capsys,
                                                                   tmp_path):  # fmt: skip
    docker()
    assert ended(cli_shell.shell, Flags(inventory)) == 3
    assert "add --command" in capsys.readouterr().out
    assert not (tmp_path / "docker").exists()


def test_a_host_that_is_not_in_the_inventory_is_refused(inventory, capsys):
    assert ended(cli_shell.shell, Flags(inventory), host="elsewhere", command="true") == 3
    assert "it has nas, boss" in capsys.readouterr().out
