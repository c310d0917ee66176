"""What the stack is to be, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moorage.docker_login import DockerLogin
from moorage.steps.stack.composed import Fields, stack_fields


@dataclass(frozen=True)
class StackDesired:
    """The stack that is to run.

    Args:
        stack: its name.
        service: full name of the service that is Nexus.
        compose: the rendered stack file, and the same parsed.
        image: reference of the image, and the digest its label must carry.
        from_registry: whether Moorage does not put the image onto the nodes: they pull it, or
            have it; given: whether it does not build it either.
        eligible: inventory names of the hosts that may run Nexus.
        pinned: their names as Swarm lists them, where Nexus stays on the one that it is on; empty
            where Swarm may move it.
        label: the node label that says so, as key and value; None without placement.
        volume: name of the volume on the nodes; declared: names of all volumes of the stack file.
        volume_options: its driver options.
        nocopy: whether the volume is mounted without copying the image's files into it.
        network: network of the ingress, which must be there already.
        converge_seconds: how long the task may take; startup_seconds: how long Nexus may.
        image_pending: whether the image will be on its nodes before this plan is applied.
        advice: what is allowed but unwise; limits: what cannot be had with this routing.
        login: of the image's registry; None for the account's own, if any.
        home: folder of lock and journal on the manager.
        addresses: inventory names of the Swarm's hosts, by address.
        version: of its Nexus; empty where it may be older than the one that runs.
        upgrading: whether an upgrade that is not over is this run's own.
    """

    stack: str
    service: str
    compose_text: str
    compose: Mapping[str, Any]
    image: str
    image_digest: str
    from_registry: bool
    eligible: tuple[str, ...]
    label: tuple[str, str] | None
    volume: str
    declared: tuple[str, ...]
    volume_options: Mapping[str, str]
    nocopy: bool
    uid: int
    network: str | None
    converge_seconds: float
    startup_seconds: float
    image_pending: bool = False
    advice: tuple[str, ...] = ()
    login: DockerLogin | None = None
    given: bool = False
    addresses: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    pinned: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    home: str = ""
    upgrading: bool = False

    @property
    def server(self) -> str:
        """The address that the volume is mounted from."""
        return self.volume_options.get("o", "").partition("addr=")[2].partition(",")[0]

    def fields(self) -> dict[str, Fields]:
        """What each service is to be, by its full name."""
        return stack_fields(dict(self.compose), self.stack)


@dataclass(frozen=True)
class Await:
    """Wait until the service has converged and Nexus answers."""

    service: str
    former_update: str
    former_tasks: frozenset[str]

    @property
    def summary(self) -> str:
        return f"wait until {self.service} has converged and Nexus can be written to"
