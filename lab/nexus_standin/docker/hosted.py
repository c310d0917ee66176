"""A hosted repository: a real registry, with Nexus' write policies and its view of blobs."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any

from ..web.body import BodyTooLargeError
from ..web.message import Response
from .answers import blob_file, not_found, page, registry_error
from .asks import Ask
from .forward import forward
from .layout import Layout
from .process import RegistryProcess

_LARGEST_MANIFEST = 4 * 1024 * 1024


class Hosted:
    """Answers for one hosted repository.

    Args:
        settings: The repository as it was written by REST.
        process: Its registry.
        layout: That registry's content.
    """

    def __init__(self, settings: dict[str, Any], process: RegistryProcess, layout: Layout) -> None:
        self.settings = settings
        self.layout = layout
        self._process = process
        self._writing = threading.Lock()

    def answer(self, ask: Ask) -> Response:
        """Answer one request."""
        if ask.kind == "catalog":
            return page(ask, "repositories", self.layout.names())
        if ask.kind == "tags":
            tags = self.tags(ask)
            return page(ask, "tags", tags, {"name": ask.name}) if tags else not_found(ask)
        if ask.kind == "blob" and ask.reads:
            path = self.layout.blob(ask.reference)
            return blob_file(ask, path) if path else not_found(ask)
        if ask.kind == "manifest" and ask.request.method == "PUT":
            return self._put_manifest(ask)
        if ask.kind == "manifest" and ask.request.method == "DELETE" and ":" not in ask.reference:
            return self._delete_tag(ask)
        return self._refusal(ask) or forward(self._process, ask)

    def tags(self, ask: Ask) -> list[str]:
        """Return the tags of the image that is asked for."""
        return self.layout.tags(ask.name)

    def stop(self) -> None:
        """End the registry."""
        self._process.stop()

    def forget(self) -> None:
        """Nothing is remembered here."""

    def _put_manifest(self, ask: Ask) -> Response:
        """Take a manifest whose blobs are all here, under whatever name they came."""
        try:
            content = ask.request.body.read(_LARGEST_MANIFEST)
        except BodyTooLargeError as error:
            return registry_error(413, "SIZE_INVALID", str(error))
        with self._writing:
            refusal = self._refusal(ask, content)
            if refusal:
                return refusal
            self._link_parts(ask.name, content)
            return forward(self._process, ask, content)

    def _link_parts(self, name: str, content: bytes) -> None:
        try:
            manifest = json.loads(content)
            parts = [manifest.get("config") or {}, *(manifest.get("layers") or ())]
            blobs = [str(part["digest"]) for part in parts if "digest" in part]
            children = [str(part["digest"]) for part in manifest.get("manifests") or ()]
        except (ValueError, TypeError, KeyError, AttributeError):
            return  # the registry says what is wrong with it
        for digest in blobs:
            self.layout.link_blob(name, digest)
        for digest in children:
            self.layout.link_manifest(name, digest)

    def _delete_tag(self, ask: Ask) -> Response:
        if self.layout.tag(ask.name, ask.reference) is None:
            return not_found(ask)
        self.layout.remove_tag(ask.name, ask.reference)
        return Response(202)

    def _refusal(self, ask: Ask, content: bytes | None = None) -> Response | None:
        """Refuse what storage.writePolicy forbids; a delete is a matter of rights alone."""
        if ask.request.method not in {"POST", "PUT", "PATCH"}:
            return None
        storage, name = self.settings["storage"], self.settings["name"]
        if storage["writePolicy"] == "DENY":
            return registry_error(400, "UNSUPPORTED", f"Repository is read only: {name}")
        free = storage.get("latestPolicy") and ask.reference == "latest"
        if storage["writePolicy"] == "ALLOW" or content is None or free:
            return None
        before = self.layout.tag(ask.name, ask.reference)
        if before in {None, f"sha256:{hashlib.sha256(content).hexdigest()}"}:
            return None
        text = f"Repository does not allow updating assets: {name}"
        return registry_error(400, "UNSUPPORTED", text)
