"""Installs what this machine lacks for the lab, after a question."""

from __future__ import annotations

import os
import subprocess
import sys

from .errors import HostLacksError
from .privilege import is_root
from .requirements import missing_packages


def install_missing() -> None:
    """Install missing Debian or Ubuntu packages by apt-get.

    It asks first, unless MOORAGE_YES=1 or CI is set.

    Raises:
        HostLacksError: they were not installed.
    """
    packages = missing_packages()
    if not packages:
        return
    words = " ".join(packages)
    if not (os.environ.get("MOORAGE_YES") == "1" or os.environ.get("CI")):
        if not sys.stdin.isatty():
            raise HostLacksError(f"packages are missing: {words}. Install them, or say --yes")
        if input(f"lab: install {words} by apt-get? [y/N] ").strip().lower() not in {"y", "yes"}:
            raise HostLacksError("nothing was installed")
    sudo = [] if is_root() else ["sudo"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for argv in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages],
    ):
        done = subprocess.run([*sudo, *argv], env=environment, stdout=sys.stderr, check=False)
        if done.returncode:
            raise HostLacksError(f"{' '.join(argv)} failed")
