"""Backup, upgrade and restore killed at each of their actions in turn, and pushes meanwhile.

Each run goes on until it comes to an action at which none was killed yet. So one after the other
ends there, until one comes through; the journal tells that all were cut off.
"""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import signal
import time

import pytest
from older_site import begun, over, runs, written_by

from lab.errors import LabError

pytestmark = [pytest.mark.lab, pytest.mark.long]

_HOSTS = ("nfs", "manager", "worker")
# what is done is written down by mv; after that, each action that is new is held up
_HOLD_UP = """
: >/run/caught
cat >/usr/local/sbin/mv <<'END'
#!/bin/sh
/usr/bin/mv "$@" || exit
case "$*" in *lock/doing.new*) ;; *) exit 0 ;; esac
for noted; do :; done
key=$(grep -o '"action": *"[^"]*"' "$noted" | sed 's/20[0-9T:Z+-]*//g' | sort -u)
[ -n "$key" ] || exit 0
if [ "$(grep -cxF -e "$key" /run/caught)" -lt "$(printf '%s\\n' "$key" | wc -l)" ]; then
  printf '%s\\n' "$key" >>/run/caught
  sleep 90
fi
END
chmod 0755 /usr/local/sbin/mv
"""
_LET_GO = "rm -f /usr/local/sbin/mv /run/caught"
_MOST_RUNS = 60


@pytest.fixture(scope="module")
def site(root, lab, tmp_path_factory, fab):
    yield begun(lab, fab, root, tmp_path_factory.mktemp("killed"))
    over(lab, fab)


@pytest.fixture
def held_up(lab):
    """Each action that was not seen yet is held up before it is begun."""
    for host in _HOSTS:
        lab.run(host, _HOLD_UP)
    yield
    for host in _HOSTS:
        lab.run(host, _LET_GO)


def _caught(lab):
    lines = [line for host in _HOSTS for line in lab.run(host, "cat /run/caught").splitlines()]
    return {json.loads("{" + line + "}")["action"] for line in lines}


def _killed_in_turn(lab, fab, start, inventory, *words):
    """Run it again and again, killed at each action; the actions, and what the last run said.

    The journals say that a run was cut off at each of them.
    """
    seen: set[str] = set()
    for _ in range(_MOST_RUNS):
        run = start(*words, inventory=inventory)
        while run.process.poll() is None:
            now = _caught(lab)
            if now > seen:
                seen = now
                run.process.send_signal(signal.SIGKILL)
                run.ended()
                break
            time.sleep(0.5)
        else:
            assert run.ended() == 0, run.text
            # where nothing was left to change, a dead run's lock is still there
            assert fab("unlock", inventory=inventory).code == 0
            assert seen <= _interrupted(lab)
            return seen, run.text
    pytest.fail(f"{_MOST_RUNS} runs, and none came through: {sorted(seen)}")


def _interrupted(lab):
    """The actions at which the journals say that a run ended."""
    found = set()
    for host in _HOSTS:
        for line in lab.run(host, "cat /var/lib/moorage/registry/journal.jsonl 2>/dev/null; true"
                            ).splitlines():  # fmt: skip
            entry = json.loads(line)
            if entry["result"] == "interrupted":
                found.add(re.sub(r"20[0-9T:Z+-]*", "", entry["action"]))
    return found


def _docker(lab, host, script, **options):
    password = shlex.quote((lab.paths.secrets / "admin_password").read_text())
    login = f"printf %s {password} | docker login -u admin --password-stdin registry.lab"
    return lab.run(host, f"set -e; {login} >/dev/null 2>&1; {script}", **options)


def _push(lab, tag):
    """Push an image that no other has; its digest once the registry has acknowledged it."""
    said = _docker(
        lab, "worker",
        f"printf 'FROM lab/tiny:1\\nLABEL of={tag}\\n' | "
        f"docker build -q -t registry.lab/team/kept:{tag} - >/dev/null;"
        f"docker push registry.lab/team/kept:{tag}; docker image rm registry.lab/team/kept:{tag}",
    )  # fmt: skip
    return re.search(r"digest: (sha256:\w+)", said)[1]


