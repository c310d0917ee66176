"""Boots and kills guests, and waits until they can be worked with."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from .artefacts import Artefacts
from .cache import Cache, remove_tree
from .daemon import Daemon
from .errors import NotReadyError
from .kernel import kernel_words
from .machine import Disks, guest_words
from .namespace import Namespace
from .parallel import threads, wait
from .paths import Paths
from .process import run
from .ssh import Ssh
from .topology import GUESTS, Guest

_BOOT_SECONDS = 90.0
_SHM = Path("/dev/shm")  # noqa: S108  only its room is asked for


class Guests:
    """The three guests as processes of this machine."""

    def __init__(self, paths: Paths, namespace: Namespace, ssh: Ssh, cache: Cache) -> None:
        self._paths = paths
        self._cache = cache
        self._namespace = namespace
        self._ssh = ssh

    @property
    def share(self) -> Path:
        """The one directory that guests can mount from the host."""
        return self._paths.disks / "share"

    def daemon(self, guest: Guest) -> Daemon:
        """The process of a guest."""
        return Daemon(self._paths.run / f"{guest.name}.pid", f"umid=lab-{guest.name}")

    def start(self, guest: Guest, bases: Sequence[Path]) -> None:
        """Switch a guest on, with the changes to its disks that it has already, if any.

        Args:
            guest: Whom to boot.
            bases: Its prepared disks; the same ones as long as there are changes to them.
        """
        self.share.mkdir(exist_ok=True)
        changes = tuple(self._paths.disks / f"{guest.name}-{i}.cow" for i in range(len(bases)))
        disks = Disks(tuple(bases), changes)
        words = guest_words(kernel_words(self._cache), guest, disks, self._paths.run, self.share)
        log = self._paths.run / f"{guest.name}.log"
        memory = {"TMPDIR": str(memory_directory(self._paths.disks))}
        self.daemon(guest).start([*self._namespace.enter_words(), *words], log, memory)

    def boot_all(self, artefacts: Artefacts) -> None:
        """Switch all guests on and wait until every one takes ssh.

        Those with Docker have most to do, so they begin; two cores serve three guests badly.
        """
        with threads() as pool:
            for guest in sorted(GUESTS, key=lambda g: g.docker_disk is None):
                self.start(guest, artefacts.bases(guest.docker_disk))
            for waiting in [pool.submit(self.wait, guest) for guest in GUESTS]:
                wait(waiting)

    def wait(self, guest: Guest) -> None:
        """Wait until a guest that was switched on takes ssh.

        Raises:
            NotReadyError: It ended, or does not answer after 90 s; with its console's last lines.
        """
        deadline = time.monotonic() + _BOOT_SECONDS
        while not self._ssh.answers(guest.name, 5.0):
            ended = self.daemon(guest).pid() is None
            if ended or time.monotonic() > deadline:
                log = (self._paths.run / f"{guest.name}.log").read_text(errors="replace")
                tail = "\n  ".join(log.splitlines()[-10:])
                what = "has ended" if ended else f"does not answer after {_BOOT_SECONDS:.0f} s"
                raise NotReadyError(f"guest {guest.name} {what}; its console says:\n  {tail}")

    def kill(self, guest: Guest) -> None:
        """Switch a guest off as a power cut does."""
        self.daemon(guest).kill()
        self._ssh.forget(guest.name)

    def kill_all(self) -> None:
        """Switch all guests off and throw away what they have written."""
        for guest in GUESTS:
            self.kill(guest)
        remove_tree(self._paths.disks)
        self._paths.disks.mkdir(mode=0o700)

    def offer(self, archive: Path) -> str:
        """Put a file where guests can mount it; gives back its name there."""
        self.share.mkdir(exist_ok=True)
        target = self.share / "image.tar"
        target.unlink(missing_ok=True)
        try:
            os.link(archive, target)
        except OSError:
            run(["cp", "--reflink=auto", archive, target])
        return target.name


def memory_directory(disks: Path) -> Path:
    """Where the guests' RAM goes: /dev/shm if all of it fits there, else a directory on disk.

    Args:
        disks: Directory on a real file system, used when shared memory is too small.
    """
    need = sum(guest.memory_mib for guest in GUESTS) << 20
    try:
        shared = os.statvfs(_SHM)
    except OSError:
        return disks
    executable = not shared.f_flag & os.ST_NOEXEC
    return _SHM if executable and shared.f_bavail * shared.f_frsize > need else disks
