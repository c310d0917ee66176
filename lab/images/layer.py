"""Writes layers: tar archives that come out the same from the same content."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

Content = bytes | Path
_EXECUTABLE = 0o755
_PLAIN = 0o644


def write_layer(out: Path, files: Mapping[str, Content]) -> Path:
    """Write a layer with these files and the directories above them, owned by root.

    Args:
        out: The archive to write.
        files: Absolute path in the image to its content. A file of the host keeps its
            executable bit, bytes are plain.
    """
    with tarfile.open(out, "w", format=tarfile.GNU_FORMAT) as tar:
        for directory in sorted({d for name in files for d in _parents(name)}):
            entry = tarfile.TarInfo(directory)
            entry.type = tarfile.DIRTYPE
            entry.mode = _EXECUTABLE
            tar.addfile(entry)
        for name, content in sorted(files.items()):
            _add(tar, name.lstrip("/"), content)
    return out


def tree(source: Path, target: str) -> dict[str, Content]:
    """Files below a directory of the host, by their path in the image."""
    return {
        f"{target}/{path.relative_to(source)}": path
        for path in sorted(source.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _parents(name: str) -> Iterator[str]:
    for parent in PurePosixPath(name.lstrip("/")).parents:
        if parent.name:
            yield str(parent)


def _add(tar: tarfile.TarFile, name: str, content: Content) -> None:
    entry = tarfile.TarInfo(name)
    if isinstance(content, bytes):
        entry.size, entry.mode = len(content), _PLAIN
        tar.addfile(entry, io.BytesIO(content))
        return
    status = content.stat()
    entry.size = status.st_size
    entry.mode = _EXECUTABLE if status.st_mode & 0o100 else _PLAIN
    with content.open("rb") as stream:
        tar.addfile(entry, stream)
