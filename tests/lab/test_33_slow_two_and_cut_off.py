"""Scenarios 11, 15, 16 and 17: a slow start, two operators, Ctrl-C, and a connection that drops."""

from __future__ import annotations

import signal
import time

import pytest
from test_8_lock_and_journal import _FAST, _SLOW
from test_24_destroy_and_clean import typed
from witness import EXPORTS, RUNNING, TASKS, history, until, writable

pytestmark = [pytest.mark.lab, pytest.mark.long]

_LOCK = "/var/lib/moorage/registry/lock"
_OWN_SESSIONS = "nohup sh -c 'sleep 1; pkill -f \"^sshd: root@notty\"' >/dev/null 2>&1 &"


@pytest.fixture
def slow(lab, site_up):
    """Makes a program of a host slow where it is called with some words."""
    slowed = []

    def make(host, words, seconds=20):
        slowed.append(host)
        lab.run(host, f"{_SLOW}\nprintf 'sleep {seconds}' >/run/slow.how\n"
                f"printf '%s' '{words}' >/run/slow")  # fmt: skip

    yield make
    for host in slowed:
        lab.run(host, f"rm -f /run/slow; {_FAST}")


@pytest.fixture
def healed(fab, site_up):
    """Afterwards everything is as the inventory says."""
    yield
    fab("unlock")
    ran = fab("up")
    assert ran.code == 0, ran.text


def at_it(lab, host, seconds=20):
    """Wait until a slow program of a host has begun."""
    until(lambda: lab.run(host, f"pgrep -fx 'sleep {seconds}'; true").strip(), 60)


@pytest.mark.scenario(11, "Nexus still starting for 3 minutes")
def test_a_start_of_three_minutes_is_waited_for_and_one_too_long_is_no_failure(
    lab, fab, variant, site_up, healed
):
    late = ('environment: {NEXUS_STANDIN_CLOSED_SECONDS: "60", '
            'NEXUS_STANDIN_STARTING_SECONDS: "120"}\n  startup_timeout: ')  # fmt: skip
    short = variant(("startup_timeout: 5m", f"{late}20s"))
    quick = short.read_text().replace("converge_timeout: 5m", "converge_timeout: 20s")
    short.write_text(quick)
    cut = fab("deploy", inventory=short)
    task = lab.run("manager", TASKS).splitlines()[0]
    long = variant(("startup_timeout: 5m", f"{late}5m"))

    ran = fab("deploy", inventory=long)

    assert cut.code == 4, cut.text
    assert "not failed" in cut.err
    assert ran.code == 0, ran.text
    # the same task as before: it was left as it was, and waited for
    assert lab.run("manager", TASKS).splitlines()[0] == task
    assert writable(lab) == "200"
    said = cut.text + ran.text
    assert "starting" in said
    assert "Traceback" not in said
    told = [line for line in ran.out.splitlines() if line.startswith("stack: ")]
    waits = [line for line in told if "starting" in line or "waiting" in line]
    assert waits
    assert all(line.endswith(" s)") for line in waits), "each with the time that passed"


@pytest.mark.scenario(15, "Two operators")
def test_a_second_operator_is_told_at_once_and_may_take_the_lock_by_the_stacks_name(
    lab, fab, start, root, healed, slow
):
    """Waiting, and a lock of a dead run: test_8."""
    slow("nfs", "chown", 90)
    lab.run("nfs", "chmod 0700 /srv/nexus")
    first = start("nfs-setup")
    first.until(": own /srv/nexus")
    at_it(lab, "nfs", 90)

    begun = time.monotonic()
    second = fab("nfs-setup")
    took = time.monotonic() - begun
    looked = fab("plan", "--step", "nfs")
    plain = fab("unlock")
    code, said = typed(root, ["unlock", "--force"], "registri")
    still = lab.run("nfs", "ls -d /var/lib/moorage/registry/lock")

    assert second.code == 6, second.text
    assert took < 9
    assert f" pid {first.process.pid} since " in second.err
    assert "step nfs" in second.err
    assert looked.code == 0, looked.text
    assert "note: locked by" in looked.out
    assert plain.code == 6, plain.text
    assert code == 3, said
    assert still.strip()
    assert first.ended() == 0, first.text
    lab.run("nfs", f"mkdir {_LOCK} && printf x >{_LOCK}/id && touch {_LOCK}/beat")
    code, said = typed(root, ["unlock", "--force"], "registry")
    assert code == 0, said
    assert "nfs: free" in fab("lock-status").out


