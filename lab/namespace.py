"""The lab's own namespaces: network, mounts and processes, and users when not root."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from . import topology
from .daemon import Daemon, children
from .errors import LabError
from .paths import Paths
from .privilege import is_root
from .process import run

_HOLDER = Path(__file__).with_name("holder.py")


class Namespace:
    """Namespaces kept alive by one holder process, and entered with nsenter."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._holder = Daemon(paths.run / "holder.pid", str(paths.run))

    def create(self) -> None:
        """Make the namespaces, with a bridge, a tap for each guest, and /etc/hosts.

        Raises:
            LabError: The machine does not allow it; the message holds what was tried.
        """
        unshare = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child"]
        users = [] if is_root() else ["--user", "--map-root-user"]
        # The last word does nothing but mark the process as this lab's.
        program = [sys.executable, "-I", "-S", str(_HOLDER), str(self._paths.run)]
        self._holder.start([*unshare, *users, "--", *program], self._paths.run / "holder.log")
        self._wait_for_first_process()
        names = self._write("hosts", topology.hosts_file())
        resolver = self._write("resolv.conf", "# Names of the lab stand in /etc/hosts.\n")
        self.run(["sh", "-ec", _SETUP, "setup", names, resolver, *_taps()])

    def _wait_for_first_process(self) -> None:
        for _ in range(200):
            if self.first_process() is not None:
                return
            if self._holder.pid() is None:
                break
            run(["sleep", "0.01"])
        log = (self._paths.run / "holder.log").read_text().strip()
        raise LabError(f"the lab's namespaces could not be made: {log}")

    def _write(self, name: str, text: str) -> Path:
        path = self._paths.run / name
        path.write_text(text)
        return path

    def first_process(self) -> int | None:
        """Pid of the holder inside, as seen from outside; None when there is no lab."""
        outer = self._holder.pid()
        inside = children(outer) if outer is not None else []
        return inside[0] if inside else None

    def enter_words(self, folder: str = "/") -> list[str]:
        """Words to put before a command that is to run inside.

        Args:
            folder: The command's working directory.

        Raises:
            LabError: The lab is down.
        """
        target = self.first_process()
        if target is None:
            raise LabError("the lab is down; start it with: ./run lab up")
        users = [] if is_root() else ["--user", "--preserve-credentials"]
        kinds = [*users, "--net", "--mount", "--pid"]
        return ["nsenter", f"--target={target}", *kinds, f"--wdns={folder}", "--"]

    def run(self, argv: Sequence[str | Path], *, timeout: float = 60.0) -> bytes:
        """Run a command inside and give back what it printed."""
        return run([*self.enter_words(), *argv], timeout=timeout).stdout

    def script(self) -> str:
        """Text of a shell script that runs its arguments inside."""
        words = shlex.join(self.enter_words("HERE")).replace("HERE", '"$PWD"')
        return (
            "#!/bin/sh\n# Runs a command inside the lab's namespaces (network, mounts, processes)."
            f'\nexec {words} "$@"\n'
        )

    def destroy(self) -> None:
        """End everything inside and the namespaces with it; harmless when there are none."""
        self._holder.kill()


def _taps() -> list[str]:
    return [guest.tap for guest in topology.GUESTS]


_SETUP = f"""
mount --bind "$1" /etc/hosts
mount --bind "$2" /etc/resolv.conf
shift 2
ip link set lo up
ip link add {topology.BRIDGE} type bridge forward_delay 0
ip addr add {topology.GATEWAY}/{topology.PREFIX_LENGTH} dev {topology.BRIDGE}
ip link set {topology.BRIDGE} up
for tap in "$@"; do
    ip tuntap add dev "$tap" mode tap
    ip link set "$tap" master {topology.BRIDGE} up
done
"""
