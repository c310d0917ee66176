"""The shell that takes the definition of a volume away and proves that the data are there still."""

from __future__ import annotations

from collections.abc import Mapping

from moorage.quoting import Script
from moorage.steps.stack.desired import StackDesired

_SECONDS = 60
_MARK = "/nexus-data/.moorage-data"
_RUN = """
run() {
  timeout -k 5 "$seconds" docker run --sig-proxy=false --rm --network none --user "$uid:$uid" \\
    --entrypoint sh --mount "$1" -- "$image" -c "$2"
}
"""
_LEAVE = """
token=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \\n')
run "$former" "printf %s $token >$mark" >&2 || {
  echo "the export cannot be mounted with the former options" >&2; exit 1; }
seen=$(run "$mount" "cat $mark") || {
  echo "the export cannot be mounted with the new options, or has other data" >&2
  run "$former" "rm -f $mark" >&2
  exit 1
}
[ "$seen" = "$token" ] || { echo "the new options lead to other data" >&2; exit 1; }
"""
_SEE = """
seen=$(run "$mount" "[ ! -e $mark ] && echo none || { [ -s $mark ] && rm -f $mark && echo there; }")
[ "$seen" = there ] || {
  echo "what was written before the volume was defined anew is not there: ${seen:-no answer}" >&2
  exit 1
}
"""
_STOP = """
docker service scale --detach=true "$service=0" >&2 || exit 1
round=0
while docker service ps --format '{{.CurrentState}}' -- "$service" 2>/dev/null |
  grep -q '^Running\\|^Starting\\|^Preparing'; do
  [ "$round" -lt "$seconds" ] || { echo "it still runs after $seconds s" >&2; exit 124; }
  round=$((round + 1))
  sleep 1
done
"""
_START = """
replicas=$(docker service inspect --format '{{.Spec.Mode.Replicated.Replicas}}' -- "$service") ||
  exit 1
[ "$replicas" != 0 ] || docker service scale --detach=true "$service=1" >&2
"""
_REMOVE = """
docker volume inspect -- "$volume" >/dev/null 2>&1 || exit 0
round=0
while :; do
  for state in created exited dead; do
    docker ps -aq --filter "volume=$volume" --filter "status=$state" \\
      --filter "label=com.docker.swarm.service.name=$service" | while read -r id; do
      docker rm -- "$id" >/dev/null 2>&1
    done
  done
  said=$(docker volume rm -- "$volume" 2>&1) && exit 0
  [ "$round" -lt 30 ] || { printf '%s\\n' "$said" >&2; exit 1; }
  round=$((round + 1))
  sleep 1
done
"""
_STOP_SECONDS = 300


def mount_text(options: Mapping[str, str], *, nocopy: bool) -> str:
    """A volume without a name, as ``--mount`` of docker-run has it.

    It goes with its container. Values with commas are quoted as CSV (docker/cli, opts/mount.go).
    """
    fields = ["type=volume", "volume-driver=local", "destination=/nexus-data"]
    fields += [f"volume-opt={key}={value}" for key, value in options.items()]
    fields += ["volume-nocopy=true"] if nocopy else []
    return ",".join(f'"{item}"' if "," in item else item for item in fields)


def leave_proof(wanted: StackDesired, former: Mapping[str, str]) -> Script:
    """Write a mark by the options that are there, read it by those that are asked."""
    return Script(
        "prove that the same data are behind the new options",
        _RUN + _LEAVE,
        {
            "image": wanted.image, "uid": wanted.uid, "mark": _MARK, "seconds": _SECONDS,
            "former": mount_text(former, nocopy=wanted.nocopy),
            "mount": mount_text(wanted.volume_options, nocopy=wanted.nocopy),
        },
    )  # fmt: skip


def see_proof(wanted: StackDesired) -> Script:
    """Find the mark again, and take it away."""
    return Script(
        "prove that the data are still there",
        _RUN + _SEE,
        {
            "image": wanted.image, "uid": wanted.uid, "mark": _MARK, "seconds": _SECONDS,
            "mount": mount_text(wanted.volume_options, nocopy=wanted.nocopy),
        },
    )  # fmt: skip


def stop(service: str) -> Script:
    """Scale a service to nothing and wait until no task of it runs."""
    return Script(f"stop {service}", _STOP, {"service": service, "seconds": _STOP_SECONDS})


def start(service: str) -> Script:
    """Let a service that was stopped run again as it is defined, and wait for nothing."""
    return Script(f"start {service} again", _START, {"service": service})


def remove(volume: str, service: str) -> Script:
    """Remove a definition, with the ended containers of the service that still name it."""
    return Script(
        f"remove the definition of the volume {volume}", _REMOVE,
        {"volume": volume, "service": service},
    )  # fmt: skip
