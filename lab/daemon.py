"""Starts programs that outlive the command, and finds and ends them again by their pid file."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from .errors import LabError, NotReadyError
from .process import environment, signal_group

_START_SECONDS = 5.0
_END_SECONDS = 20.0
_ORDERLY_SECONDS = 5.0
_EXEC_SECONDS = 0.2
_RECORD_AND_EXEC = 'echo $$ > "$0" && exec "$@"'


class Daemon:
    """A program in a session of its own, known by a pid file.

    A pid counts only while its command line still holds `mark`: numbers are used again, above
    all after a restart of the machine.

    Args:
        pid_file: Where its pid is recorded.
        mark: Text that stands in the program's command line and in no other's.
    """

    def __init__(self, pid_file: Path, mark: str) -> None:
        self._pid_file = pid_file
        self._mark = mark

    def start(
        self, argv: Sequence[str | Path], log: Path, env: Mapping[str, str] | None = None
    ) -> int:
        """Start the program, detached from this process; gives back its pid.

        Args:
            argv: Program and arguments, `mark` among them.
            log: File for what it prints.
            env: Variables on top of the current environment.

        Raises:
            LabError: It did not start.
        """
        self._pid_file.unlink(missing_ok=True)
        words = ["setsid", "--fork", "sh", "-c", _RECORD_AND_EXEC, self._pid_file, *argv]
        with log.open("ab") as out:
            subprocess.run(
                [str(word) for word in words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=environment(env),
                check=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            pid = self.pid()
            if pid is not None:
                return pid
            time.sleep(0.01)
        raise LabError(f"{argv[0]} did not start; see {log}")

    def pid(self) -> int | None:
        """Its pid, or None when it does not run (or is not yet the program it will be)."""
        try:
            pid = int(self._pid_file.read_text())
        except (OSError, ValueError):
            return None
        words = _command_line(pid)
        ours = any(self._mark in word for word in words) and _RECORD_AND_EXEC not in words
        return pid if ours else None

    def kill(self) -> None:
        """End it and its children at once, with their process groups; if it is gone, so be it.

        A User-Mode Linux kernel leads a group of its own below the nsenter that started it.
        Children go first: their parent, which waits for them, then ends by itself and leaves
        no zombies to a first process that may be slow to bury them.
        """
        pid = self.pid()
        if pid is not None:
            below = children(pid)
            for child in below:
                signal_group(child, signal.SIGKILL)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            if below:
                with contextlib.suppress(NotReadyError):
                    wait_gone([pid], _ORDERLY_SECONDS)
            signal_group(pid, signal.SIGKILL)
            wait_gone([pid, *below])
        self._pid_file.unlink(missing_ok=True)


def _command_line(pid: int) -> list[str]:
    """Words of a process's command line; they are absent for a moment while it changes."""
    deadline = time.monotonic() + _EXEC_SECONDS
    while _exists(pid):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
            if words != [""] or time.monotonic() > deadline:
                return words
        time.sleep(0.002)
    return []


def children(pid: int) -> list[int]:
    """Pids of a process's children; none when it is gone."""
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def wait_gone(pids: Sequence[int], patience: float = _END_SECONDS) -> None:
    """Wait until processes are gone for good, their memory freed.

    Args:
        pids: The processes.
        patience: Seconds to wait.

    Raises:
        NotReadyError: One is still there.
    """
    deadline = time.monotonic() + patience
    left = list(pids)
    while left:
        left = [pid for pid in left if _exists(pid)]
        if left and time.monotonic() > deadline:
            raise NotReadyError(f"processes did not end: {left}")
        time.sleep(0.01)


def _exists(pid: int) -> bool:
    with contextlib.suppress(OSError):
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z"
    return False
