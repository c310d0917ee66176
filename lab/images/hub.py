"""Writes the data of the lab's Docker Hub: what a registry holds after a push.

The layout is that of the Distribution registry's file system driver, version 2: blobs by
digest, and in each repository links to its layers, its revisions and its tags.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

from .archive import ImageConfig

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


class RegistryData:
    """A registry's root directory, written as if images had been pushed to it."""

    def __init__(self, root: Path) -> None:
        self._base = root / "docker/registry/v2"

    def add(self, repository: str, tag: str, layer: Path, config: ImageConfig) -> str:
        """Add an image of one layer; gives back the digest of its manifest.

        Args:
            repository: Name without a host, as in `library/hello-world`.
            tag: The tag that leads to it.
            layer: Uncompressed tar.
            config: What its containers run.
        """
        plain = layer.read_bytes()
        packed = gzip.compress(plain, mtime=0)
        document = config.document([hashlib.sha256(plain).hexdigest()])
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": _MANIFEST,
                "config": self._blob(repository, _CONFIG, document),
                "layers": [self._blob(repository, _LAYER, packed)],
            }
        ).encode()
        digest = self._store(manifest)
        manifests = self._base / "repositories" / repository / "_manifests"
        _link(manifests / "revisions/sha256" / digest, digest)
        _link(manifests / "tags" / tag / "current", digest)
        _link(manifests / "tags" / tag / "index/sha256" / digest, digest)
        return f"sha256:{digest}"

    def _blob(self, repository: str, media_type: str, content: bytes) -> dict[str, str | int]:
        digest = self._store(content)
        _link(self._base / "repositories" / repository / "_layers/sha256" / digest, digest)
        return {"mediaType": media_type, "size": len(content), "digest": f"sha256:{digest}"}

    def _store(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        data = self._base / "blobs/sha256" / digest[:2] / digest / "data"
        data.parent.mkdir(parents=True, exist_ok=True)
        data.write_bytes(content)
        return digest


def _link(directory: Path, digest: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "link").write_text(f"sha256:{digest}")
