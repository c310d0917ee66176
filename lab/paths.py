"""Where the lab keeps what: the cache that is shared, this project's state, sockets and disks."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def cache_root() -> Path:
    """Directory of the big artefacts: MOORAGE_LAB_CACHE, else the user's cache directory."""
    chosen = os.environ.get("MOORAGE_LAB_CACHE")
    if chosen:
        return Path(chosen).resolve()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "moorage" / "lab"


@dataclass(frozen=True)
class Paths:
    """The directories of one lab.

    Attributes:
        project: Root of the project; two clones have two labs.
        cache: Artefacts that outlive a lab and that several labs may share.
        run: Process ids, sockets and logs. It is short on purpose: a Unix socket's path ends
            at 107 bytes, and project directories are often deeper than that allows.
        disks: Copy-on-write disks of the running guests; beside the cache, since /tmp may be
            a small tmpfs.
    """

    project: Path
    cache: Path
    run: Path
    disks: Path
    pin: Path

    @classmethod
    def of(cls, project: Path = PROJECT) -> Paths:
        """Work out the directories that belong to a project directory."""
        mark = hashlib.sha256(os.fsencode(project.resolve())).hexdigest()[:8]
        run = Path(tempfile.gettempdir()) / f"moorage-lab-{os.getuid()}-{mark}"
        cache = cache_root()
        return cls(project.resolve(), cache, run, cache / f"disks-{mark}", cache / f"pin-{mark}")

    @property
    def home(self) -> Path:
        """What a person or a test uses of the lab: ssh_config, enter, ca.crt, secrets."""
        return self.project / ".lab"

    @property
    def secrets(self) -> Path:
        """Passwords of this lab, one file each, mode 0600."""
        return self.home / "secrets"

    @property
    def enter(self) -> Path:
        """Script that runs a command inside the lab's namespaces."""
        return self.home / "enter"

    @property
    def ssh_config(self) -> Path:
        """OpenSSH client configuration that reaches the guests from outside."""
        return self.home / "ssh_config"

    def make(self) -> None:
        """Create the directories; those with keys or sockets are the owner's alone."""
        self.cache.mkdir(parents=True, exist_ok=True)
        for private in (self.run, self.disks, self.home, self.secrets):
            private.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.run.stat().st_uid != os.getuid():
            raise PermissionError(f"{self.run} belongs to another user")
