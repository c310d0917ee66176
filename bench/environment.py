"""The virtual environment of the peers and the plotter, made from pinned versions with hashes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from bench.errors import BenchError

HERE = Path(__file__).resolve().parent
WORK = HERE.parent / ".bench"
LOCK = HERE / "requirements.lock"


def program(name: str) -> str:
    """A program of that environment, which is made where it is not there or out of date.

    Raises:
        BenchError: its packages could not be installed.
    """
    folder = WORK / "venv"
    stamp = folder / ".stamp"
    wanted = f"{sys.version} {hashlib.sha256(LOCK.read_bytes()).hexdigest()}"
    if not stamp.is_file() or stamp.read_text() != wanted:
        print("bench: making the peers' virtual environment (about a minute)", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        wheels = ["install", "--quiet", "--require-hashes", "--requirement", str(LOCK)]
        if subprocess.run([*pip, *wheels], check=False).returncode:
            raise BenchError("the peers could not be installed; see pip's own words above")
        stamp.write_text(wanted)
    return str(folder / "bin" / name)
