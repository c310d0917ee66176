"""Many hosts on one machine: OpenSSH servers on loopback addresses, with an /etc of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BenchError
from bench.hosts.keys import Login

HERE = Path(__file__).resolve().parent
_MOST_ADDRESSES = 16
"""``MAX_LISTEN_SOCKS`` of OpenSSH's sshd.c: more addresses need another sshd."""
_CONFIG = """\
Port {port}
HostKey {host_key}
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
MaxStartups 1000
LogLevel VERBOSE
Subsystem sftp internal-sftp
SetEnv PATH={programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin SHLVL=1
"""


@dataclass(frozen=True)
class Served:
    """What the hosts were asked for since the last look.

    Args:
        connects: SSH connections that logged in.
        execs: commands started.
        sftp: SFTP sessions started.
    """

    connects: int
    execs: int
    sftp: int


class Hosts:
    """The servers; every address shows the same files, in a mount namespace of their own.

    ``SHLVL=1`` keeps bash from reading the account's ``.bashrc`` for each command.

    Args:
        folder: an empty scratch folder.
        addresses: loopback addresses, each of which becomes a host.
        port: TCP port of all of them.
        login: the keys.
    """

    def __init__(self, folder: Path, addresses: Sequence[str], port: int, login: Login) -> None:
        self._folder = folder
        self._addresses = addresses
        self._port = port
        self._login = login
        self._process: subprocess.Popen[bytes] | None = None
        self._read = 0

    def start(self) -> None:
        """Start them and wait until each answers.

        Raises:
            BenchError: no root rights, no sshd, or no answer.
        """
        if os.getuid() != 0:
            raise BenchError("the work item gives a directory to uid 200: run the bench as root")
        program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            raise BenchError("there is no sshd: apt-get install openssh-server")
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        (self._folder / "copy").mkdir()
        self._configure()
        argv = ["unshare", "--mount", "--propagation", "private", "sh", str(HERE / "start.sh"),
                str(self._folder), program]  # fmt: skip
        self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
        for address in self._addresses:
            self._await(address)

    def _configure(self) -> None:
        text = _CONFIG.format(
            port=self._port, host_key=self._login.host_key, folder=self._folder,
            programs=HERE / "programs",
        )  # fmt: skip
        for first in range(0, len(self._addresses), _MOST_ADDRESSES):
            listen = self._addresses[first : first + _MOST_ADDRESSES]
            lines = "".join(f"ListenAddress {address}\n" for address in listen)
            (self._folder / f"sshd_config.{first}").write_text(text + lines)

    def _await(self, address: str) -> None:
        deadline = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection((address, self._port), 1).close()
                return
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"sshd did not start at {address}: see {self._folder / 'log'}")
            time.sleep(0.01)

    @property
    def root(self) -> Path:
        """The hosts' file tree, seen from outside."""
        assert self._process is not None
        return Path(f"/proc/{self._process.pid}/root")

    def reset(self) -> None:
        """Take back what the work item makes, on all hosts."""
        shutil.rmtree(self.root / "srv/nexus", ignore_errors=True)
        for path in (*(self.root / "etc/exports.d").iterdir(), self.root / "srv/etab"):
            path.unlink(missing_ok=True)

    def served(self) -> Served:
        """What was asked for since the last call, as sshd's own log tells it."""
        log = self._folder / "log"
        with log.open("rb") as file:
            file.seek(self._read)
            lines = file.read().decode(errors="replace").splitlines()
            self._read = file.tell()
        return Served(
            connects=sum("Accepted publickey" in line for line in lines),
            execs=sum("Starting session: command" in line for line in lines),
            sftp=sum("Starting session: subsystem 'sftp'" in line for line in lines),
        )

    def stop(self) -> None:
        """End them; their file tree ends with them."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None
