"""One side of a comparison: a command, how it is run and timed, and how its work is checked."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.errors import BenchError

_POLL_SECONDS = 0.01
_LIMIT_SECONDS = 600
AS_RUN = ("--write-pyc",)
"""What ``./run`` gives fab and inv, so that they keep the compiled form of their tasks' files."""
MOORAGE = (
    sys.executable, "-P", str(Path(__file__).resolve().parent.parent / "moorage" / "__main__.py"),
    *AS_RUN,
)  # fmt: skip
"""``fab`` as ``./run fab`` starts it."""
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Side:
    """A command that does the work.

    Args:
        name: what it is called in the results.
        argv: the command, as an operator would start it.
        env: variables set in addition.
        cwd: working folder.
        stdin: file to read; None for nothing.
        codes: exit codes that mean that the work was done.
        says: text that its output must have; a regular expression.
        after: run after each run, outside of the time that counts.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    stdin: Path | None = None
    codes: tuple[int, ...] = (0,)
    says: str = ""
    after: Callable[[], None] | None = None

    def run(self) -> float:
        """Run it once; give the seconds that it took.

        Raises:
            BenchError: another exit code, or not the output that it should have.
        """
        begin = time.perf_counter()
        process = self._start()
        try:
            output, _ = process.communicate(timeout=_LIMIT_SECONDS)
        except BaseException:  # Ctrl-C above all
            process.kill()
            process.wait()
            raise
        taken = time.perf_counter() - begin
        self._check(process.returncode, output)
        if self.after:
            self.after()
        return taken

    def peak(self) -> float:
        """Run it once more; give the peak of its own process's resident memory in MiB.

        The kernel's mark of the process itself is read while it runs: what ``wait4`` tells may
        be that of the process which started it.
        """
        process = self._start(discard=True)
        status, seen = Path(f"/proc/{process.pid}/status"), 0
        while process.poll() is None:
            found = _PEAK.search(status.read_text())
            seen = int(found[1]) if found else seen
            time.sleep(_POLL_SECONDS)
        if self.after:
            self.after()
        return seen / 1024

    def _start(self, *, discard: bool = False) -> subprocess.Popen[bytes]:
        stdin = self.stdin.open("rb") if self.stdin else subprocess.DEVNULL
        try:
            return subprocess.Popen(
                self.argv,
                env={**os.environ, **self.env},
                cwd=self.cwd,
                stdin=stdin,
                stdout=subprocess.DEVNULL if discard else subprocess.PIPE,
                stderr=subprocess.DEVNULL if discard else subprocess.STDOUT,
            )
        finally:
            if not isinstance(stdin, int):
                stdin.close()

    def _check(self, code: int, output: bytes) -> None:
        text = output.decode(errors="replace")
        if code not in self.codes or not re.search(self.says, text):
            wanted = f" and {self.says!r} in its output" if self.says else ""
            raise BenchError(
                f"{self.name}: ended with {code}, wanted {self.codes}{wanted}:\n{text[-2000:]}"
            )
