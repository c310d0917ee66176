"""Answers that no registry process gives: errors in the registry's form, and files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ..web.message import Response
from .asks import Ask

_API_VERSION = ("Docker-Distribution-Api-Version", "registry/2.0")
_BLOCK = 256 * 1024
_LARGEST_PAGE = 1000


def registry_error(status: int, code: str, message: str, detail: Any = None) -> Response:
    """Answer with an error as the Registry API writes it."""
    error = {"code": code, "message": message, "detail": detail}
    return registry_json(status, {"errors": [error]})


def registry_json(status: int, value: Any) -> Response:
    """Answer with JSON and the header that marks a registry."""
    content = json.dumps(value).encode("utf-8")
    return Response(status, content, [("Content-Type", "application/json"), _API_VERSION])


def not_found(ask: Ask) -> Response:
    """Answer 404 with the code that fits what was asked for."""
    if ask.kind == "blob":
        detail = {"digest": ask.reference}
        return registry_error(404, "BLOB_UNKNOWN", "blob unknown to registry", detail)
    if ask.kind == "manifest":
        key = "digest" if ":" in ask.reference else "tag"
        detail = {"name": ask.name, key: ask.reference}
        return registry_error(404, "MANIFEST_UNKNOWN", "manifest unknown", detail)
    detail = {"name": ask.name}
    return registry_error(404, "NAME_UNKNOWN", "repository name not known to registry", detail)


def page(ask: Ask, key: str, entries: list[str], more: dict[str, str] | None = None) -> Response:
    """Answer with a list, cut by the query's ``n`` and ``last`` as the specification says."""
    last = ask.request.argument("last") or ""
    limit = ask.request.argument("n")
    if limit is not None and not (limit.isdigit() and 0 < int(limit) <= _LARGEST_PAGE):
        return registry_error(400, "PAGINATION_NUMBER_INVALID", f"n={limit}")
    rest = [entry for entry in entries if entry > last]
    shown = rest[: int(limit)] if limit else rest
    response = registry_json(200, (more or {}) | {key: shown})
    if len(shown) < len(rest):
        target = f"{ask.path}?n={limit}&last={shown[-1]}"
        response.headers.append(("Link", f'<{target}>; rel="next"'))
    return response


def blob_file(ask: Ask, path: Path) -> Response:
    """Answer with a blob's file, or the range of it that was asked for."""
    size = path.stat().st_size
    common = [
        ("Content-Type", "application/octet-stream"),
        ("Docker-Content-Digest", ask.reference),
        ("ETag", f'"{ask.reference}"'),
        ("Accept-Ranges", "bytes"),
        _API_VERSION,
    ]
    start, end = 0, size - 1
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", ask.request.headers.get("Range", ""))
    if asked:
        start, end = int(asked[1]), min(int(asked[2] or end), end)
        if start > end:
            return Response(416, b"", [("Content-Range", f"bytes */{size}"), _API_VERSION])
        common.append(("Content-Range", f"bytes {start}-{end}/{size}"))
    return _file(path, 206 if asked else 200, common, start, end - start + 1)


def manifest_file(path: Path, digest: str) -> Response:
    """Answer with a manifest from its file."""
    content = path.read_bytes()
    headers = [
        ("Content-Type", media_type(content)),
        ("Docker-Content-Digest", digest),
        ("ETag", f'"{digest}"'),
        _API_VERSION,
    ]
    return Response(200, content, headers)


def media_type(content: bytes) -> str:
    """Return the media type of a manifest, from its own words."""
    manifest = json.loads(content)
    if manifest.get("schemaVersion") == 1:
        return "application/vnd.docker.distribution.manifest.v1+prettyjws"
    kind = "index" if "manifests" in manifest else "manifest"
    return str(manifest.get("mediaType") or f"application/vnd.oci.image.{kind}.v1+json")


def _file(
    path: Path, status: int, headers: list[tuple[str, str]], start: int, length: int
) -> Response:
    file = path.open("rb")
    file.seek(start)
    return Response(status, _blocks(file, length), headers, length, file.close)


def _blocks(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left and (block := file.read(min(left, _BLOCK))):
        left -= len(block)
        yield block
