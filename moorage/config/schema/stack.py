"""The Swarm stack: everything that ``templates/stack.yml.j2`` needs besides Nexus' own part."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from moorage.config.schema.base import Duration, Model, Name


class Healthcheck(Model):
    """How Docker tells a slow start from a dead Nexus.

    Nexus counts requests against the Community Edition's daily limit, so the interval is long.
    """

    interval: Duration = "30s"
    timeout: Duration = "10s"
    retries: Annotated[int, Field(ge=1)] = 5
    start_period: Duration = "15m"
    """Failures in this time do not count: a database migration must not be cut off."""


class Update(Model):
    """How Swarm replaces the task. Two Nexus never share a data directory: stop first."""

    order: Literal["stop-first"] = "stop-first"
    failure_action: Literal["pause", "continue", "rollback"] = "pause"
    monitor: Duration = "30s"


class Restart(Model):
    """When Swarm starts the task again. The delay outlasts the NFS server's lease."""

    condition: Literal["any", "on-failure", "none"] = "any"
    delay: Duration = "15s"


class Placement(Model):
    """Which nodes may run Nexus, by the names of this inventory."""

    nodes: list[Name] | None = None
    """Default: the first of ``hosts.nodes``, or the first manager where there is none."""
    failover: bool = False
    """True lets Swarm move Nexus to any node of the list; false keeps it on the first."""


class Stack(Model):
    """The stack and its one service. ``null`` leaves a part out of the rendering."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")] = "registry"
    service: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")] = "nexus"
    compose_version: Annotated[str, Field(pattern=r"^3\.\d+$")] | None = "3.8"
    placement: Placement | None = Placement()
    healthcheck: Healthcheck | None = Healthcheck()
    update: Update | None = Update()
    restart: Restart | None = Restart()
    stop_grace_period: Duration | None = "120s"
    """Time for Nexus to close its database before it is killed."""
    nofile: Annotated[int, Field(ge=1024)] | None = 65536
    """Open files; Nexus asks for at least 65536 (Sonatype, System Requirements)."""
    converge_timeout: Duration = "20m"
    """How long the service may take until its task runs and is healthy."""
