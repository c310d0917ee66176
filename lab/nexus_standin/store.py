"""The durable state: one JSON file under the data directory, replaced whole on each change."""

from __future__ import annotations

import copy
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

State = dict[str, Any]


def write_durably(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file so that after a crash it is either the old one or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    beside.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


class Store:
    """The state in memory and on disk.

    Readers take ``store.state`` and never change it. Writers change a copy, which is on disk
    before readers see it::

        with store.change() as draft:
            draft["eula_accepted"] = True
    """

    def __init__(self, data: Path) -> None:
        self._path = data / "db" / "standin.json"
        self._lock = threading.RLock()
        self.state: State = {}

    def exists(self) -> bool:
        """True once a first boot has written the state."""
        return self._path.exists()

    def load(self) -> None:
        """Read the state of an earlier run."""
        self.state = json.loads(self._path.read_text("utf-8"))

    @contextmanager
    def change(self) -> Iterator[State]:
        """Give a draft of the state; keep it unless the block raises."""
        with self._lock:
            draft = copy.deepcopy(self.state)
            yield draft
            text = json.dumps(draft, indent=1, ensure_ascii=False, sort_keys=True)
            write_durably(self._path, text.encode("utf-8"))
            self.state = draft
