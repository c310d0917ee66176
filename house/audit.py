"""Known vulnerabilities of the locked packages, by pip-audit; says so where it could not look."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from house import environment

ROOT = Path(__file__).resolve().parents[1]
LOCKS = tuple(f"{folder}requirements.lock" for folder in ("", "bench/", "house/", "tests/fuzz/"))
VULNERABLE, NOT_REACHED = 1, 4


@dataclass(frozen=True)
class Audited:
    """What is known of the packages of one lock file.

    Attributes:
        looked_at: how many packages there is an answer about.
        unknown: names of those that there is none about.
        found: a line for each vulnerability.
    """

    looked_at: int
    unknown: tuple[str, ...]
    found: tuple[str, ...]


def judge(report: str) -> Audited | None:
    """Read pip-audit's report.

    A package that the source of data does not know is skipped there, and the program ends with 0
    all the same: behind a mirror that has files alone, that is every package.

    Returns:
        None where there is no report, since nothing could be asked.
    """
    try:
        packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError):
        return None
    known = [package for package in packages if "skip_reason" not in package]
    found = [
        f"{package['name']} {package['version']}: {hole['id']}, mended in "
        + (", ".join(hole["fix_versions"]) or "no version yet")
        for package in known
        for hole in package["vulns"]
    ]
    unknown = tuple(package["name"] for package in packages if "skip_reason" in package)
    return Audited(len(known), unknown, tuple(found))


def run(ask: Callable[[Path], str] | None = None) -> int:
    """Look at every lock file.

    Args:
        ask: gives pip-audit's report about a lock file.

    Returns:
        0 where all is known and nothing found, 1 where anything was found, 4 where the data could
        not be reached, for some packages or for all.

    Raises:
        HouseError: pip-audit could not be installed.
    """
    ask = ask or _ask
    code = 0
    for lock in LOCKS:
        audited = judge(ask(ROOT / lock))
        if audited is None:
            print(f"{lock}: NOT AUDITED, the data could not be reached")
            code = code or NOT_REACHED
            continue
        print(f"{lock}: {audited.looked_at} packages, {len(audited.found)} vulnerabilities known")
        print("".join(f"  {line}\n" for line in audited.found), end="")
        if audited.unknown:
            print(f"  NOT AUDITED, nothing is told about {len(audited.unknown)} packages: "
                  f"{', '.join(audited.unknown)}")  # fmt: skip
            code = code or NOT_REACHED
        if audited.found:
            code = VULNERABLE
    return code


def _ask(lock: Path) -> str:
    program = environment.program(
        "pip-audit", lock=ROOT / "house/requirements.lock", folder=ROOT / ".audit"
    )
    argv = [program, "--requirement", str(lock), "--require-hashes", "--disable-pip",
            "--format", "json", "--progress-spinner", "off"]  # fmt: skip
    ran = subprocess.run(argv, capture_output=True, text=True, check=False)
    if not ran.stdout:
        # else its own last line calls packages clean that it knows nothing of
        print(ran.stderr, end="")
    return ran.stdout
