"""Where generations are kept: what every kind of place can do, and what was seen there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from moorage.quoting import Script
from moorage.steps.backup.generations import Generation, Manifest
from moorage.transport.base import Probe, Section

COPY_SECONDS = 7 * 24 * 3600.0
"""The longest that data may be carried to and fro; a dead connection is noticed before that."""


@dataclass(frozen=True)
class TargetObserved:
    """What is at the target.

    Args:
        ready: whether generations can be put there; false for a repository that is still to be
            made.
        generations: complete ones, oldest first.
        partial: names of those that were begun and not ended.
        free: bytes; None where nobody can tell.
        free_inodes: None where nobody can tell, or nothing counts them.
    """

    ready: bool
    generations: tuple[Generation, ...] = ()
    partial: tuple[str, ...] = ()
    free: int | None = None
    free_inodes: int | None = None

    def generation(self, name: str) -> Generation | None:
        """One of them by its name."""
        return next((one for one in self.generations if one.name == name), None)


class Keeping(Protocol):
    """A way of keeping generations; every script of it runs on the NFS host."""

    programs: Sequence[str]
    """What the NFS host needs for it, by the name of the package."""

    def probe(self) -> Probe:
        """Reads what is there, in a part called ``target``."""
        ...

    def read(self, section: Section, host: str) -> TargetObserved:
        """What the part says.

        Raises:
            Refused: it cannot be reached, or is not to be used.
        """
        ...

    def make(self) -> Script:
        """Make it ready for the first generation."""
        ...

    def measure(self, previous: str, source: str) -> Script | None:
        """Prints how many bytes a copy of ``source`` would take; None where nothing can tell.

        Args:
            previous: name of the generation that it builds upon; empty for none.
        """
        ...

    def copy(self, name: str, previous: str, source: str, *, live: bool) -> Script:
        """Copy what is not there yet into a generation that is under way.

        Args:
            live: whether Nexus writes meanwhile, so that files may vanish.
        """
        ...

    def complete(self, manifest: Manifest, previous: str) -> Script:
        """Count and check what was copied, write the manifest, and call the generation complete."""
        ...

    def remove(self, generation: Generation) -> Script:
        """Remove a generation."""
        ...

    def discard(self, name: str) -> Script:
        """End a copy that is still going on, and remove what was begun; done twice no harm."""
        ...

    def described(self, generation: Generation) -> Script | None:
        """Prints the whole manifest, where what was read has not got it; else None."""
        ...

    def fetch(self, generation: Generation, folder: str, *, without: Sequence[str] = ()) -> Script:
        """Put a generation's data into an empty directory of the NFS host, and check them.

        Args:
            without: names of entries of the data directory that are left out.
        """
        ...

    def prove(self, generation: Generation, at: str) -> Script:
        """Write down that it was restored and compared.

        Args:
            at: when, in UTC.
        """
        ...
