"""Keeps what is slow to make, each thing under a hash of all that it was made from."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

Input = str | bytes | Path
_KEPT_VARIANTS = 2
_MARK_LENGTH = 16


def fingerprint(inputs: Sequence[Input]) -> str:
    """Hash the inputs of a recipe: text and bytes by value, files and trees by content.

    Names, contents and the executable bit of the files in a tree count; times do not.
    """
    total = hashlib.sha256()
    for one in inputs:
        for part in _parts(one):
            total.update(len(part).to_bytes(8, "big"))
            total.update(part)
    return total.hexdigest()[:_MARK_LENGTH]


def _parts(one: Input) -> Iterator[bytes]:
    if isinstance(one, str):
        yield one.encode()
    elif isinstance(one, bytes):
        yield one
    elif one.is_dir():
        for path in sorted(one.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield os.fsencode(path.relative_to(one))
                yield b"x" if os.access(path, os.X_OK) else b"-"
                yield path.read_bytes()
    else:
        yield one.read_bytes()


class Cache:
    """A directory of artefacts named `<name>-<fingerprint>`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the right to build; waits for another process that is building.

        Half-made things that a killed process left behind are removed first.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._clear_scratch()
            try:
                yield
            finally:
                self._clear_scratch()

    @property
    def scratch(self) -> Path:
        """Where things are made before they get their name; same file system as the cache."""
        return self.root / "scratch"

    def _clear_scratch(self) -> None:
        remove_tree(self.scratch)
        self.scratch.mkdir()

    def path(self, name: str, inputs: Sequence[Input]) -> Path:
        """Where the artefact of a recipe with these inputs is, or will be."""
        return self.root / f"{name}-{fingerprint(inputs)}"

    def make(self, name: str, inputs: Sequence[Input], build: Callable[[Path], None]) -> Path:
        """Give back the artefact, built first if it is not there.

        Args:
            name: What it is; part of the file name.
            inputs: Everything the result depends on.
            build: Writes a file or directory at the path it is given.
        """
        final = self.path(name, inputs)
        if not final.exists():
            beside = self.scratch / final.name
            build(beside)
            beside.replace(final)
        return final

    def pin(self, pin: Path, names: Sequence[str]) -> None:
        """Record that a lab needs these artefacts, then remove those nobody needs.

        The newest two of each name stay too, for going back and forth between two states.
        """
        pin.write_text("\n".join(names))
        needed = {name for file in self.root.glob("pin-*") for name in file.read_text().split()}
        variants: dict[str, list[Path]] = {}
        for path in self.root.iterdir():
            name, _, mark = path.name.rpartition("-")
            if len(mark) == _MARK_LENGTH:
                variants.setdefault(name, []).append(path)
        for paths in variants.values():
            paths.sort(key=lambda path: path.stat().st_ctime, reverse=True)
            for old in paths[_KEPT_VARIANTS:]:
                if old.name not in needed:
                    remove_tree(old)


def remove_tree(path: Path) -> None:
    """Remove a file or directory; parts that belong to sub-ids go by a user namespace."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            from .privilege import as_root  # only a plain user gets here
            from .process import run

            run(as_root(["rm", "-rf", "--", path]))
    else:
        path.unlink(missing_ok=True)
