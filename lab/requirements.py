"""Looks at the machine before anything is begun, and says all that is missing in one go."""

from __future__ import annotations

import getpass
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from .errors import HostLacksError
from .kernel import needs_library
from .paths import Paths
from .privilege import is_root
from .process import environment
from .topology import GUESTS

PROGRAMS = {
    "linux.uml": "user-mode-linux",
    "mmdebstrap": "mmdebstrap",
    "ip": "iproute2",
    "mke2fs": "e2fsprogs",
    "ssh": "openssh-client",
    "openssl": "openssl",
    "curl": "curl",
    "nsenter": "util-linux",
}
"""Programs the lab runs, and the Debian and Ubuntu packages that have them."""

_COMPILER = ("gcc", "libc6-dev")

BUILD_BYTES = 8 << 30
RUN_BYTES = 3 << 30
SPARE_MEMORY_MIB = 512
_TUN = Path("/dev/net/tun")
_NO_USER_NAMESPACES = (
    "user namespaces are off: run as root, or sudo sysctl kernel.unprivileged_userns_clone=1 "
    "kernel.apparmor_restrict_unprivileged_userns=0 (those of the two that there are)"
)


def check_host(paths: Paths) -> None:
    """Check that this machine can run the lab.

    Raises:
        HostLacksError: It can't; the message lists everything that is missing, each with what
            to do about it.
    """
    found = [*_packages(), *_system(), *_namespaces(), *_devices(), *_room(paths.cache)]
    if found:
        raise HostLacksError(message(found))


def message(lacking: Iterable[str]) -> str:
    """The one message about all that is missing."""
    return "\n".join(["this machine can't run the lab yet:", *(f"  - {one}" for one in lacking)])


def _which(program: str) -> str | None:
    return shutil.which(program, path=environment()["PATH"])


def missing_packages(which: Callable[[str], str | None] = _which) -> list[str]:
    """Packages to install, by the programs that are not found.

    Args:
        which: Finds a program, as `shutil.which` does.
    """
    wanted = dict(PROGRAMS) if is_root() else {**PROGRAMS, "newuidmap": "uidmap"}
    packages = [package for program, package in wanted.items() if not which(program)]
    if needs_library() and not which("cc"):
        packages += _COMPILER
    return packages


def _packages() -> list[str]:
    packages = missing_packages()
    if not packages:
        return []
    sudo = "" if is_root() else "sudo "
    line = f"{sudo}apt-get install --no-install-recommends {' '.join(packages)}"
    return [f"packages are missing: {line}"]


def _system() -> list[str]:
    machine = platform.machine()
    if machine != "x86_64":
        return [f"the guests' kernel is for x86_64 alone, this is {machine}"]
    if not Path("/etc/debian_version").exists():
        return ["the guests are made from the host's own packages: it must be Debian or Ubuntu"]
    return []


def _namespaces() -> list[str]:
    if is_root():
        if _works(["unshare", "--net", "--mount", "--pid", "--fork", "true"]):
            return []
        return ["root may not make namespaces here (a container without CAP_SYS_ADMIN?)"]
    if not _works(["unshare", "--user", "--map-root-user", "--net", "--mount", "true"]):
        return [_NO_USER_NAMESPACES]
    if not _works(["unshare", "--user", "--map-root-user", "--map-auto", "true"]):
        ids = "100000-165535"
        line = f"sudo usermod --add-subuids {ids} --add-subgids {ids} {getpass.getuser()}"
        return [f"this user has no sub-ids, or unshare does not know --map-auto: {line}"]
    return []


def _works(argv: list[str]) -> bool:
    try:
        return subprocess.run(argv, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _devices() -> list[str]:
    if not _TUN.exists():
        return [f"{_TUN} is missing: modprobe tun (as root)"]
    if not os.access(_TUN, os.R_OK | os.W_OK):
        return [f"{_TUN} may not be opened by this user: sudo chmod 0666 {_TUN}, or run as root"]
    return []


def _room(cache: Path) -> list[str]:
    found = []
    built = any(cache.glob("docker-manager.img-*")) if cache.exists() else False
    need = RUN_BYTES if built else BUILD_BYTES
    free = shutil.disk_usage(_existing(cache)).free
    if free < need:
        found.append(
            f"{cache} needs {need >> 30} GiB of disk and has {free >> 30}: "
            "set MOORAGE_LAB_CACHE to a roomier directory"
        )
    memory = _available_memory_mib()
    wanted = sum(guest.memory_mib for guest in GUESTS) + SPARE_MEMORY_MIB
    if memory < wanted:
        found.append(f"the guests need {wanted} MiB of memory, {memory} are free")
    return found


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _available_memory_mib() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) >> 10
    return 0
