"""Runs local programs, and ends them all when the user gives up."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .errors import LabError

_running: dict[subprocess.Popen[bytes], signal.Signals] = {}
_guard = threading.Lock()
_stopping = threading.Event()
_TAIL_LINES = 15
_TERM_SECONDS = 10.0


def run(
    argv: Sequence[str | Path],
    *,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
    check: bool = True,
    stop_with: signal.Signals = signal.SIGTERM,
) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end in a session of its own and collect what it prints.

    Args:
        argv: Program and arguments; no shell is involved.
        stdin: Bytes to feed; nothing when None.
        env: Variables on top of the current environment.
        timeout: Seconds after which the program is killed.
        check: Raise when the exit code is not 0.
        stop_with: Signal that ends it early; SIGKILL for guests, which heed no other.

    Raises:
        LabError: It could not be started, failed or ran out of time; the message holds the
            command and the last lines it printed.
    """
    words = [str(word) for word in argv]
    child = _start(words, stdin is not None, env, stop_with)
    try:
        out, err = child.communicate(stdin, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise LabError(f"not done after {timeout:.0f} s: {shlex.join(words)}") from None
    finally:
        _end(child)
    if check and child.returncode:
        raise LabError(_complaint(words, child.returncode, err or out))
    return subprocess.CompletedProcess(words, child.returncode, out, err)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables for a program: this process's own, with the sbin directories on the PATH.

    Plain users often lack those, yet may well run what is in them in a user namespace.
    """
    path = ":".join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    return {**os.environ, "PATH": path, **(extra or {})}


def _start(
    words: list[str],
    fed: bool,
    env: Mapping[str, str] | None,
    stop_with: signal.Signals,
) -> subprocess.Popen[bytes]:
    with _guard:
        if _stopping.is_set():
            raise LabError(f"given up: {shlex.join(words)}")
        try:
            child = subprocess.Popen(
                words,
                stdin=subprocess.PIPE if fed else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment(env),
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise LabError(f"program not found: {error.filename}") from error
        _running[child] = stop_with
    return child


def _end(child: subprocess.Popen[bytes]) -> None:
    """Leave nothing of a child behind: ask its group to end, then make it."""
    if child.poll() is None:
        signal_group(child.pid, _running[child])
        try:
            child.wait(_TERM_SECONDS)
        except subprocess.TimeoutExpired:
            signal_group(child.pid, signal.SIGKILL)
            child.wait()
    with _guard:
        del _running[child]


@contextmanager
def stopped() -> Iterator[None]:
    """End every program that threads are running, and let none start within the block."""
    _stopping.set()
    with _guard:
        children = list(_running.items())
    for child, number in children:
        signal_group(child.pid, number)
    try:
        yield
    finally:
        _stopping.clear()


def signal_group(leader: int, number: int) -> None:
    """Send a signal to a process group; one that is gone is no error."""
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return


def _complaint(words: list[str], code: int, printed: bytes) -> str:
    tail = printed.decode(errors="replace").strip().splitlines()[-_TAIL_LINES:]
    return "\n  ".join([f"exit code {code}: {shlex.join(words)}", *tail])
