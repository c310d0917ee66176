"""A lab that is played: guests that can be off or deaf, faults by their keys, a small registry."""

from __future__ import annotations

import hashlib
import re
import time

from lab.chaos import looking
from lab.chaos.scripts import FOLDER, NEXUS_KILLED
from lab.errors import LabError, NotReadyError

ADDRESS = "10.77.0.12"


_KEY = re.compile(rf"{FOLDER}/([a-z]+-\d+)\.on")


class PlayedClock:
    """Time that passes only where somebody waits; for others a moment of real time does."""

    def __init__(self):
        self.time = 0.0
        self.gate = None
        """What has to come about before any time passes."""

    def begin(self):
        self.time = 0.0

    def now(self):
        return self.time

    def sleep(self, seconds):
        if self.gate:
            assert self.gate.wait(20)
        self.time += max(0.0, seconds)
        time.sleep(0.001)


class PlayedLab:
    """What a chaos run does to guests, and what it is told."""

    def __init__(self, clock):
        self.clock = clock
        self.calls = []
        self.off = set()
        self.deaf = {}
        """Guests that take no commands, until when."""
        self.there = {"nfs": set(), "manager": set(), "worker": set()}
        self.cut_off = set()
        self.stubborn = set()
        """Guests whose faults do not go by their undo."""
        self.netem = True
        self.without_effect = False
        self.containers = {"manager": [], "worker": ["c1"]}
        self.registry = {}
        self.samples = []
        self.locks = {}
        self.left = {}
        self.refused = set()
        """What is not taken: words of scripts, or of programs."""

    def run(self, host, script, *, check=True, timeout=300.0):
        if host in self.off or self.deaf.get(host, 0) > self.clock.now():
            raise NotReadyError(f"{host} is not reached by ssh")
        self.deaf.pop(host, None)
        if any(word in script for word in self.refused):
            if not check:
                return "refused"
            raise LabError(f"exit code 1 on {host}: {script}\nrefused")
        return self._said(host, script)

    def _said(self, host, script):
        key = _KEY.search(script)
        if "modprobe -a" in script and not key:
            return "netem\n" if self.netem else ""
        if key and "--on-active" in script:
            return self._begun(host, key[1], script)
        if key and "systemctl stop" in script:
            self.calls.append(("undo", host, key[1]))
            if host not in self.stubborn:
                self.there[host].discard(key[1])
            return ""
        if script.startswith("cat ") and ".took" in script:
            return "" if self.without_effect else "took\n"
        if self.there[host] and script not in (":", looking._READY):
            raise LabError(f"exit code 1 on {host}: something of {self.there[host]} is left")
        return self._plain(host, script)

    def _plain(self, host, script):
        if script == NEXUS_KILLED:
            self.calls.append(("nexus", host))
            return "killed\n" if self.containers[host] else ""
        if "docker push" in script:
            return self._pushed(script)
        if "docker pull" in script:
            if self.clock.gate:
                self.clock.gate.set()
            digests = re.findall(r"sha256:[0-9a-f]{64}", script)
            return "".join(f"there {one}\n" for one in digests if one in self.registry)
        if "moorage-chaos-sampler" in script:
            begins = "systemd-run" in script
            self.calls.append(("sample" if begins else "collect", host))
            return "" if begins else "\n".join(self.samples)
        given = {looking.CONTAINERS: self.containers, looking.LOCKS: self.locks,
                 looking.LEFT: self.left}.get(script, {})  # fmt: skip
        return "\n".join(given.get(host, []))

    def _begun(self, host, key, script):
        self.calls.append(("begin", host, key))
        if not self.without_effect:
            self.there[host].add(key)
        seconds = int(re.search(rf"{key} --on-active=(\d+)", script)[1])
        if key.startswith(("cutoff", "sshd")):
            self.deaf[host] = self.clock.now() + seconds
        return ""

    def _pushed(self, script):
        tag = re.search(r"docker push \S+:(\w+)", script)[1]
        digest = "sha256:" + hashlib.sha256(tag.encode()).hexdigest()
        self.registry[digest] = tag
        return f"{tag}: digest: {digest} size: 527\npush-has-ended-with-0\nDeleted: sha256:0\n"

    def exec(self, argv, *, timeout=300.0):
        if self.refused & set(argv):
            raise LabError("exit code 22: curl")
        return ""

    def kill(self, host):
        self.calls.append(("kill", host))
        self.off.add(host)
        self.there[host].clear()
        self.deaf.pop(host, None)

    def boot(self, host):
        self.calls.append(("boot", host))
        if "boot" in self.refused:
            raise NotReadyError(f"guest {host} does not answer")
        self.off.discard(host)

    def cut(self, host, other=None):
        self.calls.append(("cut", host, other))
        self.cut_off |= {host}

    def mend(self, host):
        self.calls.append(("mend", host))
        self.cut_off.discard(host)

    def forget(self, host):
        self.calls.append(("forget", host))


def told(events):
    return [(event.what, event.good) for event in events.all()]
