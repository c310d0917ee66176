"""Writes image archives that `docker load` takes.

The layout is that of `docker save`: manifest.json, a configuration, and one tar per layer.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_LONG_AGO = "2024-01-01T00:00:00Z"


@dataclass(frozen=True)
class ImageConfig:
    """What a container of the image does unless told otherwise, in Docker's own words."""

    cmd: Sequence[str] = ()
    entrypoint: Sequence[str] = ()
    env: Sequence[str] = ("PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",)
    user: str = ""
    ports: Sequence[int] = ()
    volumes: Sequence[str] = ()
    labels: dict[str, str] = field(default_factory=dict)

    def document(self, layer_digests: Sequence[str]) -> bytes:
        """The image configuration as canonical JSON; its SHA-256 is the image's id.

        Args:
            layer_digests: SHA-256 of each uncompressed layer, lowest first, in hexadecimal.
        """
        container: dict[str, Any] = {
            "Cmd": list(self.cmd),
            "Entrypoint": list(self.entrypoint),
            "Env": list(self.env),
            "Labels": self.labels,
            "User": self.user,
            "ExposedPorts": {f"{port}/tcp": {} for port in self.ports},
            "Volumes": {volume: {} for volume in self.volumes},
        }
        return json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "created": _LONG_AGO,
                "config": container,
                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{d}" for d in layer_digests]},
                "history": [{"created": _LONG_AGO, "created_by": "lab"} for _ in layer_digests],
            },
            sort_keys=True,
        ).encode()


def write_archive(out: Path, tag: str, layers: Sequence[Path], config: ImageConfig) -> str:
    """Write an archive for `docker load` and give back the image's id.

    Args:
        out: The archive to write.
        tag: Full name with its tag, as in `lab/tiny:1`.
        layers: Uncompressed layers, lowest first.
        config: What the image's containers run.
    """
    digests = [file_digest(layer) for layer in layers]
    document = config.document(digests)
    image_id = hashlib.sha256(document).hexdigest()
    manifest = {
        "Config": f"{image_id}.json",
        "RepoTags": [tag],
        "Layers": [f"{digest}.tar" for digest in digests],
    }
    with tarfile.open(out, "w", format=tarfile.GNU_FORMAT) as tar:
        _add_bytes(tar, f"{image_id}.json", document)
        for layer, digest in zip(layers, digests, strict=True):
            entry = tarfile.TarInfo(f"{digest}.tar")
            entry.size = layer.stat().st_size
            with layer.open("rb") as stream:
                tar.addfile(entry, stream)
        _add_bytes(tar, "manifest.json", json.dumps([manifest]).encode())
    return image_id


def repo_tags(archive: Path) -> list[str]:
    """Names of the images in an archive of `docker save`.

    Raises:
        KeyError, tarfile.TarError: It is no such archive.
    """
    with tarfile.open(archive) as tar:
        member = tar.extractfile("manifest.json")
        if member is None:
            raise KeyError("manifest.json")
        return [tag for image in json.load(member) for tag in image["RepoTags"] or []]


def file_digest(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
