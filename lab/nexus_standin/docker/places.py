"""Where content lies below the data directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..store import State


def blob_store_directory(data: Path, state: State, name: str) -> Path:
    """Return a blob store's directory; a relative path is one below ``blobs`` (as in Nexus)."""
    return data / "blobs" / str(state["blobstores"][name]["path"])


def registry_root(data: Path, state: State, repository: dict[str, Any]) -> Path:
    """Return the root directory of the registry that holds a repository's content."""
    store = blob_store_directory(data, state, repository["storage"]["blobStoreName"])
    return store / "docker" / str(repository["name"])
