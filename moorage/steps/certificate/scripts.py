"""The shell that makes secrets and configs of the Swarm, and gives them to a service."""

from __future__ import annotations

from collections.abc import Sequence

from moorage.quoting import Script
from moorage.steps.certificate.desired import Part

LABEL = "moorage.certificate"
_SECONDS = 180
_CREATE = """
printf %s "$content" | docker "$kind" create --label "$label" -- "$name" - >&2
"""
_REMOVE = """
docker "$kind" rm -- "$name" >&2
"""
# the command itself would not say that Swarm went back to what was before (docker/cli 6752)
_UPDATE = """
state() {
  docker service inspect --format '{{with .UpdateStatus}}{{.State}} {{.StartedAt}}{{end}}' \\
    -- "$service"
}
former=$(state) || exit 1
set --
old_ifs=$IFS
IFS='
'
for option in $options; do set -- "$@" "$option"; done
IFS=$old_ifs
docker service update --detach=true "$@" -- "$service" >&2 || exit 1
round=0
while :; do
  now=$(state)
  case $now in
    "$former") ;;
    completed*) exit 0 ;;
    paused* | rollback*)
      echo "Swarm says $now; its tasks:" >&2
      docker service ps --no-trunc --format '{{.Name}} {{.CurrentState}} {{.Error}}' \\
        -- "$service" | head -n 5 >&2
      exit 1 ;;
  esac
  [ "$round" -lt "$seconds" ] || { echo "still $now after $seconds s" >&2; exit 124; }
  round=$((round + 1))
  sleep 1
done
"""


def create(part: Part, stack: str) -> Script:
    """Make a secret or config; its content goes by standard input, over SSH and to Docker."""
    return Script(
        f"make the {part.kind} {part.name}", _CREATE,
        {"kind": part.kind, "name": part.name, "label": f"{LABEL}={stack}",
         "content": part.content},
    )  # fmt: skip


def remove(kind: str, name: str) -> Script:
    """Remove a secret or config that no service uses any more."""
    return Script(f"remove the {kind} {name}", _REMOVE, {"kind": kind, "name": name})


def update(service: str, options: Sequence[str]) -> Script:
    """Update a service, and wait until its new task runs."""
    return Script(
        f"update {service}, which starts it anew", _UPDATE,
        {"service": service, "options": tuple(options), "seconds": _SECONDS},
    )  # fmt: skip
