"""Pushes and pulls as a Docker client does, by plain HTTP."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from standin_client import ADMIN, Answer, Client

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass(frozen=True)
class Image:
    config: bytes
    layers: tuple[bytes, ...]

    @property
    def manifest(self) -> bytes:
        def part(kind: str, content: bytes) -> dict[str, object]:
            return {"mediaType": kind, "digest": digest(content), "size": len(content)}

        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": part(_CONFIG, self.config),
            "layers": [part(_LAYER, layer) for layer in self.layers],
        }
        return json.dumps(manifest).encode()

    @property
    def digest(self) -> str:
        return digest(self.manifest)


def image(mark: str, *layers: bytes) -> Image:
    config = {"architecture": "amd64", "os": "linux", "comment": mark}
    return Image(json.dumps(config).encode(), layers or (mark.encode() * 100,))


@dataclass(frozen=True)
class Registry:
    """One address of a registry: a port, and what stands before ``/v2/`` there."""

    client: Client
    prefix: str = ""
    user: tuple[str, str] | None = ADMIN

    def send(self, method, path, content=None, **headers) -> Answer:
        lines = {name.replace("_", "-"): value for name, value in headers.items()}
        target = f"{self.prefix}/v2/{path}"
        return self.client.send(method, target, content, user=self.user, headers=lines)

    def push_blob(self, name: str, content: bytes) -> Answer:
        """POST, PATCH in chunks, PUT, each where the answer before says."""
        started = self.send("POST", f"{name}/blobs/uploads/")
        assert started.status == 202, started.text
        half = len(content) // 2
        sent = self._follow(started, "PATCH", iter([content[:half], content[half:]]))
        assert sent.status == 202, sent.text
        return self._follow(sent, "PUT", b"", f"&digest={digest(content)}")

    def push_manifest(self, name: str, tag: str, content: bytes) -> Answer:
        return self.send("PUT", f"{name}/manifests/{tag}", content, Content_Type=MANIFEST)

    def push(self, name: str, tag: str, pushed: Image) -> Answer:
        for content in (pushed.config, *pushed.layers):
            assert self.push_blob(name, content).status == 201
        return self.push_manifest(name, tag, pushed.manifest)

    def manifest(self, name: str, reference: str, method: str = "GET") -> Answer:
        return self.send(method, f"{name}/manifests/{reference}", Accept=MANIFEST)

    def blob(self, name: str, content: bytes, method: str = "GET", **headers) -> Answer:
        return self.send(method, f"{name}/blobs/{digest(content)}", **headers)

    def _follow(self, answer: Answer, method: str, content, query: str = "") -> Answer:
        parts = urlsplit(answer.headers["Location"])
        assert parts.port in {None, self.client.port}
        headers = {"Content-Type": "application/octet-stream"}
        target = f"{parts.path}?{parts.query}{query}"
        return self.client.send(method, target, content, user=self.user, headers=headers)
