"""A real OpenSSH server on loopback: its keys, its configuration, its end."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

_CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {host_key}
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
AllowTcpForwarding yes
SetEnv PATH={programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
"""


def make_key(path: Path) -> Path:
    """A new key pair; gives the private one's path."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)], check=True
    )
    return path


def fingerprint_of(key: Path) -> str:
    """What OpenSSH itself says that a key's fingerprint is."""
    said = subprocess.run(
        ["ssh-keygen", "-l", "-E", "sha256", "-f", f"{key}.pub"],
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.split()[1]


class SshServer:
    """sshd as the current user, on a port of its own.

    Programs put into ``programs`` come first on the PATH of every session.
    """

    def __init__(self, folder: Path) -> None:
        program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            pytest.fail("no sshd on this machine: apt-get install openssh-server")
        self.folder = folder
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.host_key = make_key(folder / "host_key")
        self.user_key = make_key(folder / "user_key")
        self.user = pwd.getpwuid(os.getuid()).pw_name
        shutil.copy(f"{self.user_key}.pub", folder / "authorized_keys")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self.known_hosts = folder / "known_hosts"
        kind, key = Path(f"{self.host_key}.pub").read_text().split()[:2]
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {kind} {key}\n")

    def start(self) -> None:
        if os.getuid() == 0:
            # the package's service makes it; sshd refuses to start without
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        config = self.folder / "sshd_config"
        config.write_text(
            _CONFIG.format(
                port=self.port, host_key=self.host_key, folder=self.folder, programs=self.programs
            )
        )
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [self._program, "-D", "-e", "-f", str(config)], stdout=log, stderr=log
        )
        log.close()
        deadline = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"sshd did not start: {(self.folder / 'log').read_text()}")
            time.sleep(0.01)

    def signal_sessions(self, number: signal.Signals) -> int:
        """Send a signal to what serves the sessions; the listener stays. How many there were."""
        assert self._process
        sessions = _descendants(self._process.pid)
        for pid in sessions:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return len(sessions)

    def stop(self) -> None:
        if self._process is None:
            return
        self.signal_sessions(signal.SIGKILL)
        self._process.kill()
        self._process.wait()


def _descendants(pid: int) -> list[int]:
    """The sshd processes below a process."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            words = (entry / "stat").read_text().rpartition(")")[2].split()
            name = (entry / "comm").read_text().strip()
            if name.startswith("sshd"):
                children.setdefault(int(words[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found
