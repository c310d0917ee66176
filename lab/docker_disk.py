"""Makes the disks for /var/lib/docker, with images in them, by booting a guest that loads them.

Each role has its own disk, so that the worker does not have what only the manager should. The
stand-in's code is loaded on top of a disk that has all the rest, and so costs seconds.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from .cache import Cache, Input
from .errors import LabError
from .images import catalogue
from .kernel import kernel_words
from .machine import bake_words
from .process import run
from .progress import step
from .rootfs import FILES

_SIZE = "12G"
_BAKE_SECONDS = 300.0
_DONE = b"LAB-BAKE-OK"

WriteArchive = Callable[[Path], None]


class DockerDisks:
    """Recipes of the disks for Docker.

    Args:
        cache: Where they are kept.
        root: The guests' root disk, which does the loading.
        packages: Archive of the guests' packages: a new Docker needs new disks.
    """

    def __init__(self, cache: Cache, root: Path, packages: Path) -> None:
        self._cache = cache
        self._root = root
        self._inputs: list[Input] = [
            packages.name,
            FILES / "usr/local/sbin/lab-bake",
            FILES / "etc/docker/daemon.json",
            _SIZE,
            Path(catalogue.__file__),
        ]

    def worker(self, python_layer: Path) -> Path:
        """Disk with the image to push, and Traefik's absence: the worker serves no ingress."""

        def build(out: Path) -> None:
            with step("images loaded for worker"):
                _empty(out)
                self._load(out, [lambda file: catalogue.tiny_archive(file, python_layer)])

        inputs = [*self._inputs, python_layer.name]
        return self._cache.make("docker-worker.img", inputs, build)

    def manager_base(self, python_layer: Path, traefik: Path) -> Path:
        """Disk with Traefik and the layer below the stand-in."""

        def build(out: Path) -> None:
            with step("Traefik and Python loaded for manager", "loading images (40 s)"):
                _empty(out)
                self._load(
                    out,
                    [
                        lambda file: catalogue.python_archive(file, python_layer),
                        lambda file: catalogue.traefik_archive(file, traefik),
                    ],
                )

        inputs = [*self._inputs, python_layer.name, traefik.name]
        return self._cache.make("docker-base.img", inputs, build)

    def manager(self, base: Path, python_layer: Path, standin: Path) -> Path:
        """Disk with all that the base has, and the stand-in.

        Args:
            base: Disk from `manager_base`.
            python_layer: The layer below the stand-in.
            standin: Directory with the stand-in's code.
        """

        def build(out: Path) -> None:
            with step("stand-in loaded for manager", "loading the Nexus stand-in"):
                run(["cp", "--sparse=always", "--reflink=auto", base, out])
                self._load(
                    out, [lambda file: catalogue.standin_archive(file, python_layer, standin)]
                )

        inputs: list[Input] = [base.name, python_layer.name, standin, Path(catalogue.__file__)]
        return self._cache.make("docker-manager.img", inputs, build)

    def _load(self, disk: Path, archives: Sequence[WriteArchive]) -> None:
        seed = self._cache.scratch / f"{disk.name}.seed"
        seed.mkdir()
        for index, write in enumerate(archives):
            write(seed / f"{index}.tar")
        change = disk.with_suffix(".cow")
        # Management sockets need a short path.
        with tempfile.TemporaryDirectory(prefix="moorage-bake-") as sockets:
            words = bake_words(
                kernel_words(self._cache), self._root, change, disk, Path(sockets), seed
            )
            done = run(words, timeout=_BAKE_SECONDS, check=False, stop_with=signal.SIGKILL)
        shutil.rmtree(seed)
        change.unlink(missing_ok=True)
        if _DONE not in done.stdout:
            tail = b"\n".join(done.stdout.splitlines()[-30:]).decode(errors="replace")
            raise LabError(f"loading images into {disk.name} failed:\n{tail}")


def _empty(disk: Path) -> None:
    options = ["-J", "size=16", "-E", "lazy_itable_init=1", "-m", "0"]
    run(["mke2fs", "-q", "-t", "ext4", *options, disk, _SIZE])
