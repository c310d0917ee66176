"""What the steps about backups are given by others: Nexus stopped and waited for, and logins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from moorage.change import Action
from moorage.steps.base import RunScript
from moorage.transport.base import Progress
from moorage.transport.http import Web


class Standstill(Protocol):
    """Stops the service for a while, and starts it again."""

    def stop(self, why: str, begun: Callable[[], None]) -> Iterator[Action]: ...

    def start(self) -> RunScript: ...

    def start_if_stopped(self) -> RunScript: ...

    def see(self) -> RunScript: ...

    def hold(self) -> RunScript: ...

    def let_go(self) -> RunScript: ...


@dataclass(frozen=True)
class Ways:
    """Ways to the service.

    Args:
        standstill: stops and starts it.
        web: Nexus by its name.
        await_writable: waits until it can be written to; gives its version where it tells.
        log_in: logs a way to a Nexus of some version in as admin; false where no password known
            is taken.
    """

    standstill: Standstill
    web: Callable[[], Web]
    await_writable: Callable[[Progress], str | None]
    log_in: Callable[[Web, str], bool]


@dataclass(frozen=True)
class AwaitWritable:
    """Wait until Nexus can be written to again."""

    @property
    def summary(self) -> str:
        return "wait until Nexus can be written to"


@dataclass(frozen=True)
class Measure:
    """See how much is to be copied, and that there is room for it."""

    @property
    def summary(self) -> str:
        return "see that there is room at the target"


@dataclass(frozen=True)
class Ask:
    """Have Nexus tell what it has, for the manifest."""

    @property
    def summary(self) -> str:
        return "ask Nexus for its repositories, and for checksums of some files"


@dataclass(frozen=True)
class Compare:
    """Compare what Nexus has with a manifest."""

    generation: str

    @property
    def summary(self) -> str:
        return f"compare what Nexus has with the manifest of {self.generation}"
