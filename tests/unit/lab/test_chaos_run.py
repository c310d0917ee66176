"""A whole chaos run on a played lab: used, broken, brought to rest and judged."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from pathlib import Path

import pytest
from played_lab import ADDRESS, PlayedClock, PlayedLab

from lab.chaos import looking
from lab.chaos import run as runs
from lab.chaos.looking import settled
from lab.chaos.operating import Ran
from lab.chaos.run import INTERRUPTED, Run, inventory, main
from lab.chaos.schedule import schedule
from lab.errors import HostLacksError, LabError


@pytest.fixture
def clock():
    return PlayedClock()


@pytest.fixture
def lab(clock):
    made = PlayedLab(clock)
    made.samples = [f"at {ADDRESS} "] * 500
    return made


def made(lab, clock, command=lambda words: Ran(tuple(words), 0, "")):
    # the client has an image before the first fault
    clock.gate = threading.Event()
    return Run(lab, command, "secret", Path("/ca.crt"), 7, 5, None, clock)


def failed(report):
    return [verdict.demand for verdict in report.verdicts if not verdict.holds]


def test_a_run_in_which_all_holds(lab, clock):
    report = made(lab, clock).whole(schedule(7, 5))

    assert failed(report) == []
    assert report.good
    assert len(report.records) == len(schedule(7, 5))
    assert report.settled is not None
    assert {"push", "pull", "plan", "answer"} <= {event.what for event in report.events}
    assert not lab.off
    assert not any(lab.there.values())


@pytest.mark.parametrize(
    ("broken", "demand"),
    [
        (lambda lab: lab.locks.update(nfs=["/var/lib/moorage/registry/lock: x"]), "no lock"),
        (lambda lab: lab.left.update(nfs=["/srv/nexus.verify"]), "no temporary"),
        (lambda lab: lab.samples.append(f"at 10.77.0.11 {ADDRESS} "), "never two"),
        (lambda lab: setattr(lab, "without_effect", True), "every fault"),
    ],
)
def test_a_run_in_which_something_does_not_hold(lab, clock, broken, demand):
    broken(lab)
    report = made(lab, clock).whole(schedule(7, 5))

    assert [demand in one for one in failed(report)] == [True]
    assert not report.good


def test_commands_that_never_come_through(lab, clock):
    report = made(lab, clock, lambda words: Ran(tuple(words), 1, "")).whole(schedule(7, 5))

    assert failed(report) == [
        "fab up comes through afterwards",
        "fab backup comes through afterwards",
        "the plan is empty",
    ]


def test_ctrl_c_ends_the_loops_undoes_and_leaves_a_report(lab, clock):
    run = made(lab, clock)
    sleep = clock.sleep

    def pressed(seconds):
        if any(lab.there.values()):
            raise KeyboardInterrupt
        sleep(seconds)

    clock.sleep = pressed
    with pytest.raises(KeyboardInterrupt):
        run.whole(schedule(7, 5))

    assert not any(lab.there.values())
    left = {thread.name for thread in threading.enumerate()}
    assert not {"client", "operator", "watcher"} & left
    report = run.report()
    assert [record.gone for record in report.records] == [True]
    assert not report.good


def test_rest_is_waited_for_and_not_for_ever(lab, clock):
    assert settled(lab, lambda: True, clock) == 0
    assert settled(lab, lambda: clock.now() > 40, clock) > 40
    lab.off.add("nfs")
    begun = clock.now()
    assert settled(lab, lambda: True, clock) is None
    assert 300 <= clock.now() - begun < 310


def test_the_inventory_is_the_labs_with_backups(root, tmp_path):
    text = inventory(root, tmp_path / "chaos").read_text()

    assert "../../.lab" not in text
    assert "\nbackup: {to: /srv/backup" in text


@pytest.fixture
def begun(monkeypatch, tmp_path, lab, clock):
    """The command line's way, upon the played lab."""
    monkeypatch.setattr(runs, "_ready", lambda *_given: made(lab, clock))
    monkeypatch.setattr(runs.signal, "signal", lambda *_given: None)
    return lambda: main(tmp_path, tmp_path, 7, 5, tmp_path / "report.json")


def test_the_exit_code_is_that_of_the_verdicts(begun, lab, tmp_path, capsys):
    assert begun() == 0
    assert json.loads((tmp_path / "report.json").read_text())["good"] is True
    assert "chaos, seed 7, 5 minutes" in capsys.readouterr().out

    lab.locks["nfs"] = ["a lock"]
    assert begun() == 1
    assert "FAILED  no lock is left: nfs: a lock" in capsys.readouterr().out