@pytest.mark.scenario(16, "Ctrl-C mid-deploy")
def test_ctrl_c_while_it_converges_leaves_swarm_at_work_and_the_next_run_adopts_it(
    lab, fab, start, variant, site_up, healed
):
    late = 'environment: {NEXUS_STANDIN_STARTING_SECONDS: "40"}\n  startup_timeout: 5m'
    config = variant(("startup_timeout: 5m", late))
    run = start("deploy", inventory=config)
    run.until("stack: wait until")
    run.until("stack: the task")
    run.process.send_signal(signal.SIGINT)
    code = run.ended(60)
    # the former task may have gone before the new one is there
    task = until(lambda: lab.run("manager", RUNNING))

    assert code == 130, run.text
    assert "Swarm goes on with what it was told" in run.text
    assert "locked" not in fab("lock-status").out
    assert [one for one in history(fab)[-5:] if one["result"] == "interrupted"]
    ran = fab("deploy", inventory=config)
    assert ran.code == 0, ran.text
    # the update under way was waited for, and none was begun beside it
    assert lab.run("manager", RUNNING) == task


@pytest.mark.scenario(16, "Ctrl-C mid-deploy")
def test_a_second_ctrl_c_leaves_at_once(lab, start, healed, slow):
    slow("nfs", "chown")
    lab.run("nfs", "chmod 0700 /srv/nexus")
    run = start("nfs-setup")
    run.until(": own /srv/nexus")
    at_it(lab, "nfs")

    run.process.send_signal(signal.SIGINT)
    time.sleep(1)
    begun = time.monotonic()
    run.process.send_signal(signal.SIGINT)
    code = run.ended(30)

    assert code == 130, run.text
    assert time.monotonic() - begun < 5


@pytest.mark.scenario(16, "Ctrl-C mid-deploy")
def test_ctrl_c_while_the_export_is_written_leaves_the_old_file_or_the_new(
    lab, start, variant, healed, slow
):
    before = lab.run("nfs", f"cat {EXPORTS}")
    slow("nfs", "exportfs -ra")
    options = "export_options: [rw, sync, no_subtree_check, root_squash, crossmnt]"
    config = variant(("export: /srv/nexus", f"export: /srv/nexus\n  {options}"))
    run = start("nfs-setup", inventory=config)
    run.until(": export /srv/nexus to")
    at_it(lab, "nfs")

    run.process.send_signal(signal.SIGINT)
    code = run.ended(120)

    assert code == 130, run.text
    after = lab.run("nfs", f"cat {EXPORTS}")
    assert after == before or after.count("crossmnt") == len(before.split("10.77.0.")) - 1
    left = lab.run("nfs", "ls -A /etc/exports.d").split()
    assert left == ["moorage-registry.exports"], run.text + lab.run("nfs", "ps -eo pid,pgid,args")


@pytest.mark.scenario(17, "SSH drops mid-step")
def test_a_look_is_asked_once_more_and_a_change_is_carried_on_by_the_next_run(
    lab, fab, start, healed, slow
):
    # docker info is of what is only read
    slow("manager", "info")
    run = start("plan", "--step", "stack")
    at_it(lab, "manager")
    lab.run("manager", _OWN_SESSIONS)
    time.sleep(3)
    lab.ssh.forget("manager")
    assert run.ended(300) == 0, run.text
    assert "no changes" in run.text

    slow("nfs", "chown")
    lab.run("nfs", "chmod 0700 /srv/nexus")
    run = start("nfs-setup")
    run.until(": own /srv/nexus")
    at_it(lab, "nfs")
    lab.run("nfs", _OWN_SESSIONS)
    time.sleep(3)
    lab.ssh.forget("nfs")
    code = run.ended(300)

    assert code == 4, run.text
    assert "the SSH connection was lost" in run.text
    assert "run the same command again: it carries on from what is there" in run.text
    ran = fab("nfs-setup")
    assert ran.code == 0, ran.text
    assert lab.run("nfs", "stat -c '%u:%g %a' /srv/nexus") == "200:200 750\n"


@pytest.mark.scenario(17, "SSH drops mid-step")
def test_a_host_that_falls_silent_ends_the_run_and_its_lock_is_taken_over(
    lab, fab, start, healed, slow
):
    before = lab.run("nfs", f"cat {EXPORTS}")
    slow("nfs", "exportfs -ra")
    lab.run("nfs", "exportfs -u 10.77.0.12:/srv/nexus")
    run = start("nfs-setup")
    run.until(": export /srv/nexus to")
    at_it(lab, "nfs")
    lab.cut("nfs")
    try:
        code = run.ended(400)
    finally:
        lab.mend("nfs")
        lab.wait_ready()

    assert code == 4, run.text
    assert "could not be given back" in run.text
    assert lab.run("nfs", f"cat {EXPORTS}") == before
    # its last script may have come to a good end by itself: with nothing to do no lock is taken
    lab.run("nfs", "chmod 0700 /srv/nexus")
    assert fab("nfs-setup").code == 0
    assert "nfs: free" in fab("lock-status").out
