"""What the stub of ``docker`` answers: recordings of a real Docker, for the bench's own image."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.hosts.stage import ROOT
from moorage.transport.base import Section, sections

_RECORDED = ROOT / "tests" / "recorded" / "docker" / "20.10"
_CONTAINER = "5f0c3e9a7d21"
"""The one id that no recording has: the commands around it were recorded as one."""
_SEEN = (
    '{{.Image}}|{{index .Config.Labels "com.docker.swarm.service.name"}}|'
    "{{range .Mounts}}{{.Name}},{{end}}"
)
# commands are said here once more: where Moorage asks in another way, the stub fails and says so
Answers = dict[str, str]


def answers(reference: str, digest: str, labels: Sequence[str]) -> dict[str, Answers]:
    """Output by command line, for ``manager`` and ``worker``.

    Name, digest and the labels of the service are the bench's site's own, which has other names
    than the lab where the recordings were made; all else is as it was recorded.

    Args:
        reference: name and tag of the image.
        digest: of the Dockerfile that it was built from.
        labels: Traefik's, ``name=value``.
    """
    image = sections(_read("image"))["image"].text
    recorded = json.loads(image)
    own = {recorded["RepoTags"][0]: reference,
           recorded["Config"]["Labels"]["moorage.dockerfile"]: digest}  # fmt: skip
    manager, worker = (sections(_replaced(_read(name), own)) for name in ("manager", "worker"))
    here = {f"image inspect --format {{{{json .}}}} -- {reference}": _replaced(image, own)}
    return {
        "manager": here | _node(manager, reference) | _swarm(manager, labels),
        "worker": here | _node(worker, reference),
    }


def _read(name: str) -> str:
    return (_RECORDED / f"{name}.txt").read_text(encoding="utf-8")


def _replaced(text: str, own: Mapping[str, str]) -> str:
    for recorded, now in own.items():
        text = text.replace(recorded, now)
    return text


def _node(found: Mapping[str, Section], reference: str) -> Answers:
    """What any node is asked; each list of names is followed by one look at all of them."""
    labels = "{{.Id}}|{{json .Config.Labels}}"
    volumes = [item["Name"] for item in found["volumes"].json() or []]
    running = found["containers"].text.strip()
    return {
        "info --format {{json .Swarm}}": found["swarm"].text,
        f"image inspect --format {labels} -- {reference}": found["image"].text,
        "volume ls -q": "\n".join(volumes),
        f"volume inspect {' '.join(volumes)}": found["volumes"].text,
        "ps -q": _CONTAINER if running else "",
        f"inspect --format {_SEEN} {_CONTAINER}": running,
    }


def _swarm(found: Mapping[str, Section], labels: Sequence[str]) -> Answers:
    """What only a manager is asked."""
    nodes = [item["ID"] for item in found["nodes"].json()]
    services = found["services"].json()
    for service in services:
        service["Spec"]["Labels"] = _labels(service["Spec"], labels)
    names = [service["Spec"]["Name"] for service in services]
    stack = services[0]["Spec"]["Labels"]["com.docker.stack.namespace"]
    network = "{{.ID}} {{.Name}} {{.Scope}}"
    return {
        "node ls -q": "\n".join(nodes),
        f"node inspect {' '.join(nodes)}": found["nodes"].text,
        f"network ls --no-trunc --format {network}": found["networks"].text,
        f"service inspect -- {' '.join(names)}": json.dumps(services, indent=4),
        f"stack ps --no-trunc --format {{{{.ID}}}} -- {stack}": found["tasks"].text,
    }


def _labels(spec: Mapping[str, Any], own: Sequence[str]) -> dict[str, str]:
    kept = {name: value for name, value in spec["Labels"].items()
            if name.startswith("com.docker.")}  # fmt: skip
    return kept | dict(label.split("=", 1) for label in own)


def put(folder: Path, by_address: Mapping[str, Answers]) -> None:
    """Write answers where the stub looks for them: a file a command, its slashes being folders.

    Args:
        folder: ``/srv`` of the hosts.
        by_address: answers by the address that is logged in to.
    """
    shutil.rmtree(folder / "docker", ignore_errors=True)
    for address, found in by_address.items():
        for command, text in found.items():
            file = folder / "docker" / address / command
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{text}\n" if text else "", encoding="utf-8")
