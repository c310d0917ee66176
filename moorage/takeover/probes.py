"""What is read on each host of a site that is not known yet: one script a host, nothing changed."""

from __future__ import annotations

from collections.abc import Sequence

from moorage.ingress.running import PROBE as TRAEFIK
from moorage.steps.packages import SYSTEM
from moorage.transport.base import Probe

_VOLUME_SECONDS = 20
_OF_STACK = "label=com.docker.stack.namespace=$stack"
_SEEN = (
    '{{index .Config.Labels "com.docker.swarm.service.name"}}|'
    '{{index .Config.Labels "moorage.dockerfile"}}|{{.Config.User}}'
)
_COMMON = {
    "host": "hostname",
    "os": SYSTEM,
    "swarm": "docker info --format '{{json .Swarm}}'",
    "containers": (
        f'ids=$(docker ps -q --filter "{_OF_STACK}") || exit 1\n'
        f"[ -z \"$ids\" ] || docker inspect --format '{_SEEN}' $ids"
    ),
}
_INSPECT = (
    f'docker() {{ timeout {_VOLUME_SECONDS} docker "$@"; }}\n'
    "all=$(docker volume ls -q) || exit\n"
    'printf "%s\\n" "$volumes" | sort -u | while read -r name; do\n'
    '  printf "%s\\n" "$all" | grep -qxF -- "$name" || continue\n'
    '  docker volume inspect --format "{{json .}}" -- "$name"\n'
    "done"
)
_MOUNTS = "{{range .Spec.TaskTemplate.ContainerSpec.Mounts}}{{.Source}}\n{{end}}"
MANAGER = {
    **_COMMON,
    "nodes": "ids=$(docker node ls -q) || exit 1\ndocker node inspect $ids",
    "networks": "docker network ls --no-trunc --format '{{.ID}} {{.Name}} {{.Scope}}'",
    "stacks": "docker stack ls --format '{{.Name}}'",
    "services": (
        f'ids=$(docker service ls -q --filter "{_OF_STACK}") || exit 1\n'
        '[ -n "$ids" ] || { echo "[]"; exit; }\n'
        "docker service inspect $ids"
    ),
    "tasks": (
        "docker stack ps --no-trunc --filter desired-state=running "
        "--format '{{.Name}}|{{.Node}}|{{.CurrentState}}' -- \"$stack\""
    ),
    "volumes": (
        f'ids=$(docker service ls -q --filter "{_OF_STACK}") || exit 1\n'
        f"volumes=$([ -z \"$ids\" ] || docker service inspect --format '{_MOUNTS}' $ids)\n"
        f"{_INSPECT}"
    ),
    "traefik": TRAEFIK,
    "options": (
        "docker service ls --format '{{.ID}} {{.Image}}' | while read -r id image; do\n"
        "  case $image in *[tT]raefik*) ;; *) continue ;; esac\n"
        "  docker service inspect --format "
        "'{{range .Spec.TaskTemplate.ContainerSpec.Args}}{{println .}}{{end}}' -- \"$id\"\n"
        "done"
    ),
}
NODE = {**_COMMON, "volumes": _INSPECT}
NFS = {
    "host": "hostname",
    "files": (
        "for file in /etc/exports /etc/exports.d/*.exports; do\n"
        '  [ ! -f "$file" ] || { echo "file|$file"; cat -- "$file"; echo; }\n'
        "done"
    ),
    "exported": "command -v exportfs >/dev/null && exportfs -s",
    "directories": (
        "{ exportfs -s 2>/dev/null | cut -d ' ' -f 1; printf '%s\\n' \"$paths\"; } | sort -u |\n"
        "while read -r path; do\n"
        '  [ -n "$path" ] && [ -e "$path" ] || continue\n'
        '  echo "directory|$path|$(readlink -m -- "$path")|$(stat -c "%F|%u|%g|%a" -- "$path/.")"\n'
        "  ls -A -- \"$path\" | head -n 200 | sed 's/^/entry|/'\n"
        "done"
    ),
}


def manager_probe(stack: str) -> Probe:
    """What a manager tells of the Swarm, the stack and Traefik."""
    return Probe("read the Swarm and its stack", MANAGER, {"stack": stack})


def node_probe(stack: str, volumes: Sequence[str]) -> Probe:
    """What a node tells of itself and of the stack's volumes on it."""
    values = {"stack": stack, "volumes": list(volumes)}
    return Probe("read the node's Docker", NODE, values)


def nfs_probe(paths: Sequence[str]) -> Probe:
    """What an NFS host exports, and what the exported directories are.

    Args:
        paths: directories to look at in any case.
    """
    return Probe("read the exports", NFS, {"paths": list(paths)})
