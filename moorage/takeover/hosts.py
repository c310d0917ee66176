"""The machines by role and name, as the inventory's ``hosts`` and ``ssh``; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moorage.takeover.addresses import SshAddress
from moorage.takeover.taken import Taken

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class Machine:
    """One machine that is to be in the inventory.

    Args:
        name: what commands call it.
        hostname: its name as Swarm lists it; empty for the NFS host.
        node: its node id.
    """

    name: str
    role: str
    at: SshAddress
    hostname: str = ""
    node: str = ""


def named(wanted: str, taken: Sequence[str], also: str) -> str:
    """A name that no other machine has: the wanted one, or the same with a word behind it."""
    name = _NOT_IN_NAMES.sub("-", wanted).strip("-._") or also
    return name if name not in taken else f"{name}-{also}"


def take_hosts(taken: Taken, machines: Sequence[Machine], ssh: Mapping[str, Any]) -> None:
    """All of them; what they have in common is said once.

    Args:
        ssh: what the command line said of SSH.
    """
    common = {}
    for key in ("user", "port"):
        values = {getattr(machine.at, key) for machine in machines}
        if len(values) == 1 and None not in values:
            common[key] = values.pop()
    for machine in machines:
        host = {key: value for key, value in machine.at.host().items() if key not in common}
        if machine.hostname and machine.hostname != machine.name:
            host["hostname"] = machine.hostname
        part = taken.data.setdefault("hosts", {}).setdefault(machine.role, {})
        part[machine.name] = host
    said = {**common, **ssh}
    if said:
        taken.put("ssh", said)
