"""Hosts as the command line names them, before there is an inventory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from moorage.config.schema.base import is_ip
from moorage.errors import Refused

_FORM = re.compile(
    r"(?:(?P<user>[^@\s:]+)@)?(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:\[\]@]+))"
    r"(?::(?P<port>\d{1,5}))?"
)


@dataclass(frozen=True)
class SshAddress:
    """Where SSH connects to; what is None comes from ssh-config."""

    address: str
    user: str | None = None
    port: int | None = None

    def of(self, address: str) -> SshAddress:
        """Another machine, reached as this one is."""
        return SshAddress(address, self.user, self.port)

    def host(self) -> dict[str, Any]:
        """It as a host of an inventory."""
        given = {"address": self.address, "user": self.user, "port": self.port}
        return {key: value for key, value in given.items() if value is not None}


def ssh_address(text: str, flag: str) -> SshAddress:
    """What ``[user@]address[:port]`` means; an IPv6 address with a port stands in brackets.

    Raises:
        Refused: it is no such thing.
    """
    if is_ip(text):
        return SshAddress(text)
    found = _FORM.fullmatch(text.strip())
    if found is None or (found["port"] and not 0 < int(found["port"]) < 65536):  # noqa: PLR2004
        user, at, address = text.partition("@")
        if at and user and is_ip(address):
            return SshAddress(address, user)
        raise Refused(f"{flag}: {text} is no address", hint="such as ops@10.0.0.10, or "
                      "ops@nas.example.com:2222")  # fmt: skip
    port = int(found["port"]) if found["port"] else None
    return SshAddress(found["six"] or found["host"], found["user"], port)
