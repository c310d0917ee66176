"""Where the data are and what the export has room for: one script a host, and pure parsers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from moorage.errors import Refused
from moorage.quoting import Value
from moorage.steps.packages import SYSTEM, Package, is_installed
from moorage.transport.base import Probe, Section, all_sections
from moorage.transport.parsing import parser

RSYNC = Package("rsync", "rsync")
_COUNT_SECONDS = 60
_OF_CONTAINER = 4
"""Words of a container's line: whether it runs, kind, name and path of its mount."""

_OWN = "label=com.docker.swarm.service.name=$service"
_LISTED = 'docker volume ls -q --filter "label=com.docker.stack.namespace=$stack"'
_CONTAINERS = (
    f"""
ids=$(docker ps -aq --filter "{_OWN}") || exit 1
"""
    r"""
[ -z "$ids" ] || docker inspect --format '{{.State.Running}}|{{range .Mounts}}
{{- if eq .Destination "/nexus-data"}}{{.Type}}|{{.Name}}|{{.Source}}{{end}}{{end}}' $ids
"""
)
_VOLUMES = (
    f"for name in $({_LISTED}); do\n"
    r"""
  docker volume inspect --format '{{.Name}}|{{.Mountpoint}}|{{json .Options}}' -- "$name"
done
"""
)
_SIZES = (
    f"""
{{ {_LISTED} | while read -r name; do
    docker volume inspect \\
      --format '{{{{if not .Options}}}}{{{{.Mountpoint}}}}{{{{end}}}}' -- "$name"
  done
  ids=$(docker ps -aq --filter "{_OWN}")
"""
    r"""
  [ -z "$ids" ] || docker inspect --format '{{range .Mounts}}
{{- if eq .Destination "/nexus-data"}}{{.Source}}{{end}}{{end}}' $ids
} | sort -u | while read -r path; do
  [ -n "$path" ] && [ -d "$path" ] || continue
  kind=$(stat -f -c %T -- "$path")
  [ "$kind" != nfs ] || { echo "$path|nfs|0|0"; continue; }
  bytes=$(timeout "$seconds" du -s -B1 -- "$path" 2>/dev/null | cut -f 1)
  files=$(timeout "$seconds" find "$path" 2>/dev/null | wc -l)
  echo "$path|$kind|${bytes:-0}|$files"
  awk -v path="$path" 'index($2, path "/") == 1 { print "within|" path "|" $2 }' /proc/mounts
done
"""
)
_NODE = {
    "os": SYSTEM,
    "account": "id -u",
    "rsync": RSYNC.installed,
    "tools": "for tool in setpriv unshare shuf; do command -v $tool >/dev/null || echo $tool; done",
    "containers": _CONTAINERS,
    "volumes": _VOLUMES,
    "sizes": _SIZES,
}
_MANAGER = {
    "service": (
        'said=$(docker service inspect -- "$service" 2>&1)\n'
        'case "$?:$said" in\n'
        '  0:* | *"no such service"*) printf "%s\\n[]\\n" "$said" ;;\n'
        '  *) printf "%s\\n" "$said"; exit 1 ;;\n'
        "esac"
    ),
    "tasks": "docker stack ps --no-trunc --format '{{.ID}}' -- \"$stack\"",
}
_NFS = {
    "directory": "stat -c '%F|%u|%g|%a' -- \"$target\"",
    "entries": 'ls -A -- "$target" | grep -vx "lost+found" | head -n 5',
    "used": f'timeout {_COUNT_SECONDS} du -s -B1 -- "$target" 2>/dev/null | cut -f 1',
    "space": 'df -PB1 -- "$target" | tail -n 1; df -Pi -- "$target" | tail -n 1',
    "exported": "exportfs -s",
    "mark": 'cat -- "$home/data-move" 2>/dev/null || true',
}


@dataclass(frozen=True)
class Place:
    """A directory on a node that may have the data.

    Args:
        kind: its file system, as stat(1) calls it.
        within: what is mounted in it, if anything: that would not be copied (mount(8), --bind).
        bytes, files: how much there is, as far as it could be counted in time; 0 where not.
    """

    path: str
    kind: str
    bytes: int = 0
    files: int = 0
    within: str = ""


@dataclass(frozen=True)
class NodeData:
    """What a machine of the Swarm has.

    Args:
        runs: whether a container of the service runs here.
        used: paths that the service's containers have or had their data in.
        volumes: path by name of the stack's volumes without options, and of its containers'.
    """

    distribution: str
    root: bool
    rsync: bool
    lacking: tuple[str, ...] = ()
    runs: bool = False
    used: frozenset[str] = frozenset()
    volumes: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True)
class ServiceData:
    """The service as far as its data go."""

    replicas: int
    kind: str
    source: str
    by_nfs: bool
    update: str


@dataclass(frozen=True)
class ExportData:
    """The export as it is.

    Args:
        entries: some of the names in it.
        used, free: bytes; inodes: free ones, None where the file system does not count them.
        mark: what a move that was begun left there; empty for none.
    """

    there: bool
    uid: int
    entries: tuple[str, ...]
    used: int
    free: int
    inodes: int | None
    exported: bool
    mark: str


