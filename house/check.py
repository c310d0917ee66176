"""All checks of ``inv check`` side by side: what failed is shown whole, the rest as a line each."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Check:
    """One program that ends with 0 where all is well."""

    name: str
    argv: tuple[str, ...]


_OUTSIDE_TESTS = ("moorage", "fabfile", "tasks.py", "lab", "bench", "house")
CHECKS = (
    # the longest first
    Check("types", ("mypy",)),
    Check("dead code", ("vulture",)),
    # what only tests use is no use
    Check("dead but for tests", ("vulture", *_OUTSIDE_TESTS)),
    Check(
        "files and words",
        ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_house.py"),
    ),
    Check("import contracts", ("lint-imports",)),
    Check("lint", ("ruff", "check", ".")),
    Check("format", ("ruff", "format", "--check", ".")),
    Check("links in docs", ("python", "-m", "house.links")),
)


def run(checks: Iterable[Check] = CHECKS) -> int:
    """Carry them out, as many at once as there are processors.

    Returns:
        0, or 1 where any of them failed.
    """
    begun = time.monotonic()
    failed = 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        under_way = {pool.submit(_one, check): check for check in checks}
        for done in as_completed(under_way):
            code, text, seconds = done.result()
            failed += code != 0
            said = "ok" if code == 0 else f"failed ({code})"
            print(f"{under_way[done].name:<20} {said:<12} {seconds:5.1f} s", flush=True)
            if code:
                print(text, flush=True)
    print(f"{failed} of {len(under_way)} failed, {time.monotonic() - begun:.1f} s in all")
    return min(failed, 1)


def _one(check: Check) -> tuple[int, str, float]:
    """Exit code, all that was said, and how long it took."""
    begun = time.monotonic()
    program = _BIN / check.argv[0]
    ran = subprocess.run(
        [str(program), *check.argv[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout + ran.stderr, time.monotonic() - begun
