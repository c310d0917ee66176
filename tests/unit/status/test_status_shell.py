"""The shell of status' own probe, run by a real ``sh`` with programs that hang, lie or are away."""

from __future__ import annotations

import os
import subprocess

import pytest

from moorage.status import probe
from moorage.transport.base import portion, sections


@pytest.fixture
def programs(tmp_path):
    """A folder that comes first on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def put(name, text):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    put.folder = folder
    return put


@pytest.fixture
def run(programs, site, monkeypatch):
    """Sections of status' part for a host, as this machine answers."""
    monkeypatch.setattr(probe, "reach", lambda *_: ":")

    def call(name, *, shell="sh"):
        local = site.model_copy(
            update={
                "storage": site.storage.model_copy(
                    update={
                        "volume": site.storage.volume.model_copy(update={"server": "127.0.0.1"})
                    }
                )
            }
        )
        script = probe.bounded({"status": probe.status_probe(local, name, "/nowhere")}, 2)
        done = subprocess.run(
            [shell, "-s"], input=script.text(), text=True, capture_output=True, check=False,
            env={"PATH": f"{programs.folder}:{os.environ['PATH']}"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return sections(portion(done.stdout, "status"))

    return call


def test_a_docker_that_hangs_costs_its_time_once_and_all_parts_come(run, programs, tmp_path):
    calls = tmp_path / "calls"
    programs("docker", f'echo "$*" >>{calls}; exec sleep 100')

    found = run("m1")

    assert {"nodes", "service", "tasks", "containers", "backups", "mounts", "stuck", "socket",
            "kernel", "server", "now", "upgrade", "held", "why"} == set(found)  # fmt: skip
    assert found["nodes"].exit_code == 124
    assert found["tasks"].exit_code == 124
    # what is asked after its time is over does not start it any more
    assert len(calls.read_text().splitlines()) <= 3
    assert found["now"].text.isdigit()


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_docker_that_answers_is_asked_with_its_own_words(run, programs, shell):
    programs("docker", 'printf "%s;" "$@"')
    found = run("w1", shell=shell)
    assert found["containers"].ok
    assert found["containers"].text.startswith("ps;--no-trunc;--format;{{.ID}}|{{.Label ")


def test_threads_that_wait_in_the_kernel_are_found_by_any_name(run, programs, tmp_path):
    """Read from a copy of proc(5): no test can make a thread wait so."""
    proc = tmp_path / "proc"
    for number, said in (("7", "7 (java) S 1"), ("8", "8 (a ) D (b) D 1"), ("9", "9 (curl) D 1")):
        folder = proc / number / "task" / number
        folder.mkdir(parents=True)
        (folder / "stat").write_text(said + " 0 0\n")
        (proc / number / "cgroup").write_text("1:name=x:/docker/abc\n0::/docker/abc\n")
    text = probe._NODE["stuck"].replace("/proc/", f"{proc}/")
    done = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "8|1:name=x:/docker/abc 0::/docker/abc |a ) D (b",
        "9|1:name=x:/docker/abc 0::/docker/abc |curl",
    ]


def test_this_machines_own_threads_are_read_without_harm(run, programs):
    programs("docker", "exit 1")
    found = run("w1")
    assert found["stuck"].ok
    assert found["mounts"].ok


def test_a_host_without_ss_and_with_a_closed_log_says_so(run, programs):
    programs("docker", ":")
    programs("dmesg", "exit 1")
    found = run("w2")
    assert found["kernel"].text.replace(".", "", 1).isdigit()


def test_the_record_of_backups_is_read_where_it_is(run, programs, site, tmp_path):
    programs("docker", ":")
    (tmp_path / "backups.json").write_text('{"schema": 1}')
    script = probe.bounded({"status": probe.status_probe(site, "m1", str(tmp_path)).only(
        ["backups"])}, 5)  # fmt: skip
    done = subprocess.run(["sh", "-s"], input=script.text(), text=True, capture_output=True,
                          check=True)  # fmt: skip
    assert sections(portion(done.stdout, "status"))["backups"].text == '{"schema": 1}'
    assert run("m1")["backups"].text == ""


def test_the_nfs_host_is_asked_for_the_export_alone(site):
    parts = probe.status_probe(site, "nas", "/x").parts
    assert set(parts) == {"now", "active", "exported", "space"}
