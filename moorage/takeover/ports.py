"""Published ports: Nexus' own for a proxy of one's own, others as they are; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from moorage.steps.stack.composed import Fields

_LINE = re.compile(r"(\d+)→(\d+)/(\w+) (\w+)")


@dataclass(frozen=True)
class Published:
    """One published port of a service."""

    port: int
    target: int
    protocol: str
    mode: str

    def entry(self) -> dict[str, object]:
        """It as a compose file has it."""
        return {"target": self.target, "published": self.port, "protocol": self.protocol,
                "mode": self.mode}  # fmt: skip


def published_ports(fields: Fields) -> Iterator[Published]:
    """Those of a running service."""
    for line in fields["ports"]:
        found = _LINE.fullmatch(line)
        if found:
            port, target, protocol, mode = found.groups()
            yield Published(int(port), int(target), protocol, mode)
