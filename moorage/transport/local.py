"""This machine as a host: the same verbs on subprocess, for building images here."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence

from moorage.errors import CommandFailed, Refused, Unreachable
from moorage.quoting import Script, command_line
from moorage.transport.base import Result

_PIECE = 262144
_USUAL_SECONDS = 900.0


class LocalHost:
    """The operator's own machine; ``docker`` here may well be one far away by DOCKER_HOST."""

    name = "this machine"

    def open(self) -> None:
        """Nothing is to be connected to."""

    def run(self, script: Script, *, timeout: float | None = None) -> Result:
        """Run a script by ``sh -s``; see :meth:`Host.change`."""
        limit = timeout or _USUAL_SECONDS
        try:
            done = subprocess.run(
                ["sh", "-s"], input=script.text().encode(), capture_output=True,
                timeout=limit, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as cause:
            raise Unreachable(
                f"no end after {limit:.0f} s: {script.summary}", host=self.name,
                hint="run again to carry on",
            ) from cause  # fmt: skip
        return Result(
            done.returncode, done.stdout.decode(errors="replace"),
            done.stderr.decode(errors="replace"),
        )  # fmt: skip

    def read(self, script: Script, *, timeout: float | None = None) -> str:
        return self.run(script, timeout=timeout).require(script, self.name)

    def change(self, script: Script, *, timeout: float | None = None) -> Result:
        return self.run(script, timeout=timeout)

    def output(self, argv: Sequence[str]) -> LocalOutput:
        return LocalOutput(_started(argv), argv)

    def feed(self, argv: Sequence[str], pieces: Iterator[bytes]) -> str:
        process = _started(argv)
        assert process.stdin  # noqa: S101
        try:
            for piece in pieces:
                process.stdin.write(piece)
        except BrokenPipeError:
            pass
        stdout, stderr = process.communicate()
        result = Result(process.returncode, stdout.decode(errors="replace"),
                        stderr.decode(errors="replace"))  # fmt: skip
        return result.require(Script("load what was sent", command_line(argv)), self.name)

    def close(self) -> None:
        """Nothing is kept open."""


class LocalOutput:
    """The stdout of a started command, piece by piece."""

    def __init__(self, process: subprocess.Popen[bytes], argv: Sequence[str]) -> None:
        self._process = process
        self._argv = argv

    def pieces(self) -> Iterator[bytes]:
        process = self._process
        assert process.stdout  # noqa: S101
        assert process.stderr  # noqa: S101
        while piece := process.stdout.read(_PIECE):
            yield piece
        stderr = process.stderr.read().decode(errors="replace")
        if process.wait():
            raise CommandFailed(
                "the command broke off", command=command_line(self._argv),
                exit_code_seen=process.returncode, output=stderr, host=LocalHost.name,
            )  # fmt: skip


def _started(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except FileNotFoundError as cause:
        raise Refused(
            f"there is no {argv[0]} command on this machine",
            hint="install the Docker client here, or use fab build-image",
        ) from cause
