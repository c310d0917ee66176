"""The loader under atheris: libFuzzer looks for inventories that it does not judge rightly.

Run by ``inv fuzz``. A find does not end the search: it is written to a file named for what was
raised and where, once for each, and searched on.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["moorage", "ruamel.yaml"]):
    from mangled_inventories import SHIPPED, judged, mangled

FINDS = Path(sys.argv.pop(1))


def one_input(content: bytes) -> None:
    try:
        judged(content)
    except Exception as failure:  # noqa: BLE001
        keep(content, failure)


def keep(content: bytes, failure: Exception) -> None:
    """Write a find down, where there is none of its kind yet."""
    last = traceback.extract_tb(failure.__traceback__)[-1]
    path = FINDS / f"{type(failure).__name__}-{Path(last.filename).stem}-{last.lineno}"
    if not path.exists():
        path.write_bytes(content)
        print(f"FOUND {path}: {type(failure).__name__}: {str(failure)[:200]}", flush=True)


def mutated(content: bytes, most: int, seed: int) -> bytes:
    """What libFuzzer does to any bytes, and accidents that leave more of the YAML whole."""
    random = Random(seed)
    if random.random() < 0.4:
        return bytes(atheris.Mutate(content, most))
    base = content if random.random() < 0.9 else random.choice(SHIPPED)
    return mangled(random, base)[:most]


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input, custom_mutator=mutated)
    atheris.Fuzz()
