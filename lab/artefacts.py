"""Everything that must be made before guests can boot, in the order that takes least time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .cache import Cache
from .docker_disk import DockerDisks
from .identity import Authority, Keys, authority, ssh_keys
from .images import catalogue
from .images.python_layer import python_layer
from .images.traefik import traefik_program
from .kernel import library
from .parallel import threads, wait
from .rootfs import packages_tar, root_disk


@dataclass(frozen=True)
class Artefacts:
    """Finished parts of a lab.

    Attributes:
        keys: SSH keys.
        authority: Certificates.
        root: Root disk of every guest.
        library: What the kernel needs besides on this processor, if anything.
        docker: Disks for /var/lib/docker by name (`Guest.docker_disk`).
    """

    keys: Keys
    authority: Authority
    root: Path
    docker: dict[str, Path]
    library: Path | None

    def names(self) -> list[str]:
        """Names of the parts, by which a running lab knows whether it is up to date."""
        parts = [self.keys.directory, self.authority.directory, self.root, *self.docker.values()]
        parts += [self.library] if self.library else []
        return sorted(part.name for part in parts)

    def bases(self, docker_disk: str | None) -> tuple[Path, ...]:
        """Disks that a guest boots from."""
        return (self.root, self.docker[docker_disk]) if docker_disk else (self.root,)


def make_artefacts(cache: Cache, pin: Path, standin: Path = catalogue.STANDIN_CODE) -> Artefacts:
    """Make what is missing, two things at a time; from a full cache it takes no time.

    Args:
        cache: Where things are kept; its lock is held meanwhile.
        pin: File that keeps them from being removed as long as it is there.
        standin: Directory with the Nexus stand-in's code.

    Raises:
        LabError: A step failed; what was finished before it stays in the cache.
    """
    with cache.locked(), threads() as pool:
        artefacts = _make(cache, standin, pool)
        cache.pin(pin, artefacts.names())
        return artefacts


def _make(cache: Cache, standin: Path, pool: ThreadPoolExecutor) -> Artefacts:
    packages = pool.submit(packages_tar, cache)
    layer = pool.submit(python_layer, cache)
    traefik = pool.submit(traefik_program, cache)
    kernel_library = library(cache)
    keys, certificates = ssh_keys(cache), authority(cache)
    python = wait(layer)
    hub = cache.make(
        "hub",
        [python.name, Path(catalogue.__file__)],
        lambda out: catalogue.hub_data(out, python),
    )
    root = root_disk(cache, wait(packages), keys, certificates, hub)
    disks = DockerDisks(cache, root, packages.result())
    worker = pool.submit(disks.worker, python)
    base = disks.manager_base(python, wait(traefik))
    manager = disks.manager(base, python, standin)
    docker = {"docker-worker": wait(worker), "docker-manager": manager}
    return Artefacts(keys, certificates, root, docker, kernel_library)
