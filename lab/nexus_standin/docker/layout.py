"""The registry's own layout on disk (distribution 2.x, ``docker/registry/v2``), read and linked.

Nexus finds a blob by its digest whatever the image's name; a ``docker-registry`` finds it only
under names that it was pushed to. The links made here close that gap.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def is_digest(text: str) -> bool:
    """Tell whether a reference is a digest that this layout knows."""
    return _DIGEST.fullmatch(text) is not None


def content_size(directory: Path) -> tuple[int, int]:
    """Return how many blobs lie below a directory, and their bytes."""
    sizes = [path.stat().st_size for path in directory.glob("**/blobs/sha256/*/*/data")]
    return len(sizes), sum(sizes)


class Layout:
    """The content of one registry.

    Args:
        root: The ``rootdirectory`` of its filesystem driver.
    """

    def __init__(self, root: Path) -> None:
        self._blobs = root / "docker/registry/v2/blobs/sha256"
        self._repositories = root / "docker/registry/v2/repositories"

    def blob(self, digest: str) -> Path | None:
        """Return the file of a blob, under whatever name it came; None where it is absent."""
        if not is_digest(digest):
            return None
        path = self._blobs / digest[7:9] / digest[7:] / "data"
        return path if path.is_file() else None

    def names(self) -> list[str]:
        """Return the names of the images that have a tag."""
        return sorted(self._names())

    def tags(self, name: str) -> list[str]:
        """Return the tags of an image."""
        directory = self._tags(name)
        entries = directory.iterdir() if directory.is_dir() else iter(())
        return sorted(entry.name for entry in entries if self.tag(name, entry.name))

    def tag(self, name: str, tag: str) -> str | None:
        """Return the digest that a tag stands for."""
        try:
            return (self._tags(name) / tag / "current" / "link").read_text("ascii").strip() or None
        except (FileNotFoundError, NotADirectoryError):
            return None

    def tag_age(self, name: str, tag: str) -> float:
        """Return the seconds since a tag was last written."""
        return time.time() - (self._tags(name) / tag / "current" / "link").stat().st_mtime

    def remove_tag(self, name: str, tag: str) -> None:
        """Remove a tag and leave its manifest."""
        shutil.rmtree(self._tags(name) / tag)

    def has_manifest(self, name: str, digest: str) -> bool:
        """Tell whether an image has a manifest of this digest."""
        return is_digest(digest) and self._revision(name, digest).is_file()

    def link_blob(self, name: str, digest: str) -> None:
        """Let an image have a blob that is here under another name."""
        if self.blob(digest):
            hex_ = digest.removeprefix("sha256:")
            _link(self._repositories / name / "_layers/sha256" / hex_ / "link", digest)

    def link_manifest(self, name: str, digest: str) -> None:
        """Let an image have a manifest that is here under another name."""
        if self.blob(digest):
            _link(self._revision(name, digest), digest)

    def _tags(self, name: str) -> Path:
        return self._repositories / name / "_manifests/tags"

    def _revision(self, name: str, digest: str) -> Path:
        hex_ = digest.removeprefix("sha256:")
        return self._repositories / name / "_manifests/revisions/sha256" / hex_ / "link"

    def _names(self) -> Iterator[str]:
        for directory, below, _ in os.walk(self._repositories):
            name = Path(directory).relative_to(self._repositories).as_posix()
            if "_manifests" in below and self.tags(name):
                yield name
            below[:] = [entry for entry in below if not entry.startswith("_")]


def _link(path: Path, digest: str) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".link.{threading.get_ident()}")
    beside.write_text(digest, "ascii")
    beside.replace(path)
