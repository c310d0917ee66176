"""The virtual environment of the peers and the plotter, made from pinned versions with hashes."""

from __future__ import annotations

from pathlib import Path

from bench.errors import BenchError
from house import environment
from house.errors import HouseError

HERE = Path(__file__).resolve().parent
WORK = HERE.parent / ".bench"


def program(name: str) -> str:
    """A program of that environment, which is made where it is not there or out of date.

    Raises:
        BenchError: its packages could not be installed.
    """
    try:
        return environment.program(name, lock=HERE / "requirements.lock", folder=WORK / "venv")
    except HouseError as failure:
        raise BenchError(str(failure)) from None
