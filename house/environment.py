"""A virtual environment beside the project's own, for programs that it does not need to run."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from house.errors import HouseError


def program(name: str, *, lock: Path, folder: Path) -> str:
    """A program of such an environment, which is made where it is not there or out of date.

    Args:
        name: the program.
        lock: pinned versions with hashes.
        folder: where the environment is.

    Raises:
        HouseError: its packages could not be installed.
    """
    stamp = folder / ".stamp"
    wanted = f"{sys.version} {hashlib.sha256(lock.read_bytes()).hexdigest()}"
    if not stamp.is_file() or stamp.read_text() != wanted:
        print(f"making the environment of {name} from {lock.parent.name}/{lock.name}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        wheels = ["install", "--quiet", "--require-hashes", "--requirement", str(lock)]
        if subprocess.run([*pip, *wheels], check=False).returncode:
            raise HouseError(f"{name} could not be installed; see pip's own words above", 4)
        stamp.write_text(wanted)
    return str(folder / "bin" / name)
