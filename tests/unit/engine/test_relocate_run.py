"""A move by the whole engine, on shells whose programs play a Swarm and an NFS server."""

from __future__ import annotations

import json
import os
import shlex
import sys

import pytest
from played_site import HOME, ShellFleet, ShellHost

from moorage.errors import Interrupted, Refused, Unreachable
from moorage.gather import Gatherer
from moorage.identity import Identity
from moorage.lock import Lock
from moorage.planning import Work
from moorage.quoting import Script
from moorage.runner import run
from moorage.steps.nfs import scripts as nfs_scripts
from moorage.steps.relocate import RelocateDesired, RelocateStep, Scripts
from moorage.steps.relocate.desired import Machine
from moorage.steps.stack import scripts as stack_scripts

DOCKER = """\
import json, os, sys
words, world = sys.argv[1:], os.environ["WORLD"]
here = os.environ["HERE"]
state = json.load(open(world))
line = " ".join(words)
def member(name):
    labels = {"moorage.x": "nexus"} if name in state["labels"] else {}
    return {"ID": f"id-{name}", "Description": {"Hostname": f"host-{name}"},
            "Status": {"State": "ready"}, "Spec": {"Availability": "active", "Labels": labels}}
if line.startswith("node ls -q"):
    print("id-boss id-one id-two".replace(" ", "\\n"))
elif line.startswith("node ls"):
    print("host-one Ready")
elif line.startswith("node inspect"):
    print(json.dumps([member(word.removeprefix("id-")) for word in words[2:]]))
elif line.startswith("node update"):
    name = words[-1].removeprefix("id-")
    labels = set(state["labels"]) - {name}
    state["labels"] = sorted(labels | ({name} if words[2] == "--label-add" else set()))
elif line.startswith("info"):
    print(f"id-{here}")
elif line.startswith("ps -q"):
    print("c1" if state["running"] == here else "")
elif line.startswith("volume inspect"):
    sys.exit(1)
elif line.startswith("service inspect"):
    replicas = {"Replicated": {"Replicas": state["replicas"]}}
    print(json.dumps([{"Spec": {"Name": "x_nexus", "Mode": replicas}}]))
elif line.startswith("service scale"):
    state["replicas"] = int(words[-1][-1])
    state["running"] = state["labels"][0] if state["replicas"] else None
elif line.startswith("service ps"):
    print("t1" if "ID" in line else "")
json.dump(state, open(world, "w"))
"""
EXPORTFS = """\
#!/bin/sh
file={file}
case $1 in
  -ra) grep -v '^#' $file >{table}
    [ -s {table} ] || echo none >>{log}
    cat {table} >>{log} ;;
  -s) cat {table} ;;
esac
"""


class PlayedHost(ShellHost):
    """A shell with programs of its own in front."""

    def run(self, script, *, timeout=None):
        front = f"PATH={self.root}/bin:$PATH WORLD={self.root.parent}/world HERE={self.name}\n"
        body = f"{front}export PATH WORLD HERE\n{script.body}"
        return super().run(Script(script.summary, body, script.variables), timeout=timeout)


@pytest.fixture
def played(tmp_path):
    """Hosts, and what the world of them is."""
    data, file = tmp_path / "srv", tmp_path / "m.exports"
    data.mkdir()
    (data / "lock").touch()
    file.write_text(f"{data} 10.0.0.1(rw)\n")
    (tmp_path / "table").write_text(file.read_text())
    world = {"labels": ["one"], "running": "one", "replicas": 1}
    (tmp_path / "world").write_text(json.dumps(world))
    hosts = []
    for name in ("nas", "boss", "one", "two"):
        programs = tmp_path / name / "bin"
        programs.mkdir(parents=True)
        ours = shlex.join([sys.executable, f"{programs}/docker.py"])
        exportfs = EXPORTFS.format(file=file, table=tmp_path / "table", log=tmp_path / "log")
        for program, text in (
            ("exportfs", exportfs),
            ("docker.py", DOCKER),
            ("docker", f'#!/bin/sh\nexec {ours} "$@"\n'),
        ):
            (programs / program).write_text(text)
            (programs / program).chmod(0o755)
        hosts.append(PlayedHost(name, tmp_path / name))
    fleet = ShellFleet(*hosts)
    fleet.data, fleet.file, fleet.log = data, file, tmp_path / "log"
    fleet.world = lambda: json.loads((tmp_path / "world").read_text())
    return fleet


