"""How the guests are reached from outside: ssh_config, known_hosts, and commands over ssh."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from .errors import LabError, NotReadyError
from .identity import Keys
from .paths import Paths
from .process import run
from .topology import GUESTS

_DIAL = Path(__file__).with_name("dial.py")
_UNREACHED = 255
_ALIVE = ("ConnectTimeout=15", "ServerAliveInterval=5", "ServerAliveCountMax=3")


def ssh_config(home: Path, enter: Path) -> str:
    """Text of an OpenSSH client configuration with all guests, by name and by address.

    Args:
        home: Directory with id_lab and known_hosts.
        enter: The lab's enter script.
    """
    hosts = " ".join(f"{guest.name} {guest.address}" for guest in GUESTS)
    proxy = shlex.join([str(enter), sys.executable, "-I", "-S", str(_DIAL)])
    lines = [
        "# Reaches the lab's guests through its network namespace.",
        f"Host {hosts}",
        "    User root",
        f"    IdentityFile {home / 'id_lab'}",
        "    IdentitiesOnly yes",
        f"    UserKnownHostsFile {home / 'known_hosts'}",
        "    StrictHostKeyChecking yes",
        f"    ProxyCommand {proxy} %h %p",
    ]
    for guest in GUESTS:
        lines += [f"Host {guest.name}", f"    HostName {guest.address}"]
    return "\n".join(lines) + "\n"


def known_hosts(host_key: str) -> str:
    """Text of a known_hosts file: the one host key, for every name and address.

    Args:
        host_key: The public host key as ssh-keygen writes it.
    """
    kind, key = host_key.split()[:2]
    names = ",".join(f"{guest.name},{guest.address}" for guest in GUESTS)
    return f"{names} {kind} {key}\n"


def write_client_files(paths: Paths, keys: Keys) -> None:
    """Write id_lab, known_hosts and ssh_config into the lab's home."""
    private = paths.home / "id_lab"
    private.unlink(missing_ok=True)
    private.touch(mode=0o600)
    private.write_bytes(keys.private.read_bytes())
    shutil.copy(keys.public, private.with_suffix(".pub"))
    host_key = keys.host_key.with_suffix(".pub").read_text()
    (paths.home / "known_hosts").write_text(known_hosts(host_key))
    paths.ssh_config.write_text(ssh_config(paths.home, paths.enter))


class Ssh:
    """Runs scripts in guests; connections are shared and stay open for a minute."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def words(self, user: str, host: str) -> list[str]:
        """Words of an ssh command up to the host's name."""
        config = ["-F", str(self._paths.ssh_config), "-o", "BatchMode=yes", "-l", user]
        shared = [f"ControlPath={self._paths.run}/%r@%n", "ControlMaster=auto"]
        options = [*shared, "ControlPersist=60", "LogLevel=ERROR", *_ALIVE]
        return ["ssh", *config, *(word for option in options for word in ("-o", option)), host]

    def answers(self, host: str, patience: float) -> bool:
        """Whether a guest takes a command, if need be after a wait.

        Args:
            host: Name of the guest.
            patience: Seconds during which its port is tried.
        """
        argv = [*self.words("root", host), "true"]
        return run(argv, env={"LAB_DIAL_SECONDS": f"{patience}"}, check=False).returncode == 0

    def forget(self, host: str) -> None:
        """Close the shared connections to a guest; one to a dead guest would hang its users."""
        for socket in self._paths.run.glob(f"*@{host}"):
            argv = ["ssh", "-F", "none", "-o", f"ControlPath={socket}", "-O", "exit", host]
            run(argv, check=False)
            socket.unlink(missing_ok=True)

    def run(
        self, host: str, script: str, *, user: str = "root", check: bool = True, timeout: float
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a shell script in a guest; it goes by standard input, so no quoting is needed.

        Args:
            host: Name of the guest.
            script: Text for `sh`.
            user: Account there.
            check: Raise when the script's exit code is not 0.
            timeout: Seconds for all of it.

        Raises:
            NotReadyError: The guest could not be reached.
            LabError: The script failed or took too long.
        """
        argv = [*self.words(user, host), "sh -s"]
        done = run(argv, stdin=script.encode(), timeout=timeout, check=False)
        if done.returncode == _UNREACHED:
            raise NotReadyError(f"{host} is not reached by ssh: {done.stderr.decode().strip()}")
        if check and done.returncode:
            printed = (done.stderr or done.stdout).decode(errors="replace").strip()
            raise LabError(f"exit code {done.returncode} on {host}: {script.strip()}\n{printed}")
        return done