def _pulls(lab, digests):
    """Which of the images are not had any more, by a docker that has none of them."""
    lost = []
    for digest in digests:
        try:
            _docker(lab, "manager", f"docker pull -q registry.lab/team/kept@{digest};"
                    f"docker image rm registry.lab/team/kept@{digest}")  # fmt: skip
        except LabError:
            lost.append(digest)
    return lost


def _works(lab, fab, inventory, digests):
    assert _pulls(lab, digests) == []
    assert fab("plan", "--check", inventory=inventory).code == 0
    for host in _HOSTS:
        lock = "ls -d /var/lib/moorage/registry/lock 2>/dev/null; true"
        assert lab.run(host, lock) == ""
    left = lab.run("nfs", "ls -d /srv/nexus.verify /srv/nexus.restoring /srv/backup/*/*.partial "
                   "2>/dev/null; true")  # fmt: skip
    assert left == ""
    assert lab.run("manager", "ls /var/lib/moorage/registry | grep -e upgrade -e stopped; true"
                   ) == ""  # fmt: skip


@pytest.fixture(scope="module")
def acknowledged(lab, site):
    """Digests of images that were pushed before anything went wrong."""
    return [_push(lab, f"before-{number}") for number in range(2)]


@pytest.fixture
def backup(lab, fab, site, acknowledged):
    """The name of a backup that has all that was acknowledged."""
    made = fab("backup", inventory=site)
    assert made.code == 0, made.text
    return lab.run("nfs", "ls -r /srv/backup/registry").split()[0]


def test_a_backup_while_pushes_go_on_has_all_that_was_acknowledged_before_it(
    lab, fab, start, site, acknowledged
):
    run = start("backup", inventory=site)
    meanwhile = []
    while run.process.poll() is None:
        # one that comes while Nexus stands still fails, and its client is told so
        with contextlib.suppress(LabError):
            meanwhile.append(_push(lab, f"meanwhile-{len(meanwhile)}"))
    assert run.ended() == 0, run.text
    assert _pulls(lab, [*acknowledged, *meanwhile]) == []
    since = _push(lab, "since")

    restored = fab("restore", inventory=site)

    assert restored.code == 0, restored.text
    assert _pulls(lab, acknowledged) == []
    # what it was put back from is the backup, and no later state
    lost = _pulls(lab, [*meanwhile, since])
    assert lost == [*meanwhile, since][-len(lost) :]
    assert since in lost
    _works(lab, fab, site, acknowledged)
    lab.run("nfs", "rm -rf /srv/nexus.pre-restore-*")


def test_a_backup_killed_at_each_action_is_made_by_the_next(
    lab, fab, start, site, acknowledged, held_up
):
    seen, _ = _killed_in_turn(lab, fab, start, site, "backup", "--verify")

    assert len(seen) > 8, seen
    _works(lab, fab, site, acknowledged)


def test_a_restore_killed_at_each_action_is_finished_by_the_next(
    lab, fab, start, site, acknowledged, backup, held_up
):
    seen, _ = _killed_in_turn(lab, fab, start, site, "restore", "--from", backup)

    assert len(seen) > 6, seen
    _works(lab, fab, site, acknowledged)
    lab.run("nfs", "rm -rf /srv/nexus.pre-restore-*")


def test_an_upgrade_brought_back_and_killed_at_each_action_of_that_is_brought_back_by_the_next(
    lab, fab, start, site, acknowledged, held_up
):
    for host in _HOSTS:
        lab.run(host, _LET_GO)
    run = start("upgrade", "--to", "3.93.0", inventory=site)
    run.until("stack: wait until")
    run.process.send_signal(signal.SIGKILL)
    run.ended()
    for host in _HOSTS:
        lab.run(host, _HOLD_UP)

    seen, _ = _killed_in_turn(lab, fab, start, site, "upgrade", "--back")

    assert len(seen) > 6, seen
    assert runs(lab)[0] == written_by(lab) == "3.90.0"
    _works(lab, fab, site, acknowledged)
    lab.run("nfs", "rm -rf /srv/nexus.pre-restore-*")


def test_an_upgrade_killed_at_each_action_is_finished_by_the_next(
    lab, fab, start, site, acknowledged, held_up
):
    seen, said = _killed_in_turn(lab, fab, start, site, "upgrade", "--to", "3.92.0")

    assert len(seen) > 8, seen
    assert runs(lab)[0] == written_by(lab) == "3.92.0", said
    _works(lab, fab, site, acknowledged)
