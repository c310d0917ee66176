"""Installs what this machine lacks for the lab and the tests, after a question."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .errors import HostLacksError
from .privilege import is_root
from .requirements import missing_packages

_SSHD = "openssh-server"
_SKOPEO = "skopeo"
_BACKUPS = ("rsync", "restic")
"""What backups are made with; the tests run the scripts for real."""
_SHELLS = ("zsh", "fish")
"""Shells whose completion the tests try."""
_GROOVY = "groovy"
_MAVEN = "maven"
_JAVA = "default-jre-headless"
_UNITS = {_SSHD: ("ssh.service", "ssh.socket"), "nginx": ("nginx.service",),
          "haproxy": ("haproxy.service",)}  # fmt: skip
"""Services that the tests do not need, and that would take ports."""
_PROXIES = ("nginx", "haproxy")
_GROOVY_JAR = Path("/usr/share/java/groovy-all.jar")


def _missing(*, lab: bool, tests: bool, groovy: bool, core: bool, proxies: bool) -> list[str]:
    packages = missing_packages() if lab else []
    if tests and not (shutil.which("sshd") or Path("/usr/sbin/sshd").exists()):
        packages.append(_SSHD)
    if tests:
        packages += [name for name in (*_BACKUPS, *_SHELLS) if not shutil.which(name)]
    if lab and tests and not shutil.which(_SKOPEO):
        packages.append(_SKOPEO)
    if groovy and not (_GROOVY_JAR.exists() and shutil.which("java")):
        packages.append(_GROOVY)
    if core and not shutil.which("mvn"):
        packages.append(_MAVEN)
    if core and not shutil.which("java"):
        packages.append(_JAVA)
    if proxies:
        packages += [name for name in _PROXIES if not Path(f"/usr/sbin/{name}").exists()]
    return packages


def install_missing(
    *,
    lab: bool = True,
    tests: bool = False,
    groovy: bool = False,
    core: bool = False,
    proxies: bool = False,
) -> None:
    """Install missing Debian or Ubuntu packages by apt-get.

    It asks first, unless MOORAGE_YES=1 or CI is set. The tests start an OpenSSH server of their
    own on loopback; where its package is installed for them, its service is kept from starting.

    Args:
        lab: what the lab needs.
        tests: what the tests need besides; in the lab a second client of registries.
        groovy: what runs the scripts for old versions of Nexus; brings Java.
        proxies: nginx and HAProxy, whose configuration the tests hold against them.
        core: what fetches a real Nexus core for the tests and runs it.

    Raises:
        HostLacksError: they were not installed.
    """
    packages = _missing(lab=lab, tests=tests, groovy=groovy, core=core, proxies=proxies)
    if not packages:
        return
    words = " ".join(packages)
    if not (os.environ.get("MOORAGE_YES") == "1" or os.environ.get("CI")):
        if not sys.stdin.isatty():
            raise HostLacksError(f"packages are missing: {words}. Install them, or say --yes")
        if input(f"install {words} by apt-get? [y/N] ").strip().lower() not in {"y", "yes"}:
            raise HostLacksError("nothing was installed")
    if Path("/run/systemd/system").exists():
        for package, units in _UNITS.items():
            if package in packages:
                print(f"the service of {package} stays off: systemctl unmask turns that back")
                _as_root("systemctl", "mask", *units)
    _as_root("apt-get", "update", "-q")
    _as_root(
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=300",
        "install",
        "-q",
        "-y",
        "--no-install-recommends",
        *packages,
    )


def _as_root(*argv: str) -> None:
    """Run a command as root, questions of packages answered by their defaults.

    Raises:
        HostLacksError: it failed.
    """
    sudo = [] if is_root() else ["sudo"]
    words = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", *argv]
    if subprocess.run(words, stdout=sys.stderr, check=False).returncode:
        raise HostLacksError(f"{' '.join(argv)} failed")
