"""Ways to Nexus for the steps about backups: waited for, logged in to, and one beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator

from moorage.config.schema.base import seconds
from moorage.config.schema.nexus import HTTP_PORT
from moorage.errors import MoorageError, NotConverged, SecretUnavailable, Unreachable
from moorage.order import Assembly
from moorage.quoting import Script
from moorage.steps.backup import BackupDesired
from moorage.steps.nexus.api import version_of
from moorage.steps.nexus.deadline import Deadline
from moorage.steps.nexus.step import way_to
from moorage.steps.stack.converge import Wait
from moorage.transport.base import Progress
from moorage.transport.http import Web
from moorage.transport.nexus_status import nexus_status
from moorage.values import Secret

_LOGIN_SECONDS = 120.0
_POLL_SECONDS = 2.0
_RUNS_HERE = """
docker ps -q --filter "label=com.docker.swarm.service.name=$service"
"""
# bash's own way to a port, since no image and no host is certain to have another program for it
_RELAY = """
id=$(docker ps -q --filter "label=com.docker.swarm.service.name=$service" | head -n 1)
[ -n "$id" ] || exit 1
pid=$(docker inspect --format '{{.State.Pid}}' "$id") || exit 1
exec nsenter --net="/proc/$pid/ns/net" bash -c '
  exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
  echo ready
  main=$$
  { cat <&3; kill "$main"; } 2>/dev/null &
  cat >&3
  kill "$!" 2>/dev/null
' relay "$port"
"""


def await_writable(assembly: Assembly, wanted: BackupDesired, progress: Progress) -> str | None:
    """Wait until the service's Nexus can be written to; give its version where it tells.

    Raises:
        NotConverged: its task crashes again and again.
        Unreachable: it takes longer than ``nexus.startup_timeout``.
    """
    wait = Wait(assembly.fleet.host(assembly.manager), wanted.service, wanted.startup_seconds)
    wait.require_service("deployed by another")
    return wait.until_writable(assembly.nexus_web(), progress)


def log_in(assembly: Assembly, web: Web, version: str) -> bool:
    """Log a way to a Nexus in as admin, by the first known password that it takes."""
    api = way_to(web, version_of(version), Deadline(_LOGIN_SECONDS, "nexus.startup_timeout"))
    for password in _passwords(assembly):
        if api.takes("admin", password):
            web.log_in("admin", password)
            return True
    return False


def _passwords(assembly: Assembly) -> Iterator[Secret]:
    nexus = assembly.site.nexus
    for reference in filter(None, (nexus.admin_password, nexus.former_admin_password)):
        try:
            yield assembly.secret(reference)
        except SecretUnavailable:
            if reference == nexus.admin_password:
                raise


def await_beside(assembly: Assembly, service: str, progress: Progress) -> Web:
    """Wait until a Nexus without routes can be written to; give a way to it through its node.

    Raises:
        NotConverged: its task failed.
        Unreachable: it takes too long.
    """
    site = assembly.site
    wait = Wait(
        assembly.fleet.host(assembly.manager), service, seconds(site.stack.converge_timeout)
    )
    wait.until_converged(progress)
    node = _node_of(assembly, service)
    script = Script(f"reach {service} on {node}", _RELAY, {"service": service, "port": HTTP_PORT})
    web = assembly.fleet.web_through(node, script)
    deadline = time.monotonic() + seconds(site.nexus.startup_timeout)
    while True:
        status = nexus_status(web)
        if status.writable:
            return web
        if time.monotonic() > deadline:
            raise Unreachable(f"the Nexus of {service} cannot be written to: {status.phase}",
                              hint="give it longer: nexus.startup_timeout")  # fmt: skip
        progress(f"waiting for the Nexus beside: {status.phase}")
        time.sleep(_POLL_SECONDS)


def _node_of(assembly: Assembly, service: str) -> str:
    script = Script(f"see whether {service} runs here", _RUNS_HERE, {"service": service})
    found = assembly.fleet.each(
        assembly.site.eligible_nodes(), lambda host: host.read(script).strip()
    )
    for name, seen in found.items():
        if seen and not isinstance(seen, MoorageError):
            return name
    raise NotConverged(f"{service} runs on none of {', '.join(found)}",
                       hint="run the same command again")  # fmt: skip
