"""What there is when all faults are over, asked by plain commands in the guests."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import LabError
from .machines import Clock, Machines
from .schedule import ALL, NODES
from .scripts import BALLAST, SERVICE

_SECONDS = 120.0
_SETTLED_SECONDS = 300.0
_PAUSE = 3.0

LOCKS = """for lock in /var/lib/moorage/*/lock; do
  [ -d "$lock" ] || continue
  printf '%s: ' "$lock"; tr '\\n' ' ' <"$lock/owner" 2>/dev/null; echo
done
:"""
LEFT = f"""ls -d /srv/nexus.verify /srv/nexus.restoring /srv/nexus.pre-restore-* {BALLAST} \\
  /srv/backup/*/*.partial /dev/shm/moorage-docker.* /tmp/moorage-docker.* \\
  /var/lib/moorage/*/stopped* /var/lib/moorage/*/upgrade* /var/lib/moorage/*/swap 2>/dev/null
find /var/lib/moorage /etc/exports.d /etc/docker /root/.docker /srv/backup -maxdepth 3 \\
  '(' -name '*.new' -o -name '.moorage.*' ')' 2>/dev/null
if systemctl is-active --quiet docker.service; then
  docker volume ls -q | grep verify
  docker ps -a --format '{{{{.Names}}}}' | grep verify
fi
:"""
CONTAINERS = f"docker ps -q --filter label=com.docker.swarm.service.name={SERVICE}"
_READY = f"""[ "$(docker node ls --format '{{{{.Status}}}}' | grep -c Ready)" = {len(NODES)} ] &&
  [ "$(docker service ls --filter name={SERVICE} --format '{{{{.Replicas}}}}' |
    cut -d ' ' -f 1)" = 1/1 ]"""


def settled(machines: Machines, answers: Callable[[], bool], clock: Clock) -> float | None:
    """Wait until all guests take commands, the Swarm is whole and Nexus answers, for five minutes.

    Args:
        machines: The guests.
        answers: Whether Nexus answers.
        clock: Time of the run.

    Returns:
        The seconds that it took, or None where the time was over before.
    """
    begun = clock.now()
    while clock.now() - begun < _SETTLED_SECONDS:
        if all(_well(machines, host) for host in ALL) and answers():
            return clock.now() - begun
        clock.sleep(_PAUSE)
    return None


def told(machines: Machines, script: str, hosts: tuple[str, ...] = ALL) -> dict[str, list[str]]:
    """What a script prints on each host, line by line.

    Raises:
        LabError: A host could not be asked.
    """
    return {host: machines.run(host, script, timeout=_SECONDS).splitlines() for host in hosts}


def _well(machines: Machines, host: str) -> bool:
    try:
        machines.run(host, _READY if host == "manager" else ":", timeout=_SECONDS)
    except LabError:
        machines.forget(host)
        return False
    return True
