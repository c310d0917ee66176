"""What status asks of a host: one script, no part of which waits for long."""

from __future__ import annotations

from collections.abc import Mapping

from moorage.checks.doctor_probe import NFS_PORT, nfs_server, reach
from moorage.config.schema.site import Site
from moorage.documents import exports_path
from moorage.quoting import Script, Value
from moorage.steps.nfs.observe import probe as export_probe
from moorage.steps.pending_upgrade import UNDER_WAY
from moorage.steps.stack.tasks import probe as tasks_probe
from moorage.transport.base import Probe, together

_ONE_CALL = 0.4
"""Part of Docker's time that one call may take."""
_REACH_SECONDS = 3
_SHOWN_THREADS = 20

# a Docker that hangs costs its share once: what is asked of it after that fails at once
_BOUNDED = """
moorage_end=$(( $(date +%s) + moorage_seconds ))
docker() {
  moorage_left=$(( moorage_end - $(date +%s) ))
  [ "$moorage_left" -gt 0 ] || return 124
  [ "$moorage_left" -le "$moorage_call" ] || moorage_left=$moorage_call
  timeout -k 1 "$moorage_left" docker "$@"
}
"""
_NOW = "date +%s"
_MANAGER = {
    "nodes": "docker node ls --format '{{json .}}'",
    "backups": '[ ! -e "$home/backups.json" ] || cat -- "$home/backups.json"',
    **UNDER_WAY,
}
# nothing here touches the mount itself: stat(2) on a dead one would wait with the others
_NODE = {
    "mounts": 'awk \'$3 ~ /^nfs/ { print $1 "|" $2 "|" $3 "|" $4 }\' /proc/mounts',
    "containers": (
        "docker ps --no-trunc --format"
        " '{{.ID}}|{{.Label \"com.docker.swarm.service.name\"}}|{{.Status}}'"
    ),
    # names of threads may have any character, parentheses too
    "stuck": (
        "printf '%s\\0' /proc/[0-9]*/task/[0-9]*/stat | xargs -0 cat 2>/dev/null |\n"
        f"  sed -n 's/^\\([0-9]*\\) (\\(.*\\)) D .*/\\1 \\2/p' | head -n {_SHOWN_THREADS} |\n"
        "  while read -r thread name; do\n"
        '    groups=$(tr "\\n" " " 2>/dev/null <"/proc/$thread/cgroup") || continue\n'
        '    printf "%s|%s|%s\\n" "$thread" "$groups" "$name"\n'
        "  done"
    ),
    # milliseconds since the last word from the server, ss(8)
    "socket": 'command -v ss >/dev/null || exit 99\nss -tni "dport = :$nfs_port"',
    "kernel": (
        "cut -d ' ' -f 1 /proc/uptime\n"
        "dmesg 2>/dev/null | grep -E 'nfs: server .* (not responding|OK)' | tail -n 6"
    ),
    "server": reach("server", "nfs_port", _REACH_SECONDS),
}


def status_probe(site: Site, name: str, home: str) -> Probe:
    """What is read on one host, by its role.

    Args:
        home: the folder of lock, journal and the record of backups.
    """
    role, _ = site.named_hosts()[name]
    parts: dict[str, str] = {"now": _NOW}
    values: dict[str, Value] = {}
    if role == "nfs":
        export = export_probe(site.storage.export, exports_path(site))
        parts |= export.only(("active", "exported", "space")).parts
        values |= export.variables
    if role == "manager":
        tasks = tasks_probe(f"{site.stack.name}_{site.stack.service}")
        parts |= {**_MANAGER, **tasks.parts}
        values |= {**tasks.variables, "home": home}
    if role in ("manager", "node"):
        parts |= _NODE
        values |= {"server": nfs_server(site), "nfs_port": str(NFS_PORT)}
    return Probe(f"look at {name}", parts, values)


def bounded(probes: Mapping[str, Probe], seconds: float) -> Script:
    """One script for several probes of a host, in which Docker is not waited for without end.

    Args:
        seconds: for all calls of Docker's together.
    """
    script = together(probes).script()
    most = max(int(seconds), 1)
    limits = {"moorage_seconds": most, "moorage_call": max(int(most * _ONE_CALL), 1)}
    return Script(script.summary, f"{_BOUNDED}{script.body}", {**script.variables, **limits})
