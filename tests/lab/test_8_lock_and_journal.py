"""Two operators at once, runs that were cut off at each kind of action, and the journal of it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import time

import pytest
from test_7_plan_and_drift import DRIFTS, break_by_hand
from witness import until

pytestmark = pytest.mark.lab

_HOME = "/var/lib/moorage/registry"
_SLOW = """
for word in chown exportfs systemctl docker mv; do
  real=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v $word) || continue
  cat >/usr/local/sbin/$word <<END
#!/bin/sh
if [ -s /run/slow ]; then
  case "$word \\$*" in *"\\$(cat /run/slow)"*) . /run/slow.how ;; esac
fi
exec $real "\\$@"
END
  chmod 0755 /usr/local/sbin/$word
done
"""
_FAST = """
for word in chown exportfs systemctl docker mv; do rm -f /usr/local/sbin/$word; done
rm -f /run/slow /run/slow.how
docker ps -q --filter status=paused 2>/dev/null | xargs -r docker unpause >/dev/null
"""
# a request is slow where what it goes through stands still from when it is noted
_HOW = {"request": '/usr/bin/mv "$@" || exit; docker pause $(docker ps -q --filter name=traefik) '
        ">/dev/null; exit"}  # fmt: skip


def _history(fab):
    lines = fab("history", "--json", "--lines", "1000").out.splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture
def held(lab, site_up):
    """The NFS host's lock, held by somebody on another machine."""
    owner = json.dumps({"id": "x", "who": "alice@laptop", "pid": 4211, "origin": "elsewhere",
                        "since": "2026-01-02T10:02:11+00:00", "doing": "step nfs"})  # fmt: skip
    lab.run("nfs", f"mkdir -p {_HOME}/lock && cd {_HOME}/lock && printf x >id && "
            f"printf '%s' '{owner}' >owner && touch beat && chmod 0700 /srv/nexus")  # fmt: skip
    yield
    lab.run("nfs", f"rm -rf {_HOME}/lock; chmod 0750 /srv/nexus")


@pytest.mark.scenario(15, "Two operators")
def test_a_second_operator_is_told_at_once_by_whom_it_is_locked(fab, held, lab):
    begun = time.monotonic()
    ran = fab("nfs-setup")

    assert ran.code == 6, ran.text
    assert time.monotonic() - begun < 9
    assert "on nfs: locked by alice@laptop pid 4211 since" in ran.err
    assert ", step nfs" in ran.err
    assert "--wait 10m" in ran.err
    assert lab.run("nfs", "stat -c %a /srv/nexus").strip() == "700"


@pytest.mark.scenario(15, "Two operators")
def test_who_only_looks_is_not_stopped(fab, held):
    ran = fab("plan", "--step", "nfs")

    assert ran.code == 0, ran.text
    assert "mode: 0700 → 0750" in ran.out
    assert "note: locked by alice@laptop" in ran.out
    status = fab("lock-status")
    assert status.code == 0
    assert "nfs: locked by alice@laptop" in status.out
    assert "worker: free" in status.out


def test_a_live_lock_is_not_taken_away_without_force_and_a_typed_name(fab, held):
    assert fab("unlock").code == 6
    forced = fab("unlock", "--force", typed="registry\n")

    assert forced.code == 3
    assert "no terminal" in forced.err


def test_a_stale_lock_is_taken_away_or_over(fab, held, lab):
    lab.run("nfs", f"touch -d '-10 min' {_HOME}/lock/beat")
    assert "stale" in fab("lock-status").out

    assert fab("nfs-setup").code == 0
    assert "nfs: free" in fab("lock-status").out

    lab.run("nfs", f"mkdir -p {_HOME}/lock && touch -d '-10 min' {_HOME}/lock/beat "
            f"&& printf y >{_HOME}/lock/id")  # fmt: skip
    unlocked = fab("unlock")
    assert unlocked.code == 0, unlocked.text
    assert "nfs: unlocked" in unlocked.out


@pytest.mark.scenario(15, "Two operators")
def test_who_waits_goes_on_when_the_lock_is_free(start, held, lab):
    run = start("nfs-setup", "--wait", "2m")
    run.until("waiting: locked by alice@laptop")
    lab.run("nfs", f"rm -rf {_HOME}/lock")

    assert run.ended() == 0, run.text
    assert "made and verified" in run.text


def test_without_a_terminal_and_without_yes_nothing_is_changed(fab, lab, site_up):
    lab.run("nfs", "chmod 0700 /srv/nexus")

    ran = fab("nfs-setup", MOORAGE_YES="")

    assert ran.code == 3
    assert "mode: 0700 → 0750" in ran.out
    assert "--yes" in ran.err
    assert lab.run("nfs", "stat -c %a /srv/nexus").strip() == "700"
    assert fab("nfs-setup", "--yes", MOORAGE_YES="").code == 0


