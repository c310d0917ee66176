"""A proxy repository: a real registry as pull-through cache, and what it has cached by digest.

Nexus gives a cached blob for any image's name; that is what makes a push through a group skip
layers that the hosted repository lacks. So the cache is looked at first, by digest alone.
"""

from __future__ import annotations

import json
from typing import Any

from ..web.message import Response
from .answers import blob_file, manifest_file, not_found, page, registry_error
from .asks import Ask
from .forward import forward
from .layout import Layout
from .process import RegistryProcess
from .upstream import Upstream

_MINUTE = 60
_NOT_FOUND = 404


class Proxy:
    """Answers for one proxy repository.

    Args:
        settings: The repository as it was written by REST.
        process: Its pull-through registry. It dies at its start where the upstream cannot be
            reached, so it is only asked when that can.
        layout: The cache.
    """

    def __init__(self, settings: dict[str, Any], process: RegistryProcess, layout: Layout) -> None:
        self.settings = settings
        self.layout = layout
        self._process = process
        cache = settings["negativeCache"]
        self._upstream = Upstream(
            settings["proxy"]["remoteUrl"],
            blocked=bool(settings["httpClient"].get("blocked")),
            missing_seconds=cache["timeToLive"] * _MINUTE if cache["enabled"] else 0,
        )

    def answer(self, ask: Ask) -> Response:
        """Answer one request."""
        if not ask.reads:
            return registry_error(405, "UNSUPPORTED", "a proxy takes GET and HEAD only")
        if ask.kind == "catalog":
            return page(ask, "repositories", self.layout.names())
        ask = ask.of(self._upstream_name(ask.name))
        if ask.kind == "tags":
            tags = self.tags(ask)
            return page(ask, "tags", tags, {"name": ask.name}) if tags else not_found(ask)
        if ask.kind == "upload":
            return not_found(ask)
        return self._cached(ask) or self._pulled(ask)

    def tags(self, ask: Ask) -> list[str]:
        """Return the upstream's tags of an image, or the cached ones where it does not answer."""
        ask = ask.of(self._upstream_name(ask.name))
        cached = self.layout.tags(ask.name)
        if not self._upstream.reachable() or self._upstream.lacks(ask.path):
            return cached
        response = forward(self._process, ask.plain())
        try:
            if response.good and not isinstance(response.content, bytes):
                return sorted(json.loads(b"".join(response.content)).get("tags") or ())
        finally:
            response.drop()
        return cached

    def stop(self) -> None:
        """End the registry."""
        self._process.stop()

    def forget(self) -> None:
        """Ask the upstream again for what it lacked."""
        self._upstream.forget()

    def _upstream_name(self, name: str) -> str:
        """Docker Hub keeps its official images below ``library/``."""
        hub = self.settings["dockerProxy"]["indexType"] == "HUB"
        return f"library/{name}" if hub and name and "/" not in name else name

    def _cached(self, ask: Ask) -> Response | None:
        """Answer from the cache alone, where that is fresh."""
        if ask.kind == "blob":
            path = self.layout.blob(ask.reference)
            return blob_file(ask, path) if path else None
        if ":" in ask.reference:
            return self._manifest(ask.reference) if self._has(ask) else None
        digest = self.layout.tag(ask.name, ask.reference)
        age = self.settings["proxy"]["metadataMaxAge"] * _MINUTE
        fresh = digest and (age < 0 or self.layout.tag_age(ask.name, ask.reference) < age)
        return self._manifest(digest) if digest and fresh else None

    def _pulled(self, ask: Ask) -> Response:
        """Answer by the upstream; where that is away, with what is cached though it is old."""
        if self._upstream.lacks(ask.path):
            return not_found(ask)
        if self._upstream.reachable():
            response = forward(self._process, ask)
            if response.status == _NOT_FOUND:
                self._upstream.remember_missing(ask.path)
            return response
        digest = self.layout.tag(ask.name, ask.reference) if ask.kind == "manifest" else None
        old = self._manifest(digest) if digest else None
        remote = self.settings["proxy"]["remoteUrl"]
        return old or registry_error(502, "UNAVAILABLE", f"upstream {remote} cannot be reached")

    def _has(self, ask: Ask) -> bool:
        return self.layout.has_manifest(ask.name, ask.reference)

    def _manifest(self, digest: str) -> Response | None:
        path = self.layout.blob(digest)
        return manifest_file(path, digest) if path else None