@dataclass(frozen=True)
class DataObserved:
    """All of it; ``service`` is None where there is none."""

    service: ServiceData | None
    tasks: frozenset[str]
    nodes: Mapping[str, NodeData]
    export: ExportData


def node_probe(stack: str, service: str) -> Probe:
    """What is read on a machine of the Swarm."""
    return Probe("read where the data are", _NODE, _values(stack, service))


def manager_probe(stack: str, service: str) -> Probe:
    """What is read on the manager that is worked through."""
    return Probe("read where the data are", {**_NODE, **_MANAGER}, _values(stack, service))


def _values(stack: str, service: str) -> dict[str, Value]:
    return {"stack": stack, "service": service, "seconds": _COUNT_SECONDS}


def export_probe(export: str, home: str) -> Probe:
    """What is read on the NFS host."""
    return Probe("read the export", _NFS, {"target": export, "home": home})


@parser("the node's Docker")
def parse_node(output: str, host: str) -> NodeData:
    """A machine's part.

    Raises:
        Refused: Docker does not answer.
    """
    found = all_sections(output, _NODE, "read where the data are", host)
    if not found["containers"].ok:
        raise Refused("Docker does not answer", host=host, hint="install and start Docker there")
    containers = [line.split("|") for line in found["containers"].text.splitlines()]
    mounts = [words[1:] for words in containers if len(words) == _OF_CONTAINER]
    volumes = [line.split("|", 2) for line in found["volumes"].text.splitlines() if "|" in line]
    labelled = {name: path for name, path, options in volumes if not json.loads(options or "{}")}
    return NodeData(
        distribution=found["os"].text.strip(),
        root=found["account"].text.strip() == "0",
        rsync=is_installed(found["rsync"]),
        lacking=tuple(found["tools"].text.split()),
        runs=any(words[0] == "true" for words in containers),
        used=frozenset(path for _, _, path in mounts),
        volumes={**labelled, **{name: path for kind, name, path in mounts if kind == "volume"}},
        places=_places(found["sizes"]),
    )


def _places(section: Section) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for line in section.text.splitlines():
        inner = line.split("|")
        if inner[0] == "within" and len(inner) == 3 and inner[1] in found:  # noqa: PLR2004
            found[inner[1]] = replace(found[inner[1]], within=inner[2])
            continue
        words = line.rsplit("|", 3)
        if len(words) == 4 and words[2].isdigit() and words[3].strip().isdigit():  # noqa: PLR2004
            path, kind, size, files = words
            found[path] = Place(path, kind, int(size), int(files))
    return found


@parser("the Swarm")
def parse_manager(output: str, host: str) -> tuple[ServiceData | None, frozenset[str]]:
    """The service, and ids of the stack's tasks.

    Raises:
        Refused: the Swarm does not answer.
    """
    found = all_sections(output, _MANAGER, "read where the data are", host)
    if not found["service"].ok:
        last = "".join(found["service"].text.strip().splitlines()[-1:])
        raise Refused(f"the Swarm does not answer: {last}", host=host,
                      hint="see what docker service ls says there")  # fmt: skip
    services = found["service"].json() or []
    tasks = frozenset(found["tasks"].text.split()) if found["tasks"].ok else frozenset()
    return (_service(services[0]) if services else None), tasks


def _service(item: dict[str, Any]) -> ServiceData:
    spec = item["Spec"]
    mounts = spec["TaskTemplate"]["ContainerSpec"].get("Mounts") or []
    mount: dict[str, Any] = next((one for one in mounts if one["Target"] == "/nexus-data"), {})
    driver = (mount.get("VolumeOptions") or {}).get("DriverConfig") or {}
    options = driver.get("Options") or {}
    replicated = (spec.get("Mode") or {}).get("Replicated") or {}
    return ServiceData(
        replicas=replicated.get("Replicas", 1),
        kind=mount.get("Type", ""),
        source=mount.get("Source", ""),
        by_nfs=options.get("type", "").startswith("nfs"),
        update=(item.get("UpdateStatus") or {}).get("StartedAt", ""),
    )


@parser("the NFS host")
def parse_export(output: str, export: str, host: str) -> ExportData:
    """The NFS host's part.

    Raises:
        CommandFailed: the output is not that of a whole probe.
    """
    found = all_sections(output, _NFS, "read the export", host)
    stat = found["directory"].text.strip().split("|") if found["directory"].ok else []
    space = [line.split() for line in found["space"].text.splitlines()] if found["space"].ok else []
    used = found["used"].text.strip()
    inodes = space[1][3] if len(space) > 1 and len(space[1]) > 3 else ""  # noqa: PLR2004
    live = [line.split(" ", 1)[0] for line in found["exported"].text.splitlines()]
    return ExportData(
        there=stat[:1] == ["directory"],
        uid=int(stat[1]) if len(stat) > 1 else -1,
        entries=tuple(found["entries"].text.splitlines()) if found["directory"].ok else (),
        used=int(used) if used.isdigit() else 0,
        free=int(space[0][3]) if space and space[0][3:4] and space[0][3].isdigit() else 0,
        inodes=int(inodes) if inodes.isdigit() and int(inodes) else None,
        exported=export in live,
        mark=found["mark"].text.strip(),
    )
