"""Who takes locks in the tests of the lock, and what is seen of one on its host."""

from __future__ import annotations

import json
import os
import subprocess
import time

from played_site import HOME

from moorage import lock_shell
from moorage.identity import Identity
from moorage.lock import holder
from moorage.quoting import Script
from moorage.transport.base import sections

ALICE = Identity("alice@laptop", 4211, "elsewhere")
BOB = Identity("bob@desk", 17, "elsewhere too")


def found(host):
    script = lock_shell.read(HOME).script()
    return holder(sections(host.read(script)).get("state"), host.name)


def age(host, seconds):
    """Make the last heartbeat so many seconds old."""
    then = time.time() - seconds
    os.utime(host.lock / "beat", (then, then))


def entries(host):
    return [json.loads(line) for line in host.journal.read_text().splitlines()]


def under_way(nas, mine, body, *, wait=True, heard=True):
    """A script of a change that still runs, as after its connection broke."""
    script = lock_shell.carry_out(
        Script("change", body), HOME, mine.token, '{"change":"x","step":"s","host":"nas"', ""
    )
    text = Script(script.summary, script.body, {
        key: value.replace("/var/lib/", f"{nas.root}/") if isinstance(value, str) else value
        for key, value in script.variables.items()
    }).text()  # fmt: skip
    said = None if heard else subprocess.PIPE
    process = subprocess.Popen(["sh", "-s"], stdin=subprocess.PIPE, stdout=said, stderr=said,
                               text=True, start_new_session=True)  # fmt: skip
    for stream in filter(None, (process.stdout, process.stderr)):
        stream.close()
    process.stdin.write(text)
    process.stdin.close()
    deadline = time.monotonic() + (10 if wait else 0)
    while not list(nas.lock.glob("run.*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    return process
