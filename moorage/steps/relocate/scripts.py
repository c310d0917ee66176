"""The shell of a move: stop, leave the data alone, close the export, start."""

from __future__ import annotations

from collections.abc import Sequence

from moorage.quoting import Script
from moorage.steps.holders import CLIENTS, EXPIRE_DEAD, HOLDERS

_STOP_SECONDS = 300
_UNMOUNT_SECONDS = 60
_EXPIRE_SECONDS = 30
# a node that the managers do not reach goes on with its task: that is seen to on the node itself
_STOP = """
# what is noted of a standstill although it runs is of a run long gone
[ -z "$home" ] || rm -f -- "$home/stopped" "$home/stopped.guard" "$home/stopped.hold"
docker service scale --detach=true "$service=0" >&2 || exit 1
running() {
  down=$(docker node ls --format '{{.Hostname}} {{.Status}}' | sed -n 's/ Down$//p')
  docker service ps --format '{{.Node}} {{.CurrentState}}' -- "$service" 2>/dev/null |
    while read -r node state _; do
      case $state in Running | Starting | Preparing | Ready | Assigned | Accepted) ;;
        *) continue ;; esac
      printf '%s\\n' "$down" | grep -qxF -- "$node" || echo "$node"
    done
}
round=0
while [ -n "$(running)" ]; do
  [ "$round" -lt "$seconds" ] || {
    echo "it still runs on $(running | sort -u | tr '\\n' ' ')after $seconds s" >&2; exit 124; }
  round=$((round + 1))
  sleep 1
done
"""
_LEAVE = """
filter="label=com.docker.swarm.service.name=$service"
ids=$(docker ps -q --filter "$filter") || exit 1
# Swarm may stop and remove it meanwhile: what counts is that none is left
[ -z "$ids" ] || docker stop -t "$grace" $ids >&2
[ -z "$(docker ps -q --filter "$filter")" ] || { echo "a container of it still runs" >&2; exit 1; }
printf '%s\\n' "$mounts" | while IFS= read -r point; do
  [ -n "$point" ] || continue
  round=0
  while grep -qF -- " $point nfs" /proc/mounts; do
    said=$(timeout -k 5 "$seconds" umount -- "$point" 2>&1) && continue
    [ "$round" -lt 5 ] || { echo "$point cannot be unmounted: $said" >&2; exit 1; }
    round=$((round + 1))
    sleep 1
  done
done
"""
# the export goes first: what is ended after it cannot come back
_CLOSE = f"""
folder=$(dirname -- "$file")
new=$folder/.moorage.new
printf %s "$text" >"$new" && chmod 0644 "$new" && sync -- "$new" && mv -f -- "$new" "$file" ||
  exit 1
said=$(exportfs -ra 2>&1)
left=$(exportfs -s | while read -r exported rest; do
  [ "$exported" != "$path" ] || printf '%s\\n' "$rest"; done)
[ -z "$left" ] || {{ echo "$path is still exported: $left $said" >&2; exit 1; }}
[ -z "$said" ] || echo "note: exportfs says of other files: $said"
fenced() {{
  [ -n "$names" ] || return 1
  printf '%s\\n' "$names" | while IFS= read -r name; do
    getent ahosts -- "$name" | cut -d ' ' -f 1
  done | grep -qxF -- "$1"
}}
expire() {{
  for client in {CLIENTS}/*/; do
    [ -w "$client/ctl" ] || continue
    address=$(sed -n 's/^address: *"\\(.*\\)"$/\\1/p' "$client/info")
    address=${{address%:*}} address=${{address#[}} address=${{address%]}}
    fenced "$address" && grep -q . "$client/states" && echo expire >"$client/ctl"
  done
  (
{EXPIRE_DEAD.strip()}
  )
}}
holding() {{
  (
{HOLDERS.strip()}
  )
}}
if [ -d {CLIENTS} ]; then
  round=0
  while expire; left=$(holding); [ -n "$left" ]; do
    [ "$round" -lt "$seconds" ] || {{
      echo "Nexus' data are still open on $(printf '%s' "$left" | tr '\\n' ' ')" >&2; exit 1; }}
    round=$((round + 1))
    sleep 1
  done
elif [ -n "$names" ]; then
  # no way to end what they had open: the server does when their lease is over
  sleep "$(cat /proc/fs/nfsd/nfsv4leasetime 2>/dev/null || echo 90)"
fi
"""
_START = """
docker service scale --detach=true "$service=1" >&2
"""


def stop(service: str, home: str = "") -> Script:
    """Scale a service that runs to nothing, and wait until no task of it runs on a node that is up.

    Args:
        home: folder of lock and journal on the manager.
    """
    return Script(f"stop {service}", _STOP,
                  {"service": service, "seconds": _STOP_SECONDS, "home": home})  # fmt: skip


def leave(service: str, mounts: Sequence[str], path: str, grace_seconds: int) -> Script:
    """See to it that a node has no container of the service and no mount of the export."""
    return Script(
        f"prove that {service} is stopped and {path} is not mounted",
        _LEAVE,
        {"service": service, "mounts": tuple(mounts), "grace": grace_seconds,
         "seconds": _UNMOUNT_SECONDS},
    )  # fmt: skip


def close(file: str, text: str, path: str, fenced: Sequence[str]) -> Script:
    """Let nobody in any more, end what fenced machines have open, and prove both.

    Args:
        fenced: addresses, as the inventory has them, of machines that are switched off.
    """
    return Script(
        f"let nobody in to {path}, and prove that nobody has Nexus' data open",
        _CLOSE,
        {"file": file, "text": text, "path": path, "names": tuple(fenced),
         "seconds": _EXPIRE_SECONDS},
    )  # fmt: skip


def start(service: str) -> Script:
    """Have one task of the service again."""
    return Script(f"start {service}", _START, {"service": service})
