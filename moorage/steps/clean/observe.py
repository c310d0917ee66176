"""What Docker keeps of former builds and deployments: one script a host, and pure parsers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorage.errors import Refused
from moorage.steps.deployed import KEPT, images_of, same_data
from moorage.steps.pending_upgrade import UNDER_WAY, under_way
from moorage.transport.base import Probe, Section, all_sections
from moorage.transport.parsing import parser

BUILD_LABEL = "moorage.dockerfile"
_SECONDS = 20
_IMAGE = "{{.Id}}|{{json .RepoTags}}|{{.Size}}|{{json .RootFS.Layers}}"
_CONTAINER = (
    '{{.Image}}|{{.State.Status}}|{{index .Config.Labels "com.docker.swarm.service.name"}}|'
    "{{range .Mounts}}{{.Name}},{{end}}"
)
_NODE_PARTS = {
    "images": (
        "ids=$(docker image ls -q --no-trunc | sort -u) || exit 1\n"
        f"[ -z \"$ids\" ] || docker image inspect --format '{_IMAGE}' $ids"
    ),
    "builds": (
        f'docker image ls -q --no-trunc --filter "label={BUILD_LABEL}" | sort -u |\n'
        "  while read -r id; do\n"
        "    sizes=$(docker history --no-trunc --human=false --format '{{.Size}}' \"$id\")\n"
        '    echo "$id" $sizes\n'
        "  done"
    ),
    "containers": (
        "ids=$(docker ps -aq) || exit 1\n"
        f"[ -z \"$ids\" ] || docker inspect --format '{_CONTAINER}' $ids"
    ),
    "volumes": (
        f'docker() {{ timeout {_SECONDS} docker "$@"; }}\n'
        'names=$(docker volume ls -q --filter "name=$stack-data-") || exit\n'
        '[ -n "$names" ] || { echo "[]"; exit; }\n'
        "docker volume inspect $names"
    ),
}
_USED = (
    "{{.Spec.TaskTemplate.ContainerSpec.Image}}|"
    "{{json .Spec.TaskTemplate.ContainerSpec.Secrets}}|"
    "{{json .Spec.TaskTemplate.ContainerSpec.Configs}}"
)
_LISTED = (
    'for label in "moorage.certificate=$stack" "com.docker.stack.namespace=$stack"; do\n'
    "  docker KIND ls --filter \"label=$label\" --format '{{.Name}}' || exit 1\n"
    "done | sort -u"
)
_MANAGER_PARTS = {
    **UNDER_WAY,
    **KEPT,
    "services": (
        "ids=$(docker service ls -q) || exit 1\n"
        f"[ -z \"$ids\" ] || docker service inspect --format '{_USED}' $ids"
    ),
    "secrets": _LISTED.replace("KIND", "secret"),
    "configs": _LISTED.replace("KIND", "config"),
}


@dataclass(frozen=True)
class Image:
    """An image on a host.

    Args:
        tags: names that it has there; size: bytes of all its layers, lowest first.
    """

    id: str
    tags: tuple[str, ...]
    size: int
    layers: tuple[str, ...]


@dataclass(frozen=True)
class Container:
    """A container on a host, running or ended.

    Args:
        image: id of the image that it was made from.
        service: full name of the Swarm service that it is a task of; empty for none.
        volumes: names of those that it mounts.
    """

    image: str
    state: str
    service: str
    volumes: frozenset[str]

    @property
    def ended(self) -> bool:
        return self.state in {"exited", "created", "dead"}


@dataclass(frozen=True)
class NodeSeen:
    """What a host's Docker keeps.

    Args:
        images: all of them; builds: sizes of the layers of those that Moorage built, by id,
            lowest first, without empty ones.
        volumes: options of those named like the stack's own, by name.
    """

    images: tuple[Image, ...]
    builds: Mapping[str, tuple[int, ...]]
    containers: tuple[Container, ...]
    volumes: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class SwarmSeen:
    """What the Swarm keeps.

    Args:
        images: names of the images of all services, without digests, and of the one that an
            upgrade goes back to that is not over, or ``fab rollback``.
        used: kind and name of every secret and config that a service has.
        there: kind and name of those that were made for the stack.
    """

    images: frozenset[str]
    used: frozenset[tuple[str, str]]
    there: frozenset[tuple[str, str]]


def node_probe(stack: str) -> Probe:
    """What is read on each host."""
    return Probe("look for what was left", _NODE_PARTS, {"stack": stack})


def manager_probe(stack: str, home: str) -> Probe:
    """What is read on the manager worked through besides.

    Args:
        home: folder with what was deployed, and what is noted as not over.
    """
    parts = {**_NODE_PARTS, **_MANAGER_PARTS}
    return Probe("look for what was left", parts, {"stack": stack, "home": home})


@parser("the node's Docker")
def parse_node(output: str, host: str) -> NodeSeen:
    """A host's part.

    Raises:
        Refused: Docker does not answer there.
        CommandFailed: the output is not that of a whole probe.
    """
    found = all_sections(output, _NODE_PARTS, "look for what was left", host)
    _require(found, host)
    return NodeSeen(
        images=tuple(_image(line) for line in _rows(found["images"], 3)),
        builds={words[0]: tuple(int(size) for size in reversed(words[1:]) if size != "0")
                for line in found["builds"].text.splitlines() if (words := line.split())},
        containers=tuple(_container(line) for line in _rows(found["containers"], 3)),
        volumes={item["Name"]: item.get("Options") or {}
                 for item in found["volumes"].json() or []},
    )  # fmt: skip


@parser("the Swarm")
def parse_manager(output: str, host: str, service: str) -> SwarmSeen:
    """The Swarm's part.

    Args:
        service: name of the service that is Nexus, in the stack file.

    Raises:
        Refused: the Swarm does not answer there.
        CommandFailed: the output is not that of a whole probe.
    """
    found = all_sections(output, _MANAGER_PARTS, "look for what was left", host)
    _require(found, host)
    rows = [line.split("|", 2) for line in _rows(found["services"], 2)]
    used = {("secret", item["SecretName"]) for row in rows for item in json.loads(row[1]) or []}
    used |= {("config", item["ConfigName"]) for row in rows for item in json.loads(row[2]) or []}
    there = {(kind, name) for kind in ("secret", "config")
             for name in found[f"{kind}s"].text.split()}  # fmt: skip
    images = {row[0].partition("@")[0] for row in rows}
    if note := under_way(found).note:
        images.add(note.image)
    now, former = (found[name].text if found[name].ok else "" for name in KEPT)
    if same_data(now, former, service):
        images.add(images_of(former)[service])
    return SwarmSeen(frozenset(images), frozenset(used), frozenset(there))


def _require(found: Mapping[str, Section], host: str) -> None:
    for name in ("images", "containers", "volumes", "services", "secrets", "configs"):
        part = found.get(name)
        if part is not None and not part.ok:
            last = "".join(part.text.strip().splitlines()[-1:])
            raise Refused(f"Docker does not tell its {name}: {last or 'no answer'}", host=host,
                          hint=f"see what docker says on {host}, then run again")  # fmt: skip


def _rows(section: Section, bars: int) -> list[str]:
    """Lines that were asked for; warnings come in the same stream.

    Raises:
        ValueError: a line of an image or a container lacks something.
    """
    lines = section.text.splitlines()
    if short := [line for line in lines if line.startswith("sha256:") and line.count("|") < bars]:
        raise ValueError(f"{short[0]} is not whole")
    return [line for line in lines if line.count("|") >= bars]


def _image(line: str) -> Image:
    identity, tags, size, layers = line.split("|", 3)
    return Image(identity, _strings(tags), int(size), _strings(layers))


def _container(line: str) -> Container:
    image, state, service, volumes = line.split("|", 3)
    return Container(image, state, service, frozenset(filter(None, volumes.split(","))))


def _strings(text: str) -> tuple[str, ...]:
    found: list[Any] = json.loads(text) or []
    return tuple(str(item) for item in found)
