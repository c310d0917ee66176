"""Where a host is and how to connect to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Target:
    """Where and how to connect; what is ``None`` comes from ssh-config.

    Args:
        name: the inventory's name for the host.
        address: IP address, host name or ssh-config alias.
        sudo: whether commands need ``sudo`` when the user is not root.
        connect_timeout: seconds for the connection and for each part of the handshake.
        command_timeout: seconds that one command may take.
    """

    name: str
    address: str
    user: str | None = None
    port: int | None = None
    key: str | None = None
    jump: str | None = None
    sudo: bool = True
    ssh_config: Path | None = None
    known_hosts: tuple[Path, ...] = ()
    connect_timeout: int = 10
    command_timeout: int = 900
    connect_kwargs: dict[str, Any] = field(default_factory=dict)