class Writable:
    """Nexus by its name, which answers that it can be written to."""

    def ask(self, *_args, **_options):
        class Answer:
            status_code = 200
            headers = {"Server": "Nexus/3.94.0-01 (COMMUNITY)"}

        return Answer()


def step(played, to="two", fenced=()):
    addresses = {"boss": "10.0.0.3", "one": "10.0.0.1", "two": "10.0.0.2"}
    path, file = str(played.data), str(played.file)
    text = f"# ours\n{path} {addresses[to]}(rw)\n"
    return RelocateStep(played, "boss", "nas", Writable(), RelocateDesired(
        to=to, fenced=fenced,
        swarm={name: Machine(address, f"host-{name}") for name, address in addresses.items()},
        service="x_nexus", label=("moorage.x", "nexus"), path=path, file=file, text=text,
        closed=f"# moving to {to}\n", clients=(addresses[to],), listed=False,
        servers=("10.0.0.10",), volume="v", options={}, grace_seconds=1,
        scripts=Scripts(
            label=lambda node, hostname, on: stack_scripts.label_node(
                node, hostname, "moorage.x", "nexus" if on else None),
            let_in=nfs_scripts.export(file, text, path, [addresses[to]]),
            prove=Script("prove that it can be mounted", "true"),
            wait=lambda *_: None,
        ),
    ))  # fmt: skip


@pytest.fixture
def move(played, report):
    names = ["nas", "boss", "one", "two"]

    def go(to="two", *, dry_run=False, **options):
        def lock(outcomes):
            touched = {host for outcome in outcomes if outcome.plan
                       for change in outcome.plan.changes
                       for host in (change.host, *(getattr(action, "host", change.host)
                                                   for action in change.actions))}  # fmt: skip
            return Lock(played, HOME, [name for name in names if name in touched], "move",
                        me=Identity("alice@laptop", os.getpid(), "here"))  # fmt: skip

        return run(Work(
            steps=[step(played, to, **options)], needs={}, known_after={},
            gatherer=Gatherer(played, HOME, names, report.progress_of), report=report,
            confirm=lambda _question: None, lock=lock, where=lambda host: host,
        ), dry_run=dry_run)  # fmt: skip

    return go


DONE = {"labels": ["two"], "running": "two", "replicas": 1}


def test_nexus_is_moved_and_the_old_node_was_out_before_the_new_one_was_in(played, move):
    outcomes = move()

    assert outcomes[0].changes == 7
    assert played.world() == DONE
    let_in = [line.split()[-1] for line in played.log.read_text().splitlines()]
    assert let_in == ["none", "10.0.0.2(rw)"]


def test_a_second_run_changes_nothing(played, move):
    move()
    for host in played.hosts.values():
        host.asked.clear()

    assert move()[0].changes == 0
    assert {name: len(host.asked) for name, host in played.hosts.items()} == dict.fromkeys(
        ("nas", "boss", "one", "two"), 1
    )


def test_a_dry_run_does_nothing(played, move, out):
    before = played.world()

    move(dry_run=True)

    assert "plan: 7 changes" in out.getvalue()
    assert (played.world(), played.log.exists()) == (before, False)


@pytest.mark.parametrize(
    ("cut", "failure"),
    [(cut, Unreachable("connection lost") if cut % 2 else KeyboardInterrupt) for cut in range(7)],
)
def test_cut_off_at_any_change_the_next_run_carries_on(played, move, cut, failure):
    seen = []

    def before(script):
        if script.variables.get("moorage_entry"):
            seen.append(script.summary)
            if len(seen) == cut + 1:
                raise failure

    for host in played.hosts.values():
        host.before = before
    with pytest.raises((Interrupted, Unreachable)):
        move()
    for host in played.hosts.values():
        host.before = lambda _script: None

    move()

    assert played.world() == DONE
    assert not [host.name for host in played.hosts.values() if host.lock.exists()]


def test_it_goes_there_and_back(played, move):
    move()
    move("one")

    assert played.world() == {"labels": ["one"], "running": "one", "replicas": 1}
    assert played.file.read_text().endswith("10.0.0.1(rw)\n")


def test_a_node_that_answers_is_not_fenced_by_word(played, move):
    with pytest.raises(Refused, match="one answers"):
        move(fenced=("one",))
    assert played.world()["running"] == "one"