def test_a_look_that_fails_in_the_end_is_no_success(begun, lab, capsys):
    lab.refused.add("/var/lib/moorage/*/lock")
    assert begun() == 1
    assert "refused" in capsys.readouterr().err


def test_ctrl_c_gives_the_table_and_its_code(begun, monkeypatch, capsys):
    def pressed(_self, _faults):
        raise KeyboardInterrupt

    monkeypatch.setattr(Run, "whole", pressed)
    assert begun() == INTERRUPTED
    assert "nothing was judged" in capsys.readouterr().out


def test_what_cannot_be_begun_says_why(monkeypatch, tmp_path, capsys):
    def lacking(*_given):
        raise HostLacksError("no /dev/net/tun")

    monkeypatch.setattr(runs, "_ready", lacking)
    monkeypatch.setattr(runs.signal, "signal", lambda *_given: None)
    assert main(tmp_path, tmp_path, None, 5, None) == 3
    assert main(tmp_path, tmp_path, 7, 1, None) == 3
    said = capsys.readouterr().err
    assert "no /dev/net/tun" in said
    assert "seed" in said


def test_a_site_that_cannot_be_set_up_is_told(monkeypatch, root, tmp_path, lab):
    lab.reset = lab.wait_ready = lambda: None
    lab.paths = type("Paths", (), {"home": tmp_path})
    monkeypatch.setattr(runs, "Lab", lambda _root: lab)
    monkeypatch.setattr(runs, "fab", lambda *_given: lambda words: Ran(tuple(words), 5, "error: x"))

    with pytest.raises(LabError, match="fab up ended with 5:\nerror: x"):
        runs._ready(root, tmp_path, 7, 5)


def looked(tmp_path, script, docker):
    """How a script of the last look ends, and what it prints, where docker is a small program."""
    for name, text in (("docker", docker), ("systemctl", ":")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    places = r"(?<= )/(?=(?:srv|var/lib|etc|root|dev/shm|tmp)/)"
    script = re.sub(places, f"{tmp_path}/guest/", script)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    return subprocess.run(["sh", "-s"], input=script, env=env, capture_output=True, text=True,
                          check=False, timeout=30)  # fmt: skip


@pytest.mark.parametrize(
    ("nodes", "replicas", "ready"),
    [("Ready Ready", "1/1", True), ("Ready Ready", "1/1 (max 1 per node)", True),
     ("Ready Down", "1/1", False), ("Ready Ready", "0/1", False)],
)  # fmt: skip
def test_the_swarm_is_whole(tmp_path, nodes, replicas, ready):
    docker = f"case $1 in node) printf '%s\\n' {nodes} ;; service) echo '{replicas}' ;; esac"

    assert (looked(tmp_path, looking._READY, docker).returncode == 0) == ready


@pytest.mark.parametrize(
    "path",
    ["srv/nexus.verify", "srv/backup/registry/b1.partial", "srv/backup/registry/b1/index.new",
     "srv/moorage-chaos.ballast", "etc/exports.d/.moorage.new", "dev/shm/moorage-docker.Xy",
     "var/lib/moorage/registry/stopped", "var/lib/moorage/registry/lock/doing.new"],
)  # fmt: skip
def test_what_is_left_is_found(tmp_path, path):
    assert looked(tmp_path, looking.LEFT, ":").stdout == ""
    (tmp_path / "guest" / path).mkdir(parents=True)

    assert looked(tmp_path, looking.LEFT, ":").stdout == f"{tmp_path}/guest/{path}\n"


def test_volumes_and_containers_of_a_proof_are_found(tmp_path):
    docker = "case $1 in volume) echo registry-verify_data ;; ps) echo registry-verify.1 ;; esac"

    assert len(looked(tmp_path, looking.LEFT, docker).stdout.splitlines()) == 2


def test_locks_are_found_with_their_owners(tmp_path):
    assert looked(tmp_path, looking.LOCKS, ":").stdout == ""
    lock = tmp_path / "guest/var/lib/moorage/registry/lock"
    lock.mkdir(parents=True)
    assert looked(tmp_path, looking.LOCKS, ":").stdout == f"{lock}: \n"
    (lock / "owner").write_text('{"who": "alice"}\n')

    assert looked(tmp_path, looking.LOCKS, ":").stdout == f'{lock}: {{"who": "alice"}} \n'
