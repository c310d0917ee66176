"""What a host's Docker has of the image: one script, one exec, a pure parser."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from moorage.errors import Refused
from moorage.transport.base import Probe, sections
from moorage.transport.parsing import parser

DIGEST_LABEL = "moorage.dockerfile"
_ABSENT = "no such image"

_CONFIG = ("Env", "Cmd", "Entrypoint", "User", "WorkingDir", "ExposedPorts", "Labels")

_PARTS = {
    "image": "docker image inspect --format '{{json .}}' -- \"$reference\"",
}


@dataclass(frozen=True)
class ImageObserved:
    """The image on one host.

    Args:
        present: whether the host has an image by that name.
        dockerfile: digest of the Dockerfile that it was built from; None where it has no label.
        pushed: whether its registry has taken it.
        content: hash of its layers and of what a container gets from it; the same on every host
            that has the same image, whichever way Docker stores it.
    """

    present: bool
    dockerfile: str | None
    pushed: bool
    content: str = ""


def probe(reference: str) -> Probe:
    """What reads it."""
    return Probe(f"look for the image {reference}", _PARTS, {"reference": reference})


@parser("Docker")
def parse(output: str, reference: str, host: str) -> ImageObserved:
    """What the probe's output says.

    Raises:
        Refused: Docker does not answer on the host.
    """
    section = sections(output).get("image")
    if section is None or not (section.ok or _ABSENT in section.text.lower()):
        said = section.text.strip().splitlines()[-1:] if section else []
        raise Refused(
            f"Docker does not answer: {''.join(said)}",
            host=host,
            hint="install and start Docker there; see what fab doctor says of the host",
        )
    image = section.json() if section.ok else None
    if image is None:
        return ImageObserved(present=False, dockerfile=None, pushed=False)
    labels = (image.get("Config") or {}).get("Labels") or {}
    name = reference.rpartition(":")[0]
    pushed = any(digest.startswith(f"{name}@") for digest in image.get("RepoDigests") or [])
    return ImageObserved(
        present=True, dockerfile=labels.get(DIGEST_LABEL), pushed=pushed, content=_content(image)
    )


def _content(image: dict[str, Any]) -> str:
    """The image's id is no measure: it depends on the store (docs.docker.com, "containerd image
    store").
    """
    config = image.get("Config") or {}
    told = [image.get("RootFS"), *(config.get(key) for key in _CONFIG)]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
