"""What a run has left on hosts that are shells: files, journal, how often they were asked."""

from __future__ import annotations

import json


def read(host, file):
    path = host.root / file
    return path.read_text() if path.exists() else None


def journal(host):
    lines = host.journal.read_text().splitlines() if host.journal.exists() else []
    return [(entry["step"], entry["change"], entry["host"], entry["result"])
            for entry in map(json.loads, lines)]  # fmt: skip


def execs(hosts):
    return {name: len(host.asked) for name, host in hosts.hosts.items()}
