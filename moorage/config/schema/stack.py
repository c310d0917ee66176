"""The Swarm stack: everything that ``templates/stack.yml.j2`` needs besides Nexus' own part."""

from typing import Annotated, Any, Literal

from pydantic import Field

from moorage.config.schema.base import Duration, Model, Name, OneOrMore, form

_NAME = form(r"[a-z0-9][a-z0-9_-]*", 'a name: small letters, digits, "_" and "-" only')

_CONSTRAINT = Annotated[
    str, form(r"[A-Za-z0-9._-]+ ?[!=]= ?\S.*", "a constraint such as node.role == manager")
]
_KEY = Annotated[str, form(r"[a-z][a-z_]*", "a key of a service in a compose file")]


class Healthcheck(Model):
    """How Docker tells a slow start from a dead Nexus.

    Nexus counts requests against the Community Edition's daily limit, so the interval is long.
    """

    interval: Duration = "30s"
    """Time between two checks."""
    timeout: Duration = "10s"
    """The longest that a check may take."""
    retries: Annotated[int, Field(ge=1)] = 5
    """Failures in a row that make the task unhealthy."""
    start_period: Duration = "15m"
    """Failures in this time do not count: a database migration must not be cut off."""


class Update(Model):
    """How Swarm replaces the task. Two Nexus never share a data directory: stop first."""

    order: Literal["stop-first"] = "stop-first"
    """The old task ends before the new one begins."""
    failure_action: Literal["pause", "continue", "rollback"] = "pause"
    """What Swarm does when the new task fails."""
    monitor: Duration = "30s"
    """How long a new task is watched for failure."""


class Restart(Model):
    """When Swarm starts the task again. The delay outlasts the NFS server's lease."""

    condition: Literal["any", "on-failure", "none"] = "any"
    """Ends after which Swarm starts the task again."""
    delay: Duration = "15s"
    """Time between end and start."""


class Placement(Model):
    """Which nodes may run Nexus, by the names of this inventory."""

    nodes: Annotated[list[Name], Field(min_length=1), OneOrMore] | None = None
    """Default: the first of ``hosts.nodes``, or the first manager where there is none."""
    failover: bool = False
    """True lets Swarm move Nexus to any node of the list; false keeps it on one: the first, until
    `fab relocate` moves it."""


class Stack(Model):
    """The stack and its one service. ``null`` leaves a part out of the rendering."""

    name: Annotated[str, _NAME] = "registry"
    """Name of the stack; its services and volumes begin with it."""
    service: Annotated[str, _NAME] = "nexus"
    """Name of the service in it."""
    compose_version: (
        Annotated[str, form(r"3\.\d+", "a version of the compose file such as 3.8")] | None
    ) = "3.8"
    """``version`` of the compose file; older Docker asks for it."""
    placement: Placement | None = Placement()
    """Where Nexus may run; null: anywhere."""
    constraints: Annotated[list[_CONSTRAINT], OneOrMore] = []
    """Further constraints of the service, as Docker has them: `node.role == manager`."""
    healthcheck: Healthcheck | None = Healthcheck()
    """How Docker tells that Nexus is well; null: as the image says."""
    update: Update | None = Update()
    """How Swarm replaces the task."""
    restart: Restart | None = Restart()
    """When Swarm starts the task again."""
    stop_grace_period: Duration | None = "120s"
    """Time for Nexus to close its database before it is killed."""
    nofile: Annotated[int, Field(ge=1024)] | None = 65536
    """Open files; Nexus asks for at least 65536 (Sonatype, System Requirements)."""
    further: dict[_KEY, Any] = {}
    """Further keys of the service in the compose file, laid over what the template makes."""
    converge_timeout: Duration = "20m"
    """How long the service may take until its task runs and is healthy."""