@pytest.mark.long
def test_two_operators_started_together_never_both_change_anything(lab, fab, start, site_up):
    for round_ in range(2):
        lab.run("nfs", "chmod 0700 /srv/nexus")
        lab.run("manager", "docker service update -d -q --label-add by.hand=1 registry_nexus")
        before = len(_history(fab))

        runs = [start("up"), start("up")]
        codes = sorted(run.ended() for run in runs)

        assert codes in ([0, 0], [0, 6]), [run.text for run in runs]
        changes = _history(fab)[before:]
        assert len({entry["pid"] for entry in changes}) == 1, (round_, changes)
        assert len(changes) == len({(entry["change"], entry["host"]) for entry in changes}) == 2
        assert fab("plan", "--check").code == 0


_UNTAG = ("docker image ls --format '{{.Repository}}:{{.Tag}}' moorage/nexus | "
          "xargs docker rmi -f")  # fmt: skip
KINDS = {
    # what is slow on which host, where what drift calls for it, the task, the words of the action
    "directory": ("nfs", "chown", ("nfs", "chmod 0700 /srv/nexus"), "nfs-setup", "own /srv/nexus"),
    "export": ("nfs", "exportfs -ra", ("nfs", "exportfs -u 10.77.0.12:/srv/nexus"), "nfs-setup",
               "export /srv/nexus to"),
    "service": ("nfs", "systemctl enable", ("nfs", "systemctl disable -q nfs-server"), "nfs-setup",
                "start nfs-server"),
    "build": ("manager", "docker build", ("manager worker", _UNTAG), "build-image",
              "build moorage/nexus"),
    "copy": ("worker", "docker load", ("worker", _UNTAG), "build-image", "hand moorage/nexus"),
    "label": ("manager", "node update", ("manager", ("docker node update --label-rm "
              "moorage.registry manager")), "deploy", "label node manager"),
    "deploy": ("manager", "stack deploy", ("manager", ("docker service update -d -q --label-add "
               "by.hand=1 registry_nexus")), "deploy", "deploy the stack registry"),
    "wait": (None, "", ("manager", "docker service scale -d registry_nexus=0"), "deploy",
             "wait until registry_nexus"),
    "request": ("manager", "doing.new", ("nexus", None), "nexus-seed", "add the realm"),
}  # fmt: skip


def _drift(lab, hosts, shell):
    if hosts == "nexus":
        break_by_hand(lab, DRIFTS["the realms of Nexus"])
        return
    for host in hosts.split():
        lab.run(host, shell)


def _until_noted(lab, words):
    """Wait until a host has it written down that the action is begun."""
    deadline = time.monotonic() + 60
    while not any(words in lab.run(host, f"cat {_HOME}/lock/doing* 2>/dev/null; true")
                  for host in ("nfs", "manager", "worker")):  # fmt: skip
        assert time.monotonic() < deadline, words
        time.sleep(0.2)


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "killed"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.scenario(16, "Ctrl-C mid-deploy")
def test_a_run_cut_off_at_each_kind_of_action_is_finished_by_the_next(
    lab, fab, start, site_up, kind, number
):
    """The journal tells which action it was."""
    slow_host, pattern, drift, task, words = KINDS[kind]
    before = len(_history(fab))
    _drift(lab, *drift)
    if slow_host:
        how = shlex.quote(_HOW.get(kind, "sleep 20"))
        lab.run(slow_host, f"{_SLOW}\nprintf %s {how} >/run/slow.how\n"
                f"printf %s '{pattern}' >/run/slow")  # fmt: skip
    try:
        run = start(task)
        run.until(f": {words}")
        _until_noted(lab, words)
        if kind in _HOW:
            until(lambda: lab.run(slow_host, "docker ps -q --filter status=paused"))
        os.kill(run.process.pid, number)
        code = run.ended()
    finally:
        if slow_host:
            lab.run(slow_host, _FAST)

    assert code == (130 if number == signal.SIGINT else -signal.SIGKILL), run.text
    if number == signal.SIGINT:
        assert "interrupted" in run.text
        assert "locked" not in fab("lock-status").out
    finished = fab("up")
    assert finished.code == 0, finished.text
    # where nothing was left to change, the dead run's lock is still there
    assert fab("unlock").code == 0
    cut = [entry for entry in _history(fab)[before:] if entry["result"] == "interrupted"]
    assert [entry for entry in cut if words in entry["action"]], _history(fab)[before:]
    assert fab("plan", "--check").code == 0
    assert lab.run("nfs", "ls -A /etc/exports.d").split() == ["moorage-registry.exports"]


def test_no_secret_is_in_any_journal(lab, site_up):
    password = (lab.paths.secrets / "admin_password").read_text().strip()
    for host in ("nfs", "manager", "worker"):
        assert password not in lab.run(host, f"cat {_HOME}/journal.jsonl* 2>/dev/null; true")
