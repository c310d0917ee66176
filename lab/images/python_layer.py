"""Makes the layer below the Nexus stand-in: Python, docker-registry and busybox."""

from __future__ import annotations

import tarfile
from pathlib import Path

from lab.apt_sources import host_sources
from lab.cache import Cache
from lab.progress import step
from lab.rootfs import GUEST, mmdebstrap

PACKAGES = (
    "base-files,python3-minimal,libpython3-stdlib,docker-registry,busybox-static,"
    "ca-certificates,netbase,libc-bin"
)


def python_layer(cache: Cache) -> Path:
    """A root file system with Python 3 and its library, unpacked but not configured."""
    sources = host_sources()
    hook = GUEST / "slim.sh"

    def build(out: Path) -> None:
        with step("Python layer made", "making the Python layer of the stand-in (15 s)"):
            choice = ["--variant=extract", f"--include={PACKAGES}"]
            # The extract variant runs no customize hooks, without a word about it.
            mmdebstrap(cache, out, sources, choice, [f'--extract-hook={hook} "$1"'])

    return cache.make("python.tar", [PACKAGES, sources, hook], build)


def busybox(layer: Path) -> bytes:
    """The static busybox program out of the Python layer."""
    with tarfile.open(layer) as tar:
        for name in ("./bin/busybox", "./usr/bin/busybox"):
            if name in tar.getnames():
                member = tar.extractfile(name)
                if member is not None:
                    return member.read()
    raise FileNotFoundError(f"no busybox in {layer}")
